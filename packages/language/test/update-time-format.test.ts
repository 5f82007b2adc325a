import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileTimeFormat, MAX_TIME_FORMAT_LENGTH, TimeFormatError, timeFormatProblem } from '../src/index.js';

const DATETIME = '2024-02-05 03:04:09.120003';

describe('a strftime pattern', () => {
  test.each([
    ['%Y-%m-%d %H:%M:%S', '2024-02-05 03:04:09'],
    ['%Y-%m-%dT%H:%M:%S.%fZ', '2024-02-05T03:04:09.120003000Z'],
    ['%Y-%m-%dT%H:%M:%S.%f', '2024-02-05T03:04:09.120003'],
    ['%S.%f %z %Y', '09.120003 +0000 2024'],
    ['%F %T', '2024-02-05 03:04:09'],
    ['%D %R', '02/05/24 03:04'],
    ['%e %b %Y', ' 5 Feb 2024'],
    ['%d %B %y', '05 February 24'],
    ['%Y%j', '2024036'],
    ['%I:%M %p %Y', '03:04 AM 2024'],
    ['%Y %z|%Z', '2024 +0000|UTC'],
    ['%s', '1707102249'],
    ['%Y%%%n%t', '2024%\n\t'],
    ['é%Y年', 'é2024年'],
  ])('%s writes a datetime as %j', (pattern, text) => {
    expect(compileTimeFormat(pattern).format(DATETIME)).toBe(text);
  });

  test.each([
    ['%Y-%m-%d %H:%M:%S', '2024-02-05 03:04:09', '2024-02-05 03:04:09'],
    ['%Y-%m-%d', '2024-2-5', '2024-02-05 00:00:00'],
    ['%Y-%m', '2024-12', '2024-12-01 00:00:00'],
    ['%Y', '0099', '0099-01-01 00:00:00'],
    ['%Y%m%d', '20240205', '2024-02-05 00:00:00'],
    ['%d/%m/%Y', '29/02/2024', '2024-02-29 00:00:00'],
    ['%F %T.%f', '2024-02-05 03:04:09.5', '2024-02-05 03:04:09.5'],
    ['%F %T.%f', '2024-02-05 03:04:09.000', '2024-02-05 03:04:09'],
    ['%F %T.%f', '2024-02-05 03:04:09.123456789', '2024-02-05 03:04:09.123456789'],
    ['%F %T%z', '2024-02-05 03:04:09+0130', '2024-02-05 01:34:09'],
    ['%F %T%z', '2024-02-05 03:04:09-01:30', '2024-02-05 04:34:09'],
    ['%F %T%z', '2024-02-05 03:04:09Z', '2024-02-05 03:04:09'],
    ['%F %T %Z', '2024-02-05 03:04:09 GMT', '2024-02-05 03:04:09'],
    ['%y', '68', '2068-01-01 00:00:00'],
    ['%y', '69', '1969-01-01 00:00:00'],
    ['%Y %j', '2024 60', '2024-02-29 00:00:00'],
    ['%Y-%m-%d %j', '2024-02-29 060', '2024-02-29 00:00:00'],
    ['%e %b %Y', ' 5 fEB 2024', '2024-02-05 00:00:00'],
    ['%e %b %Y', '15 feb 2024', '2024-02-15 00:00:00'],
    ['%B %d, %Y', 'may 1, 2024', '2024-05-01 00:00:00'],
    ['%F %I:%M %p', '2024-02-05 12:30 AM', '2024-02-05 00:30:00'],
    ['%F %I:%M %p', '2024-02-05 12:30 pm', '2024-02-05 12:30:00'],
    ['%F %I %p %H', '2024-02-05 03 PM 15', '2024-02-05 15:00:00'],
    ['%s', '-1', '1969-12-31 23:59:59'],
    ['%s.%f', '0.25', '1970-01-01 00:00:00.25'],
    ['%Y%n%m%t%d', '2024 02\n05', '2024-02-05 00:00:00'],
    ['100%% %Y', '100% 2024', '2024-01-01 00:00:00'],
    ['%Y %y', '2024 24', '2024-01-01 00:00:00'],
  ])('%s reads %j as %s', (pattern, text, datetime) => {
    expect(compileTimeFormat(pattern).parse(text)).toBe(datetime);
  });

  test.each([
    ['%Y-%m-%d', '2024-02-30'],
    ['%Y-%m-%d', '2024-13-01'],
    ['%Y-%m-%d', '2024-02-05 '],
    ['%Y-%m-%d', ' 2024-02-05'],
    ['%Y-%m-%d', '2024-02'],
    ['%Y-%m-%d', ''],
    ['%Y', '24'],
    ['%Y', '0000'],
    ['%y', '1'],
    ['%H:%M:%S %Y', '24:00:00 2024'],
    ['%H:%M:%S %Y', '23:59:60 2024'],
    ['%I %p %Y', '00 AM 2024'],
    ['%I %p %Y', '13 PM 2024'],
    ['%I %p %H %Y', '03 PM 03 2024'],
    ['%p %H %Y', 'PM 03 2024'],
    ['%Y %j', '2023 366'],
    ['%Y %j', '2024 0'],
    ['%Y-%m-%d %j', '2024-02-29 061'],
    ['%Y-%m-%d %j', '2024-01-29 060'],
    ['%Y %y', '2024 25'],
    ['%b %Y', 'Xyz 2024'],
    ['%b %Y', 'February 2024'],
    ['%Y.%f', '2024.'],
    ['%Y.%f', '2024.1234567890'],
    ['%F %z', '2024-02-05 +1'],
    ['%F %z', '2024-02-05 +24:00'],
    ['%F %z', '2024-02-05 UTC'],
    ['%F %Z', '2024-02-05 CET'],
    ['%F %z %Z', '2024-02-05 +0100 UTC'],
    ['%F%z', '0001-01-01+0001'],
    ['%s', '1.5'],
    ['%s', '9'.repeat(13)],
    ['%s', '999999999999'],
    ['%Y%%', '2024'],
    ['%Y', '２０２４'],
    ['%Y%n', '2024x'],
    ['%Y', '2'.repeat(100_000)],
  ])('%s does not read %j', (pattern, text) => {
    expect(compileTimeFormat(pattern).parse(text)).toBeUndefined();
  });

  test('reads what it has written, as far as it writes it', () => {
    const written = fc.constantFrom<[string, number]>(
      ['%Y-%m-%dT%H:%M:%S.%f', 9],
      ['%FT%T.%fZ', 9],
      ['%s.%f', 9],
      ['%Y%j%H%M%S%f%z', 9],
      ['%d %B %Y %I:%M:%S.%f %p', 9],
      ['%e%b%Y%n%T %Z', 0],
      ['%D%t%T', 0],
    );
    const instant = fc.date({ min: new Date('1970-01-01'), max: new Date('2068-12-31'), noInvalidDate: true });
    const fraction = fc.stringMatching(/^([0-9]{0,8}[1-9])?$/);
    fc.assert(
      fc.property(written, instant, fraction, ([pattern, digits], date, nano) => {
        const seconds = date.toISOString().slice(0, 19).replace('T', ' ');
        const datetime = nano === '' ? seconds : `${seconds}.${nano}`;
        const format = compileTimeFormat(pattern);
        expect(format.parse(format.format(datetime))).toBe(digits === 9 ? datetime : seconds);
      }),
      { numRuns: 1000 },
    );
  });

  test('never throws, whatever it has to read', () => {
    const pattern = fc.constantFrom('%Y-%m-%d %H:%M:%S.%f %z', '%e %b %y %I:%M %p', '%s', 'ISO8601', 'Excel');
    const piece = fc.constantFrom(...'0123456789-+: ./TZ', '2024', 'Jan', 'PM', '12');
    const text = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(pattern, text, (format, candidate) => {
        const datetime = compileTimeFormat(format).parse(candidate);
        if (datetime !== undefined) expect(datetime).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{0,8}[1-9])?$/);
      }),
      { numRuns: 2000 },
    );
  });

  test('writes a fraction that sorts not after the other ways to write it', () => {
    for (const [pattern, others] of [
      ['%F %T.%f', ['.5', '.50', '.500', '.500000']],
      ['%F %T.%fZ', ['.5Z', '.500Z', '.500000Z', '.500000000Z']],
      ['%F %T.%f %z', ['.5 +0000', '.500 +0000', '.500000 +0000']],
    ] as const) {
      const written = compileTimeFormat(pattern).format('2024-02-05 03:04:09.5');
      for (const other of others) expect(written <= `2024-02-05 03:04:09${other}`, other).toBe(true);
    }
  });

  test('writes a date as its midnight', () => {
    expect(compileTimeFormat('%F %T.%f').format('2024-02-05')).toBe('2024-02-05 00:00:00.0');
  });
});

