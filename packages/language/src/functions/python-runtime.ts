import { PYTHON_ANSWERS } from './python-answers.js';
import { PYTHON_CONVERSIONS } from './python-conversions.js';
import { PYTHON_INPUT } from './python-input.js';
import { COLUMN_SEPARATOR, MAX_FAILURE_LENGTH, SEPARATOR } from './wire.js';

const PRELUDE = `
import builtins
__builtins__ = dict(vars(builtins))

import json.encoder, json.scanner, sys, types
from datetime import date, datetime, time, timezone
from decimal import Decimal
from uuid import UUID

SEPARATOR = ${JSON.stringify(SEPARATOR)}
COLUMN_SEPARATOR = ${JSON.stringify(COLUMN_SEPARATOR)}
MAX_FAILURE_LENGTH = ${MAX_FAILURE_LENGTH}
MAX_NAME_LENGTH = 60
MAX_JSON_DEPTH = 10000

scan = json.scanner.c_make_scanner(json.JSONDecoder())
encode_text = json.encoder.c_encode_basestring_ascii
make_encoder = json.encoder.c_make_encoder
split = str.split
date_of = date.fromisoformat
time_of = time.fromisoformat
UTC = timezone.utc
ABSENT = object()
FILE = 'transform.py'
AWAITED = types.CoroutineType, types.AsyncGeneratorType

transforms = []
flat, nulls, absent, as_json, failed, whole, odd_values = [], [], [], [], [], [], []
push = flat.append


class Refused(Exception):
    def __init__(self, code, text):
        self.code = code
        self.text = text


class Whole(Exception):
    def __init__(self, text):
        self.text = text


def reset():
    for part in (flat, nulls, absent, as_json, failed, whole, odd_values):
        part.clear()


def undo(start):
    """A record that cannot be written to its end leaves nothing in the body."""
    del flat[start:]
    for positions in (nulls, absent, as_json):
        while positions and positions[-1] >= start:
            positions.pop()
    odd_values.clear()
`;

/**
 * What every bridge of Python has, in Python. It runs before the user's source and keeps what it needs of the language, with a
 * copy of the built-ins: the source may replace any of it. Tampering beyond that only harms the function itself, as its answers
 * are never trusted.
 */
export const PYTHON_RUNTIME = [PRELUDE, PYTHON_INPUT, PYTHON_CONVERSIONS, PYTHON_ANSWERS].join('\n');
