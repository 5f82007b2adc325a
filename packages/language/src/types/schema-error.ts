/** The JSON of a type or schema is not valid; `path` says where, as in `properties[2].type.bitSize` ('' is the whole). */
export class SchemaError extends Error {
  readonly path: string;

  constructor(path: string, message: string) {
    super(message);
    this.name = 'SchemaError';
    this.path = path;
  }
}