describe('a format that cannot be used', () => {
  test.each([
    ['%Y-%Q', 'has the directive "%Q"'],
    ['%-d/%Y', 'has the directive "%-"'],
    ['%Y %A', 'has the directive "%A"'],
    ['%Y 😀%😀', 'has the directive "%😀"'],
    ['%Y-%', 'ends with "%"'],
    ['%Y %I', 'has the directive "%I", which needs "%p"'],
    ['%Y %p', 'has the directive "%p", which needs "%I"'],
    ['%s %z', 'has the directive "%z" beside "%s"'],
    ['%s %F', 'has the directive "%Y" beside "%s"'],
    ['2006-01-02', 'must be "ISO8601" or a strftime pattern'],
    ['excel', 'must be "ISO8601" or a strftime pattern'],
    ['', 'must be "ISO8601" or a strftime pattern'],
    [`%Y${'x'.repeat(MAX_TIME_FORMAT_LENGTH - 1)}`, 'must have at most 64 characters'],
    ['%Y\0', 'must be valid text'],
    ['%Y\ud800', 'must be valid text'],
  ])('%j is refused: it %s', (format, message) => {
    expect(() => compileTimeFormat(format)).toThrow(TimeFormatError);
    expect(timeFormatProblem(format)).toContain(message);
  });

  test('for update times is one without a year', () => {
    expect(timeFormatProblem('%m/%d %H:%M')).toContain('has no year');
    for (const format of ['%Y', '%y', '%F', '%D', '%s', 'ISO8601', 'Excel', `%Y${'é'.repeat(62)}`, '%Y😀'.padEnd(65)]) {
      expect(timeFormatProblem(format), format).toBeUndefined();
    }
  });
});

