import type { Type } from '../types/type.js';
import type { BridgeLayout } from './dialect.js';
import { PYTHON_RUNTIME } from './python-runtime.js';
import { type SelectedProperty, selectedType } from './selection.js';

/**
 * The code that makes records of a batch, calls the function with each and writes the answer. It defines `open_function`, which
 * takes the user's source and gives what is wrong with it or an empty text, and `answer_batch`, which takes a batch and gives
 * the answer. Both raise only MemoryError, unless the source has tampered with them. What is known of the properties is written
 * out in code, which spares the interpreter a loop for each record.
 */
export function pythonBridge({ input, output, preserveJSON }: BridgeLayout): string {
  return `${PYTHON_RUNTIME}
${input.map((selected, slot) => columnLoader(selected, slot, preserveJSON)).join('')}
${output.map((selected, slot) => `convert${slot} = ${converter(selectedType(selected), preserveJSON)}\n`).join('')}
known = {${output.map(({ property }) => JSON.stringify(property.name)).join(', ')}}

def answer_batch(batch):
    reset()
    columns = loads(batch)
    # The columns of no records are empty texts, which are not values.
    if columns[0] == 0:
        return answer()
    transform = transforms[0]
    for index, ${input.map((_, slot) => `value${slot}, `).join('')}in zip(range(columns[0]), ${input.map((_, slot) => `load${slot}(columns[${slot + 1}])`).join(', ')}):
        start = len(flat)
        try:
            ${recordMaker(input, preserveJSON)}
            result = transform(record)
            if type(result) is not dict:
                result = dict_of(result)
            found = 0
            ${output.map((selected, slot) => resultLines(selected, slot, preserveJSON).join('\n            ')).join('\n            ')}
            if found != len(result):
                refuse_unknown(result, known)
            if odd_values:
                refuse_circular(result)
        except BaseException as error:
            raise_if_out_of_memory(error)
            undo(start)
            fail(index, error)
    return answer()
`;
}

/** Code of a function that makes the values of a column, where making them cannot fail. */
function columnLoader(selected: SelectedProperty, slot: number, preserveJSON: boolean): string {
  const read = isScalar(selected) ? reading(selectedType(selected), preserveJSON) : undefined;
  const values = 'split(column, COLUMN_SEPARATOR) if type(column) is str else column';
  if (read === undefined) return `def load${slot}(column):\n    return ${values}\n`;
  return `read${slot} = ${read}
def load${slot}(column):
    read = read${slot}
    return [None if value is None else read(value) for value in (${values})]
`;
}

/** JSON may be nested too deeply to be read, which fails a record; hence it and what may hold it is read for each record. */
function isScalar(selected: SelectedProperty): boolean {
  const { kind } = selectedType(selected);
  return kind !== 'json' && kind !== 'array' && kind !== 'map' && kind !== 'object';
}

/** Code that makes a record of its values. What may be absent, and is not null, is set only if present. */
function recordMaker(input: readonly SelectedProperty[], preserveJSON: boolean): string {
  const members: string[] = [];
  const statements: string[] = [];
  for (const [slot, selected] of input.entries()) {
    const { property } = selected;
    const value = `value${slot}`;
    const read = isScalar(selected) ? undefined : reading(selectedType(selected), preserveJSON);
    const made = read === undefined ? value : `None if ${value} is None else ${read}(${value})`;
    if (property.readOptional === true && property.nullable !== true) {
      statements.push(`if ${value} is not None: record[${JSON.stringify(property.name)}] = ${made}`);
    } else {
      members.push(`${JSON.stringify(property.name)}: ${made}`);
    }
  }
  return [`record = {${members.join(', ')}}`, ...statements].join('\n            ');
}

/** Code of a function that makes the language's value of a batch's value of a type; undefined where they are the same. */
function reading(type: Type, preserveJSON: boolean): string | undefined {
  switch (type.kind) {
    case 'int':
      return type.bitSize === 64 ? 'int' : undefined;
    case 'float':
      return 'float';
    case 'decimal':
      return 'Decimal';
    case 'datetime':
      return 'datetime_of';
    case 'date':
      return 'date_of';
    case 'time':
      return 'time_of';
    case 'uuid':
      return 'UUID';
    case 'json':
      return preserveJSON ? undefined : 'json_of';
    case 'array':
    case 'map': {
      const read = reading(type.elementType, preserveJSON);
      return read === undefined ? undefined : `${type.kind}_reader(${read})`;
    }
    case 'object': {
      const members = type.properties.flatMap(({ name, type: inner }) => {
        const read = reading(inner, preserveJSON);
        return read === undefined ? [] : [`(${JSON.stringify(name)}, ${read})`];
      });
      return members.length === 0 ? undefined : `object_reader([${members.join(', ')}])`;
    }
    default:
      return undefined;
  }
}

/** Code of a function that makes what JSON can say of a result's value of a type. */
function converter(type: Type, preserveJSON: boolean): string {
  switch (type.kind) {
    case 'int':
      return type.bitSize === 64 ? 'long_data' : 'int_data';
    case 'year':
      return 'int_data';
    case 'json':
      return preserveJSON ? 'string_data' : 'json_data';
    case 'ip':
      return 'string_data';
    case 'array':
    case 'map':
      return `${type.kind}_converter(${converter(type.elementType, preserveJSON)})`;
    case 'object': {
      const members = type.properties.map(
        ({ name, type: inner }) => `${JSON.stringify(name)}: ${converter(inner, preserveJSON)}`,
      );
      return `object_converter({${members.join(', ')}})`;
    }
    default:
      return `${type.kind}_data`;
  }
}

/** Code that writes one property of a result into the body: by its type alone where that says everything. */
function resultLines({ property, position }: SelectedProperty, slot: number, preserveJSON: boolean): string[] {
  const plain = position === -1 ? [] : plainTexts(property.type, preserveJSON);
  const name = JSON.stringify(property.name);
  return [
    `value = result[${name}] if ${name} in result else ABSENT`,
    'if value is not ABSENT: found += 1',
    ...plain.map(([test, text], index) => `${index === 0 ? 'if' : 'elif'} ${test}: push(${text})`),
    plain.length === 0 ? `odd(value, convert${slot})` : `else: odd(value, convert${slot})`,
  ];
}

const IS_TEXT = ['type(value) is str', 'value'] as const;

/** Tests of values whose text alone says everything, and the text. */
function plainTexts(type: Type, preserveJSON: boolean): (readonly [test: string, text: string])[] {
  switch (type.kind) {
    case 'string':
    case 'ip':
      return [IS_TEXT];
    case 'boolean':
      return [
        ['value is True', '"true"'],
        ['value is False', '"false"'],
      ];
    case 'int':
    case 'year':
      return [['type(value) is int', 'repr(value)']];
    case 'float':
      return [['type(value) is float and value - value == 0.0', 'repr(value)']];
    case 'decimal':
      return [['type(value) is Decimal', 'decimal_text(value)'], IS_TEXT];
    case 'datetime':
      return [['type(value) is datetime and value.tzinfo is None', 'value.isoformat()'], IS_TEXT];
    case 'date':
    case 'time':
      return [[`type(value) is ${type.kind}`, 'value.isoformat()'], IS_TEXT];
    case 'uuid':
      return [['type(value) is UUID', 'str(value)'], IS_TEXT];
    case 'json':
      return preserveJSON ? [IS_TEXT] : [['value is not None and value is not ABSENT', 'json_data(value)']];
    default:
      return [];
  }
}
