/**
 * How a bridge of Python turns values of results into what JSON can say, in Python. A value of the wrong type becomes one that is
 * of the wrong type in JSON too, so that the reader of answers refuses it.
 */
export const PYTHON_CONVERSIONS = `
# Values of results.


def wrong(value, marker=False):
    odd_values.append(value)
    return marker


def string_data(value):
    return str.__str__(value) if isinstance(value, str) else wrong(value)


def boolean_data(value):
    return value if value is True or value is False else wrong(value, 0)


def is_int(value):
    return isinstance(value, int) and value is not True and value is not False


def int_data(value):
    return int.__index__(value) if is_int(value) else wrong(value)


def long_data(value):
    return int.__repr__(value) if is_int(value) else wrong(value)


def float_data(value):
    if is_int(value):
        return int.__float__(value)
    if not isinstance(value, float):
        return wrong(value)
    return float.__float__(value) if value - value == 0.0 else non_finite(value)


def non_finite(value):
    return 'NaN' if value != value else 'Infinity' if value > 0 else '-Infinity'


def decimal_text(value):
    """Without an exponent, which would lose zeros, unless that would be absurdly long."""
    text = Decimal.__str__(value)
    return Decimal.__format__(value, 'f') if 'E' in text and -500 < value.adjusted() < 500 else text


def decimal_data(value):
    return decimal_text(value) if isinstance(value, Decimal) else string_data(value)


def datetime_data(value):
    if not isinstance(value, datetime):
        return string_data(value)
    if value.utcoffset() is not None:
        value = value.astimezone(UTC)
    return datetime.isoformat(value.replace(tzinfo=None))


def date_data(value):
    is_date = isinstance(value, date) and not isinstance(value, datetime)
    return date.isoformat(value) if is_date else string_data(value)


def time_data(value):
    return time.isoformat(value) if isinstance(value, time) else string_data(value)


def uuid_data(value):
    return UUID.__str__(value) if isinstance(value, UUID) else string_data(value)


def array_converter(convert):
    def array_data(value):
        if not isinstance(value, (list, tuple)):
            return wrong(value)
        return [None if item is None else convert(item) for item in value]

    return array_data


def map_converter(convert):
    def map_data(value):
        if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
            return wrong(value)
        return {key: None if item is None else convert(item) for key, item in value.items()}

    return map_data


def object_converter(converters):
    def object_data(value):
        if not isinstance(value, dict):
            return wrong(value)
        data = {}
        for key, item in value.items():
            convert = converters.get(key, wrong)
            data[name_of(key)] = None if item is None else convert(item)
        return data

    return object_data


def name_of(key):
    return key if isinstance(key, str) else shown(key)


def shown(key):
    return str(key)[:MAX_NAME_LENGTH]


def json_known(value):
    if isinstance(value, (date, time, UUID, Decimal)):
        return str(value)
    raise TypeError



def json_data(value):
    """The text of a value of kind json; empty, which is no JSON, where there is none."""
    try:
        return encode(value)
    except TypeError:
        return ''
    except ValueError as error:
        if str(error).startswith('Circular'):
            raise circular() from None
    try:
        return encode(finite(value))
    except TypeError:
        return ''


def finite(value):
    if isinstance(value, float):
        return value if value - value == 0.0 else non_finite(value)
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    return [finite(item) for item in value] if isinstance(value, (list, tuple)) else value
`;
