import { AppError } from '@penstock/domain';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { csv } from '../src/csv/csv.js';
import { connectors, createConnectionPools, findConnector, REDACTED, redactSettings } from '../src/index.js';
import { json } from '../src/json/json.js';
import { parquet } from '../src/parquet/parquet.js';
import { postgresql } from '../src/postgresql/postgresql.js';
import { localhostCertificate } from './postgres-wire.js';

const SETTINGS = { host: 'db.example.com', username: 'reader', password: 's3cret', database: 'crm' };
const FORMATS = { csv, json, parquet };

function findings(settings: unknown): unknown {
  try {
    postgresql.openSource(settings, 'SELECT 1', createConnectionPools());
  } catch (error) {
    if (error instanceof AppError && error.code === 'InvalidSettings') return error.details;
    throw error;
  }
  return [];
}

describe('settings of postgresql', () => {
  it('have defaults', () => {
    expect(postgresql.settingsSchema.parse({ host: 'h', username: 'u', database: 'd' })).toEqual({
      ...{ host: 'h', port: 5432, username: 'u', password: '', database: 'd', schema: 'public', tls: 'disable' },
    });
  });

  it.each([
    ['host', 'a'.repeat(253)],
    ['host', '2001:db8::1'],
    ['port', 1],
    ['port', 65_535],
    ['username', 'é'.repeat(31)],
    ['password', 'é'.repeat(100)],
    ['database', ' "odd" name'],
    ['schema', 'x'.repeat(63)],
  ])('allow %s %j', (name, value) => {
    expect(findings({ ...SETTINGS, [name]: value })).toEqual([]);
  });

  it.each([
    ['host', ''],
    ['host', 'a'.repeat(254)],
    ['host', '/var/run/postgresql'],
    ['host', 'a b'],
    ['port', 0],
    ['port', 65_536],
    ['port', '5432'],
    ['username', ''],
    ['username', 'é'.repeat(32)],
    ['username', 'reader\0replication\0true'],
    ['password', 'x'.repeat(101)],
    ['database', 'x'.repeat(64)],
    ['schema', ''],
    ['tls', 'prefer'],
    ['ca', 'not a certificate'],
  ])('refuse %s %j, and name it', (name, value) => {
    const details = findings({ ...SETTINGS, tls: 'verify-full', [name]: value });
    expect(details).toEqual(expect.arrayContaining([{ path: name, message: expect.any(String) }]));
  });

  it('refuse what they do not know, and report everything at once, without values', () => {
    const details = findings({ host: 's3cret host', port: -1, username: 'u', database: 'd', extra: 1 });
    expect(details).toHaveLength(3);
    expect(JSON.stringify(details)).not.toContain('s3cret');
  });

  it('are refused in plain words that name each setting, and what there is instead', () => {
    const settings = { host: '', port: 0, database: 'x'.repeat(64), schema: 7, tls: 'prefer', 'old name': 1, extra: 1 };
    const there = 'is not a setting: there are host, port, username, password, database, schema, tls, ca';
    expect(findings(settings)).toEqual([
      { path: 'host', message: 'must not be empty' },
      { path: 'host', message: 'must be a host name or an IP address' },
      { path: 'port', message: 'must be at least 1' },
      { path: 'username', message: 'is required' },
      { path: 'database', message: 'must have at most 63 characters' },
      { path: 'database', message: 'must be at most 63 bytes' },
      { path: 'schema', message: 'must be a string' },
      { path: 'tls', message: 'must be one of "disable", "require", "verify-full"' },
      { path: '["old name"]', message: there },
      { path: 'extra', message: there },
    ]);
    expect(findings({ ...SETTINGS, port: 5.5 })).toEqual([{ path: 'port', message: 'must be an integer' }]);
    expect(findings(null)).toEqual([{ path: 'settings', message: 'must be an object' }]);
  });

  it.each<[keyof typeof FORMATS, unknown, string]>([
    ['csv', { hasColumnNames: 'yes' }, 'hasColumnNames must be a boolean'],
    [
      'csv',
      { skipRows: -1, separator: '\n' },
      'separator must be one character, and not a line break, NUL or U+FFFD; skipRows must be at least 0',
    ],
    ['parquet', { x: 1 }, 'x is not a setting: there are none'],
    ['json', { properties: [] }, 'properties must not be empty'],
    ['json', { properties: [{ key: 'a', value: 's3cret' }] }, 'properties[0].value must be true, false, "t" or "f"'],
    [
      'json',
      { properties: [{ key: 'a', value: true, type: 1 }] },
      'properties[0].type is not a setting: there are key, value',
    ],
  ])('of the format %s, %j, are refused with a message that says it all', (format, settings, message) => {
    expect(() => FORMATS[format].open(settings)).toThrow(
      expect.objectContaining({ code: 'InvalidSettings', message: `settings are not valid: ${message}` }),
    );
  });

  it('have a refusal that does not grow with what is refused', () => {
    const settings = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`${index}`.padEnd(500, 'x'), 1]));
    expect(JSON.stringify(findings(settings)).length).toBeLessThan(20_000);
  });

  it('refuse a certificate authority that would not be used', () => {
    const unused = [{ path: 'ca', message: 'is used with tls verify-full only' }];
    for (const tls of ['disable', 'require']) {
      expect(findings({ ...SETTINGS, tls, ca: localhostCertificate })).toEqual(unused);
    }
    expect(findings({ ...SETTINGS, tls: 'verify-full', ca: localhostCertificate })).toEqual([]);
  });

  it('show their secrets only as set or not', () => {
    const { password: _, ...rest } = SETTINGS;
    expect(redactSettings(postgresql, SETTINGS)).toEqual({ ...rest, password: REDACTED });
    expect(redactSettings(postgresql, { ...SETTINGS, password: '' })).toEqual({ ...rest, password: '' });
    expect(redactSettings(postgresql, { ...SETTINGS, apiKey: 'left over' })).toEqual({ ...rest, password: REDACTED });
  });
});

describe('connectors', () => {
  it('are found by their code', () => {
    expect([...connectors.keys()]).toEqual([...connectors.values()].map(({ code }) => code));
    expect(() => findConnector('no-such')).toThrow(expect.objectContaining({ code: 'ConnectorNotExist' }));
  });

  it.each([...connectors.values()])('$code describes every setting, and marks its secrets', ({ settingsSchema }) => {
    const { properties = {} } = z.toJSONSchema(settingsSchema, { io: 'input' });
    for (const [name, property] of Object.entries(properties)) {
      expect.soft(property, name).toMatchObject({ description: expect.stringMatching(/\.$/) });
      if (/password|passphrase|secret|token|privateKey|headers/i.test(name)) {
        expect.soft(property, name).toMatchObject({ secret: true });
      }
    }
  });
});
