import { AppError } from '@penstock/domain';
import { DatabaseError } from 'pg';
import { describe, expect, it } from 'vitest';
import { isRowError, serverWords, translateError } from '../src/postgresql/database-error.js';

function serverError(code: string, message: string): DatabaseError {
  const error = new DatabaseError(message, 0, 'error');
  error.code = code;
  error.detail = 'Key (email)=(secret) already exists.';
  return error;
}

describe('what the server says', () => {
  it.each([
    ['22P02', 'invalid input syntax for type integer: "secret"', 'invalid input syntax for type integer'],
    ['22P02', 'invalid input value for "kind": "sec"ret\n"', 'invalid input value for'],
    ['22003', 'value "secret" is out of range for type integer', 'value is out of range for type integer'],
    ['22001', 'value too long for type character varying(2)', 'value too long for type character varying(2)'],
    ['22021', 'invalid byte sequence for encoding "UTF8": 0x00', 'invalid byte sequence for encoding: 0x00'],
    [
      '23502',
      'null value in column "email" violates not-null constraint',
      'null value in column "email" violates not-null constraint',
    ],
  ])('%s %s is passed on without values', (code, message, words) => {
    expect(serverWords(serverError(code, message))).toBe(words);
  });

  it.each([
    ['08006', 'WarehouseUnavailable', true],
    ['57P01', 'WarehouseUnavailable', true],
    ['57P03', 'WarehouseUnavailable', true],
    ['53300', 'WarehouseUnavailable', true],
    ['25P03', 'WarehouseUnavailable', true],
    ['40001', 'WarehouseConflict', true],
    ['40P01', 'WarehouseConflict', true],
    ['55P03', 'WarehouseConflict', true],
    ['53100', 'WarehouseRefused', false],
    ['42501', 'WarehouseRefused', false],
    ['28P01', 'WarehouseRefused', false],
    ['23505', 'WarehouseRefused', false],
  ])('%s becomes %s', (state, code, retryable) => {
    const error = translateError(serverError(state, 'no space left on device'));
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code, retryable, message: expect.stringContaining('no space left on device') });
    expect((error as AppError).message).not.toContain('secret');
  });

  it.each(['22001', '22021', '23514', '54000'])('%s is about a row', (state) => {
    expect(isRowError(serverError(state, 'x'))).toBe(true);
    expect(isRowError(translateError(serverError(state, 'x')))).toBe(true);
  });

  it.each(['53100', '57P01', '42P01', '40P01'])('%s is not about a row', (state) => {
    expect(isRowError(serverError(state, 'x'))).toBe(false);
  });

  it('is told from broken connections and from bugs', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
    for (const error of [refused, new Error('Connection terminated unexpectedly')]) {
      expect(translateError(error)).toMatchObject({ code: 'WarehouseUnavailable' });
    }
    const bug = new TypeError('x is not a function');
    expect(translateError(bug)).toBe(bug);
  });
});
