import type { DatabaseImportDefinition } from '@penstock/domain';
import { IN_SCHEMA as PLAIN_SCHEMA } from './users.js';

/** What is really done to users on their way into a warehouse, by a mapping and, with the same results, by a function. */

interface Property {
  readonly name: string;
  readonly type: Record<string, unknown>;
}

/** The source keeps the value as text, as many do; everything else is as in the plain table. */
export const QUERY =
  'SELECT id, email, first_name, last_name, country, city, plan, logins, score, lifetime_value::text AS lifetime_value, active, signed_up, updated_at FROM users';

export const IN_SCHEMA = withTypes(PLAIN_SCHEMA, { lifetime_value: { kind: 'string' } }, 'nullable');

/** The day of the sign-up is enough for a profile. */
export const PROFILE_SCHEMA = withTypes(PLAIN_SCHEMA, { signed_up: { kind: 'date' } }, 'readOptional');

function withTypes(
  schema: { readonly properties: readonly Property[] },
  types: Readonly<Record<string, Record<string, unknown>>>,
  flag: 'nullable' | 'readOptional',
) {
  const properties = schema.properties.map(({ name, type }) => ({
    name,
    type: types[name] ?? type,
    [flag]: true,
    description: '',
  }));
  return { kind: 'object', properties };
}

/** Thirteen properties: lower, upper, concatenation, coalesce, if and eq, substring, conversions to date and decimal, copies. */
export const MAPPING: Readonly<Record<string, string>> = {
  id: 'id',
  email: 'lower(email)',
  first_name: "first_name ' ' last_name",
  last_name: 'substring(last_name, 1, 6)',
  country: 'upper(country)',
  city: "coalesce(city, 'unknown')",
  plan: "if(eq(plan, 'pro'), 'paying', 'free')",
  logins: 'logins',
  score: 'score',
  lifetime_value: 'lifetime_value',
  active: 'active',
  signed_up: 'signed_up',
  updated_at: 'updated_at',
};

/** Drops one user in a hundred thousand: what it costs is looking at all of them. */
export const FILTER: NonNullable<DatabaseImportDefinition['filter']> = {
  logical: 'and',
  conditions: [
    { property: 'country', operator: 'is not', values: ['ZZ'] },
    { property: 'logins', operator: 'is less than', values: ['99999'] },
  ],
};

/** How many of `rows` users the filter lets through. */
export function passing(rows: number): number {
  return rows - Math.floor((rows + 1) / 100_000);
}

const NAMES = Object.keys(MAPPING);

export const FUNCTION = {
  language: 'JavaScript' as const,
  source: `
    function transform(user) {
      return {
        ...user,
        email: user.email === null ? null : user.email.toLowerCase(),
        first_name: user.first_name + ' ' + user.last_name,
        last_name: user.last_name === null ? null : user.last_name.slice(0, 6),
        country: user.country === null ? null : user.country.toUpperCase(),
        city: user.city ?? 'unknown',
        plan: user.plan === 'pro' ? 'paying' : 'free',
        signed_up: user.signed_up.slice(0, 10),
      };
    }`,
  preserveJSON: false,
  inPaths: [...NAMES].sort(),
  outPaths: [...NAMES].sort(),
};
