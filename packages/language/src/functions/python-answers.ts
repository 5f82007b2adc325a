/** How a bridge of Python writes answers, tells why a record or a source fails, and opens a source, in Python. */
export const PYTHON_ANSWERS = String.raw`
# Answers.


def odd(value, convert):
    """Writes a value that is not of the expected type exactly."""
    if value is None:
        nulls.append(len(flat))
        push('')
    elif value is ABSENT:
        absent.append(len(flat))
        push('')
    else:
        text = dumps(convert(value))
        as_json.append(len(flat))
        push(text)


def dict_of(result):
    if isinstance(result, dict):
        return dict(result)
    if isinstance(result, AWAITED):
        raise Refused('NotAnObject', 'transformed value is a coroutine; transform must not be async')
    if isinstance(result, types.GeneratorType):
        raise Refused('NotAnObject', 'transformed value is a generator; transform must return, not yield')
    raise Refused('NotAnObject', f"transformed value is '{type(result).__name__[:MAX_NAME_LENGTH]}', not 'dict'")


def refuse_unknown(result, known):
    """Only the name of the property matters of a result that has one too many."""
    refuse_circular(result)
    for key in result:
        if not isinstance(key, str) or key not in known:
            raise Whole(dumps({name_of(key): None}))


def circular():
    return Refused('CircularReference', 'transformed value contains a circular reference')


def refuse_circular(result):
    """Where all values are of their types there is no circle but in JSON, which is seen when it is written."""
    odd_values.clear()
    look_for_circle(result, set())


def look_for_circle(value, outer):
    if not isinstance(value, (dict, list, tuple)):
        return
    if id(value) in outer:
        raise circular()
    outer.add(id(value))
    for item in value.values() if isinstance(value, dict) else value:
        look_for_circle(item, outer)
    outer.discard(id(value))


def fail(index, error):
    if type(error) is Whole:
        whole.append((index, error.text))
    elif type(error) is Refused:
        failed.append((index, error.code, error.text))
    else:
        failed.append((index, 'FunctionThrew', describe(error)))


def raise_if_out_of_memory(error):
    """The parser raises MemoryError with a text where only the source is too complex."""
    if isinstance(error, MemoryError) and not error.args:
        raise error


def describe(error, text_of=str):
    try:
        name = type(error).__name__
        text = text_of(error)
        return (f'Python: {name}: {text}' if text else f'Python: {name}')[:MAX_FAILURE_LENGTH]
    except MemoryError:
        raise
    except BaseException:
        return 'Python: an error without a text'


def answer():
    body = SEPARATOR.join(flat)
    values = None
    if body.count(SEPARATOR) != max(len(flat) - 1, 0) or not is_unicode(body):
        body, values = '', flat
    header = dumps(
        {'nulls': nulls, 'absent': absent, 'json': as_json, 'failed': failed, 'whole': whole, 'values': values}
    )
    reset()
    return header + '\n' + body


def is_unicode(text):
    if text.isascii():
        return True
    try:
        text.encode()
        return True
    except UnicodeEncodeError:
        return False


# The source.


def open_function(source):
    module = types.ModuleType('transform')
    module.__dict__['__builtins__'] = builtins
    sys.modules['transform'] = module
    try:
        exec(compile(source, FILE, 'exec', dont_inherit=True), module.__dict__)
        transform = module.__dict__.get('transform')
        if not callable(transform):
            return 'function "transform" is not defined'
        transforms.append(transform)
        return ''
    except BaseException as error:
        raise_if_out_of_memory(error)
        return describe_with_line(error)


def describe_with_line(error):
    if isinstance(error, SyntaxError):
        text, line = describe(error, lambda error: str(error.msg)), error.lineno
    else:
        text, line = describe(error), line_of(error.__traceback__)
    return text if line is None else f'{text} (line {line})'


def line_of(traceback):
    line = None
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == FILE:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line
`;
