import { z } from 'zod';
import { integerText, text } from './wire-values.js';
import { schemaJson } from './workspaces.js';

export const tablesQuery = z.object({
  name: text(1024).optional().meta({ description: 'A table, as a query names it: shows what can be written to it.' }),
});

/** What a table is, for whoever defines an export to it. */
export const tableSchema = z
  .strictObject({
    schema: schemaJson.meta({ description: 'The columns that can be written, as properties of an outSchema.' }),
    required: z.array(z.string()).meta({ description: 'Columns that every row must have: they have no default.' }),
    keys: z.array(z.string()).meta({ description: 'Columns with a unique index of their own: each can be tableKey.' }),
    issues: z.array(z.string()).meta({ description: 'Columns that cannot be written, and why.' }),
  })
  .meta({ id: 'TableSchema' });

export const userSchemasAnswer = z.strictObject({
  schemas: z.strictObject({
    source: schemaJson
      .nullable()
      .meta({ description: 'What users are imported with, as an inSchema; null for a destination.' }),
    destination: schemaJson
      .nullable()
      .meta({ description: 'What users are exported with, as an outSchema; null for a source.' }),
  }),
});

export const usersQuery = z.object({ limit: integerText({ min: 0, max: 100, default: 100 }) });

export const usersAnswer = z.strictObject({
  users: z.array(
    z.strictObject({
      id: z.string().nullable(),
      updatedAt: z.string().nullable(),
      attributes: z.record(z.string(), z.unknown()),
    }),
  ),
  schema: schemaJson.meta({ description: 'Can be used as the inSchema of a pipeline.' }),
  issues: z.array(z.string()).meta({ description: 'Users and values that cannot be imported, and why.' }),
});

export const tableList = z.strictObject({
  tables: z.array(
    z.strictObject({
      name: z.string().meta({ description: 'As a query names it: quoted where that is needed.' }),
      type: z.enum(['table', 'view']),
    }),
  ),
});
