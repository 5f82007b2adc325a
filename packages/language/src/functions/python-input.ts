/**
 * How a bridge of Python reads and writes JSON, and makes values of the language, in Python. The library's own way to JSON is
 * written in Python and uses the built-ins that the source may replace; hence it is done with what that is built on.
 */
export const PYTHON_INPUT = String.raw`
# JSON.


def loads(text):
    return scan(text.lstrip(' \t\n\r'), 0)[0]


def json_of(text):
    """The value of kind json with a text. The interpreter reads as deep as its stack, and ends where that ends."""
    if text.count('[') + text.count('{') > MAX_JSON_DEPTH and depth_of(text) > MAX_JSON_DEPTH:
        raise RecursionError('JSON is nested too deeply')
    return loads(text)


def depth_of(text):
    depth = deepest = 0
    is_text = is_escaped = False
    for character in text:
        if is_text:
            is_text = is_escaped or character != '"'
            is_escaped = character == '\\' and not is_escaped
        elif character == '"':
            is_text = True
        elif character in '[{':
            depth += 1
            deepest = max(deepest, depth)
        elif character in ']}':
            depth -= 1
    return deepest


def encode(value):
    return ''.join(make_encoder({}, json_known, encode_text, None, ':', ',', False, False, False)(value, 0))


dump = make_encoder(None, None, encode_text, None, ':', ',', False, False, False)


def dumps(data):
    return ''.join(dump(data, 0))


# Input.


def datetime_of(text):
    return datetime.fromisoformat(text[:-1])


def array_reader(read):
    return lambda items: [None if item is None else read(item) for item in items]


def map_reader(read):
    return lambda items: {key: None if item is None else read(item) for key, item in items.items()}


def object_reader(members):
    def read_object(value):
        for name, read in members:
            if value.get(name) is not None:
                value[name] = read(value[name])
        return value

    return read_object
`;
