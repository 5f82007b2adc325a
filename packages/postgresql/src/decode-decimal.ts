import { type Decoder, decodeNumeric, refuse } from './decode.js';

/** Greatest precision and scale of a decimal. */
export const MAX_PRECISION = 76;
export const MAX_SCALE = 37;

/** So few characters fit, wherever the point is. */
const ALWAYS_FITS_CHARS = Math.min(MAX_SCALE, MAX_PRECISION - MAX_SCALE);

const POINT = '.';

/**
 * A numeric without limits of its own, or with greater ones than a decimal has, read as the decimal of the greatest precision
 * and scale: nearly all values fit, and one that does not fails alone instead of making the column useless.
 */
export const decodeUnboundedNumeric: Decoder = (property) => {
  const decode = decodeNumeric(property);
  const tooLong = refuse(
    'NumberOutOfRange',
    `number of property "${property}" has more than ${MAX_PRECISION - MAX_SCALE} digits before or ${MAX_SCALE} after the point`,
  );
  return (field) => {
    if (field.length <= ALWAYS_FITS_CHARS) return decode(field);
    const fitted = fit(field);
    return fitted === undefined ? tooLong : decode(fitted);
  };
};

/** Cuts zeros beyond the scale, as division leaves them; undefined when what remains does not fit. */
function fit(field: string): string | undefined {
  const point = field.indexOf(POINT);
  const whole = (point === -1 ? field : field.slice(0, point)).replace(/^-/, '');
  if (whole.length > MAX_PRECISION - MAX_SCALE) return undefined;
  if (point === -1 || field.length - point - 1 <= MAX_SCALE) return field;
  const beyond = field.slice(point + 1 + MAX_SCALE);
  return /[^0]/.test(beyond) ? undefined : field.slice(0, point + 1 + MAX_SCALE);
}
