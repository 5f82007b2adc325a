import type { Type } from '../types/type.js';
import { type ParsedDatetime, parseRfc3339 } from '../values/datetime-text.js';
import type { Dialect } from './dialect.js';
import { pythonBridge } from './python-bridge.js';

/** How Python writes a datetime without a zone: with a blank or, by `isoformat`, a `T`. */
const WITHOUT_ZONE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?$/;

/** Functions in Python. */
export const PYTHON: Dialect = {
  bridge: pythonBridge,
  typeName,
  nullName: 'None',
  parseDatetime,
  writesJsonText: true,
};

function typeName(type: Type): string {
  switch (type.kind) {
    case 'boolean':
      return 'bool';
    case 'int':
    case 'year':
      return 'int';
    case 'float':
      return 'float';
    case 'decimal':
      return 'decimal.Decimal';
    case 'datetime':
    case 'date':
    case 'time':
      return `datetime.${type.kind}`;
    case 'uuid':
      return 'uuid.UUID';
    case 'array':
      return `list[${typeName(type.elementType)}]`;
    case 'map':
      return `dict[str, ${typeName(type.elementType)}]`;
    case 'object':
      return 'dict';
    default:
      return 'str';
  }
}

/** A datetime without a zone is in UTC. */
function parseDatetime(text: string): ParsedDatetime {
  return parseRfc3339(WITHOUT_ZONE.test(text) ? `${text.slice(0, 10)}T${text.slice(11)}Z` : text);
}