describe('ISO8601', () => {
  const iso = compileTimeFormat('ISO8601');

  test('reads ISO 8601 in its many ways and nothing else', () => {
    expect(iso.parse('2024-02-05T03:04:09.5+01:00')).toBe('2024-02-05 02:04:09.5');
    expect(iso.parse('2024-036')).toBe('2024-02-05 00:00:00');
    for (const text of ['', 'now', '05/02/2024', '0000-01-01', '2024-02-05T03:04:09 ']) {
      expect(iso.parse(text), text).toBeUndefined();
    }
  });

  test.each([
    ['2024-02-05T03:04:09Z', '2024-02-05 03:04:09'],
    ['2024-02-05T03:04:09+00:00', '2024-02-05 03:04:09'],
    ['2024-02-05T23:04:09.500-01:30', '2024-02-06 00:34:09.5'],
    ['2024-02-05T03:04:09.123456789Z', '2024-02-05 03:04:09.123456789'],
    ['2024-02-05T03:04:09.123456789+01:00', '2024-02-05 02:04:09.123456789'],
    ['2024-02-05T03:04:09.1234567890Z', undefined],
    ['2024-02-05T03:04:09-00:00', undefined],
    ['2024-02-05T03:04:60Z', undefined],
    ['2024-02-30T03:04:09Z', undefined],
    ['0000-02-05T03:04:09Z', undefined],
    ['0001-01-01T00:00:00+01:00', undefined],
  ])('reads what programs write as it reads everything else: %s', (text, datetime) => {
    expect(iso.parse(text)).toBe(datetime);
    // The same in a form that only people write.
    expect(iso.parse(`+${text}`)).toBe(datetime);
  });

  test('is written in whole seconds, and sorts not after other ways to write them', () => {
    expect(iso.format(DATETIME)).toBe('2024-02-05T03:04:09');
    expect(iso.format('2024-02-05')).toBe('2024-02-05T00:00:00');
    for (const zone of ['', 'Z', '.5Z', '+00:00', '.999'])
      expect(iso.format(DATETIME) <= `2024-02-05T03:04:09${zone}`).toBe(true);
  });
});

describe('Excel', () => {
  const excel = compileTimeFormat('Excel');

  test.each([
    ['1', '1900-01-01 00:00:00'],
    ['59', '1900-02-28 00:00:00'],
    ['60', undefined],
    ['60.5', undefined],
    ['61', '1900-03-01 00:00:00'],
    ['45327', '2024-02-05 00:00:00'],
    ['45327.5', '2024-02-05 12:00:00'],
    ['4.5327127881944441E4', '2024-02-05 03:04:09'],
    ['45327.999999999999', '2024-02-06 00:00:00'],
    ['2958465', '9999-12-31 00:00:00'],
    ['2958466', undefined],
    ['-1', undefined],
    ['2024-02-05', undefined],
    ['', undefined],
    ['1e400', undefined],
  ])('reads the serial number %s as %s', (text, datetime) => {
    expect(excel.parse(text)).toBe(datetime);
  });

  test.each([
    ['1900-02-28 00:00:00', '59'],
    ['1900-03-01 00:00:00', '61'],
    ['2024-02-05 12:00:00', '45327.5'],
  ])('writes %s as the serial number %s', (datetime, text) => {
    expect(excel.format(datetime)).toBe(text);
  });

  test('reads the serial numbers that it has written, to the millisecond', () => {
    const instant = fc.date({ min: new Date('1900-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(instant, (date) => {
        const text = date
          .toISOString()
          .replace('T', ' ')
          .replace(/\.?0*Z$/, trimZone);
        expect(excel.parse(excel.format(text))).toBe(text);
      }),
    );
  });
});

/** The zeros before the point are seconds. */
function trimZone(match: string): string {
  return match.startsWith('.') || match === 'Z' ? '' : match.replace(/0+Z$/, '').replace(/Z$/, '');
}
