import { AppError } from '@penstock/domain';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createConnectionPools } from '../src/index.js';
import { mysql } from '../src/mysql/mysql.js';
import { localhostCertificate } from './postgres-wire.js';

const SETTINGS = { host: 'db.example.com', username: 'reader', password: 's3cret', database: 'crm' };

function findings(settings: unknown): unknown {
  try {
    mysql.openSource(settings, 'SELECT 1', createConnectionPools());
  } catch (error) {
    if (error instanceof AppError && error.code === 'InvalidSettings') return error.details;
    throw error;
  }
  return [];
}

describe('settings of mysql', () => {
  it('have defaults', () => {
    expect(mysql.settingsSchema.parse({ host: 'h', username: 'u', database: 'd' })).toEqual({
      ...{ host: 'h', port: 3306, username: 'u', password: '', database: 'd', tls: 'disable' },
    });
  });

  it.each([
    ['host', 'a'.repeat(253)],
    ['host', '2001:db8::1'],
    ['port', 1],
    ['port', 65_535],
    ['username', 'é'.repeat(80)],
    ['password', 'é'.repeat(200)],
    ['database', ' `odd` name'],
    ['database', '👩'.repeat(64)],
  ])('allow %s %j', (name, value) => {
    expect(findings({ ...SETTINGS, [name]: value })).toEqual([]);
  });

  it.each([
    ['host', ''],
    ['host', 'a'.repeat(254)],
    ['host', '/var/run/mysqld/mysqld.sock'],
    ['host', 'a b'],
    ['port', 0],
    ['port', 65_536],
    ['port', '3306'],
    ['username', ''],
    ['username', 'é'.repeat(81)],
    ['username', 'reader\0root'],
    ['password', 'x'.repeat(201)],
    ['database', ''],
    ['database', 'x'.repeat(65)],
    ['database', '👩'.repeat(65)],
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

  it('refuse a certificate authority that would not be used', () => {
    const unused = [{ path: 'ca', message: 'is used with tls verify-full only' }];
    for (const tls of ['disable', 'require']) {
      expect(findings({ ...SETTINGS, tls, ca: localhostCertificate })).toEqual(unused);
    }
    expect(findings({ ...SETTINGS, tls: 'verify-full', ca: localhostCertificate })).toEqual([]);
  });

  it('are described, with their secret', () => {
    const { properties = {} } = z.toJSONSchema(mysql.settingsSchema, { io: 'input' });
    for (const [name, property] of Object.entries(properties)) {
      expect.soft(property, name).toMatchObject({ description: expect.stringMatching(/\.$/) });
    }
    expect(properties.password).toMatchObject({ secret: true, format: 'password' });
  });
});
