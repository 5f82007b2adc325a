import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSecrets, parseMasterKeys } from '../src/platform/index.js';

const key = (): string => randomBytes(32).toString('base64');

describe('secrets', () => {
  it('decrypt what they encrypted, and never encrypt to the same text twice', () => {
    const secrets = createSecrets(parseMasterKeys(key()));
    const [first, second] = [secrets.encrypt('größe 🚰'), secrets.encrypt('größe 🚰')];
    expect(secrets.decrypt(first)).toBe('größe 🚰');
    expect(first).not.toBe(second);
    expect(first).not.toContain('größe');
  });

  it('of an older key stay readable after a rotation, and new ones use the new key', () => {
    const [old, recent] = [`a:${key()}`, `b:${key()}`];
    const sealed = createSecrets(parseMasterKeys(old)).encrypt('x');
    const rotated = createSecrets(parseMasterKeys(`${recent},${old}`));
    expect(rotated.decrypt(sealed)).toBe('x');
    expect(rotated.encrypt('x')).toMatch(/^v1\.b\./);
  });

  it('that were changed, or whose key is missing, are refused as SettingsUnreadable', () => {
    const secrets = createSecrets(parseMasterKeys(key()));
    const sealed = secrets.encrypt('secret');
    const changed = sealed.slice(0, -5) + (sealed.at(-5) === 'A' ? 'B' : 'A') + sealed.slice(-4);
    for (const text of [changed, 'v1.zz.AAAA', 'nonsense', '']) {
      expect(() => secrets.decrypt(text)).toThrow(expect.objectContaining({ code: 'SettingsUnreadable' }));
    }
  });

  it('say which master key is wrong, and not what it is', () => {
    expect(() => parseMasterKeys(`${key()},tooshort`)).toThrow(/master key 2/);
    expect(() => parseMasterKeys('tooshort')).not.toThrow(/tooshort/);
  });
});
