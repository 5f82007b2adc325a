import { describe, expect, it } from 'vitest';
import { fillTemplate, isBodyTemplate } from '../src/applications/http/body-template.js';
import { compilePointer } from '../src/applications/json-pointer.js';
import { exactJsonText, parseExactJson, TooManyValues } from '../src/applications/parse-exact-json.js';
import { compileRead, readId, readUpdateTime } from '../src/applications/user-columns.js';

describe('JSON of applications', () => {
  it.each([
    '9007199254740993',
    '-123456789012345678901234567890',
    '0.12345678901234567890123',
    '{"a":[12345678901234567,"12345678901234567\\"",{"b\\\\":1.5}],"__proto__":12345678901234567}',
    '[[],{},[12345678901234567],"",true,null]',
  ])('keeps the numbers of %s', (text) => {
    expect(exactJsonText(parseExactJson(text))).toBe(text);
  });

  it('is undefined when it is none, or too deep', () => {
    const deep = `${'['.repeat(5_000)}12345678901234567${']'.repeat(5_000)}`;
    const plain = deep.replace('12345678901234567', '1');
    for (const text of ['', '{', '"', '<html>', '12345678901234567x', deep, plain])
      expect(parseExactJson(text)).toBeUndefined();
  });

  it('has as many values as can be held, whatever its texts are like', () => {
    const list = (count: number, item: string): string => `[${new Array<string>(count).fill(item).join(',')}]`;
    expect(parseExactJson(list(490_000, '"[,{\\",["'))).toHaveLength(490_000);
    for (const item of ['1', '[]', '{}', '12345678901234567']) {
      expect(parseExactJson(list(600_000, item))).toBeInstanceOf(TooManyValues);
    }
  });

  it('has plain objects, in which __proto__ is a member like others', () => {
    const parsed = parseExactJson('{"__proto__":{"admin":12345678901234567}}') as object;
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
    expect(Object.keys(parsed)).toEqual(['__proto__']);
    expect('admin' in parsed).toBe(false);
  });

  it('takes numbers that differ only in how they are written for the same', () => {
    expect(parseExactJson('[1e3, 0.10000000000000000000, 1.0000000000000000]')).toEqual([1_000, 0.1, 1]);
  });

  it('becomes exact values of the schema', () => {
    const read = (type: Parameters<typeof compileRead>[0], text: string) =>
      compileRead(type, 'p')(parseExactJson(text));
    expect(read({ kind: 'int', bitSize: 64 }, '9007199254740993')).toBe('9007199254740993');
    expect(read({ kind: 'decimal', precision: 30, scale: 20 }, '0.12345678901234567891')).toBe(
      '0.12345678901234567891',
    );
    expect(read({ kind: 'float', bitSize: 64 }, '0.12345678901234567891')).toBe(0.12345678901234568);
    expect(read({ kind: 'json' }, '"text"')).toBe('"text"');
    expect(read({ kind: 'json' }, '{"a":9007199254740993}')).toBe('{"a":9007199254740993}');
    expect(read({ kind: 'array', elementType: { kind: 'json' } }, '["a",9007199254740993]')).toEqual([
      '"a"',
      '9007199254740993',
    ]);
    expect(read({ kind: 'string' }, '5')).toMatchObject({ step: 'InputValidation' });
  });

  it('has identifiers that are texts or integers, and times in texts or numbers', () => {
    expect([readId('a'), readId(7), readId(9007199254740993n)]).toEqual(['a', '7', '9007199254740993']);
    for (const raw of ['', 1.5, null, undefined, {}, true]) expect(readId(raw)).toMatchObject({ code: 'InvalidType' });
    expect(readUpdateTime('2026-01-02T03:04:05.5+01:00')).toBe('2026-01-02 02:04:05.5');
    expect([readUpdateTime(1_767_323_045), readUpdateTime(1_767_323_045_000)]).toEqual([
      '2026-01-02 03:04:05',
      '2026-01-02 03:04:05',
    ]);
  });

  it('is found by pointers', () => {
    const json = { 'a/b': [{ 'c~d': 1 }], '': 2 };
    expect(
      ['', '/a~1b/0/c~0d', '/', '/a~1b/1', '/toString', '/a~1b/length/x'].map((text) => compilePointer(text)(json)),
    ).toEqual([json, 1, 2, undefined, undefined, undefined]);
  });
});

describe('a body', () => {
  const values = new Map([
    ['email', '"a\\"b@example.com"'],
    ['big', '9007199254740993'],
    ['none', 'null'],
    ['list', '[1,{"x":2}]'],
  ]);

  it.each([
    [
      { mail: '{{email}}', big: '{{big}}', list: ['{{list}}', '{{absent}}'], fixed: 1, no: '{{absent}}' },
      '{"mail":"a\\"b@example.com","big":9007199254740993,"list":[[1,{"x":2}]],"fixed":1}',
    ],
    [{ text: 'Hi {{email}}, {{big}}{{none}}{{absent}}!' }, '{"text":"Hi a\\"b@example.com, 9007199254740993!"}'],
    ['{{*}}', '{"email":"a\\"b@example.com","big":9007199254740993,"none":null,"list":[1,{"x":2}]}'],
    [{ none: '{{none}}' }, '{"none":null}'],
  ])('%j has its placeholders replaced by values that cannot break out', (template, body) => {
    expect(isBodyTemplate(template)).toBe(true);
    expect(fillTemplate(template, values)).toBe(body);
  });

  it.each(['{{a b}}', '{{', 'all: {{*}}', { a: ['{{1}}'] }])('%j is no template', (template) => {
    expect(isBodyTemplate(template)).toBe(false);
  });
});
