import { describe, expect, it } from 'vitest';
import { guardQuery, type QuoteMode } from '../src/mysql/query-guard.js';

const USUAL: QuoteMode = { ansiQuotes: false, plainBackslashes: false };
const ANSI: QuoteMode = { ansiQuotes: true, plainBackslashes: false };
const PLAIN: QuoteMode = { ansiQuotes: false, plainBackslashes: true };

const MEBIBYTE = 1024 * 1024;

const INTO = "INTO OUTFILE '/tmp/x'";

/** What is outside of texts, names and comments for the server in the mode. */
const HIDDEN: [mode: QuoteMode, query: string][] = [
  [USUAL, `SELECT 1 ${INTO}`],
  [USUAL, 'SELECT 1 into@x'],
  [USUAL, `SELECT 1.5INTO OUTFILE '/tmp/x'`],
  [USUAL, `SELECT 0x1FINTO OUTFILE '/tmp/x'`],
  [USUAL, `SELECT \\NINTO OUTFILE '/tmp/x'`],
  [USUAL, `SELECT 'a'INTO OUTFILE '/tmp/x'`],
  [USUAL, `SELECT 'a\\\\' ${INTO} -- '`],
  [USUAL, `SELECT 'a''' ${INTO} -- '`],
  [USUAL, `SELECT "a'" ${INTO} -- '"`],
  [USUAL, `SELECT \`a\\\` ${INTO} -- \``],
  [USUAL, `SELECT \`a\`\`\` ${INTO} -- \``],
  [USUAL, `SELECT 1 --\u007f'\n${INTO} -- '`],
  [USUAL, `SELECT 1 # '\n ${INTO} # '`],
  [USUAL, `SELECT 1 /* ' */ ${INTO} /* ' */`],
  [USUAL, `SELECT 1 /*/ ' */ ${INTO} /* ' */`],
  [USUAL, `SELECT 1 /**/ ${INTO}`],
  [USUAL, `SELECT 1 /*M ' */ ${INTO} -- ' */`],
  [ANSI, `SELECT 1 AS "a\\" ${INTO} -- "`],
  [ANSI, `SELECT 'a\\' AS b', 1 ${INTO}`],
  [PLAIN, `SELECT 'a\\' ${INTO} -- '`],
  [PLAIN, `SELECT "a\\" ${INTO} -- "`],
  [USUAL, 'SELECT 1 FROM t FOR -- comment\n UPDATE'],
  [USUAL, 'SELECT 1 FROM t WHERE a = 1FOR UPDATE'],
  [USUAL, 'SELECT 1 FROM t for share'],
  [USUAL, 'SELECT 1 FROM t LOCK/**/IN SHARE MODE'],
  [USUAL, 'SELECT NEXT VALUE FOR s'],
  [USUAL, 'SELECT nextval (s)'],
  [USUAL, 'SELECT SETVAL(s, 1)'],
];

const ALLOWED: [mode: QuoteMode, query: string][] = [
  [USUAL, `SELECT '${INTO.replaceAll("'", "''")}'`],
  [USUAL, `SELECT "${INTO}"`],
  [USUAL, `SELECT 'a\\' ${INTO.replaceAll("'", '"')} -- '`],
  [PLAIN, `SELECT 'a\\', 'b'`],
  [ANSI, `SELECT "into" FROM "for update"`],
  [USUAL, 'SELECT `into` FROM `t`'],
  [USUAL, `SELECT 1 -- ${INTO}`],
  [USUAL, `SELECT 1 # ${INTO}`],
  [USUAL, `SELECT 1 /* ${INTO} */`],
  [USUAL, `SELECT 1 /*+ NO_INDEX_MERGE(t) */`],
  [USUAL, 'SELECT into_date, intone, nextval FROM t'],
  [USUAL, `SELECT '${'x'.repeat(1_000_000)}'`],
  [USUAL, `SELECT 1 /*${'*'.repeat(1_000_000)}*/`],
];

describe('the guard of mysql queries', () => {
  it.each(HIDDEN)('in mode %j finds what %j hides', (mode, query) => {
    expect(guardQuery(query, mode)).toEqual({ problem: expect.stringContaining('is not allowed') });
  });

  it.each(ALLOWED)('in mode %j allows a query that only mentions it', (mode, query) => {
    expect(guardQuery(query, mode)).toEqual({ query });
  });

  it.each(['/*! 1 */', '/*!50000 1 */', '/*M! 1 */', '/*M!100100 1 */', "/*!99999 ' */"])(
    'refuses the comment %s, which some servers execute',
    (comment) => {
      const problem = 'comments that are executed (/*! ... */) are not allowed in the query';
      expect(guardQuery(`SELECT 1 ${comment}`, USUAL)).toEqual({ problem });
    },
  );

  it.each([
    ['a comment', '/*', 'a', '*/'],
    ['a comment of stars', '/*', '*', '*/'],
    ['a comment to the end of the line', '-- ', 'a', '\n'],
    ['a comment after #', '#', 'a', '\n'],
    ['a text', "'", 'a', "'"],
    ['a text of backslashes', "'", '\\\\', "'"],
    ['a text of doubled quotes', "'", "''", "'"],
    ['a text in double quotes', '"', 'a', '"'],
    ['a name', '`', 'a', '`'],
    ['a word', '', 'a', ''],
    ['a number', '', '1', ''],
    ['blanks', '', ' ', ''],
  ])('finds the end of %s however long it is', (_, open, content, close) => {
    const long = `${open}${content.repeat(MEBIBYTE)}${close}`;
    const huge = `${open}${content.repeat(12 * MEBIBYTE)}${close}`;
    const query = `SELECT ${long} , 1`;
    expect(guardQuery(query, USUAL)).toEqual({ query });
    expect(guardQuery(`SELECT ${long} ${INTO}`, USUAL)).toEqual({ problem: expect.stringContaining('INTO is not') });
    expect(guardQuery(`SELECT ${huge} , 1`, USUAL)).toHaveProperty('query');
  });

  it.each(["'", '"', '`', '/*'])('takes what begins with %s and does not end as going on to the end', (open) => {
    const query = `SELECT 1 ${open} ${INTO.replaceAll("'", '')} \\`;
    expect(guardQuery(query, USUAL)).toEqual({ query });
  });

  it('cuts off what follows a semicolon when it is blank, and refuses it otherwise', () => {
    expect(guardQuery('SELECT 1 ; -- end\n;', USUAL)).toEqual({ query: 'SELECT 1 ' });
    expect(guardQuery("SELECT ';' ; SELECT 2", USUAL)).toEqual({ problem: expect.stringContaining('one SELECT') });
  });

  it.each(['SELECT', 'values', 'Table', 'WITH', '(SELECT', '( (\n/* a */ select'])('knows %s as reading', (first) => {
    expect(guardQuery(`${first} 1`, USUAL)).toHaveProperty('query');
  });

  it('says with what a query begins that does not read', () => {
    const problem = expect.stringContaining('it begins with "DELETE"');
    expect(guardQuery('delete from t', USUAL)).toEqual({ problem });
  });
});
