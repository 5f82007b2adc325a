const MINUS = 45;
const ZERO = 48;
const POINT = 46;

/** Orders canonical decimals, and integers of 64 bits, around one of them by value; nothing is allocated. */
export function decimalOrder(operand: string): (decimal: string) => number {
  const isNegative = operand.charCodeAt(0) === MINUS;
  const whole = wholeLength(operand);
  const direction = isNegative ? -1 : 1;
  return (decimal) => {
    if ((decimal.charCodeAt(0) === MINUS) !== isNegative) return -direction;
    const length = wholeLength(decimal);
    return (length === whole ? compareDigits(decimal, operand) : length - whole) * direction;
  };
}

function wholeLength(decimal: string): number {
  const point = decimal.indexOf('.');
  return point === -1 ? decimal.length : point;
}

/** Compares decimals with as many digits before the point, which may lack behind the point; zeros at the end say nothing. */
function compareDigits(a: string, b: string): number {
  if (a === b) return 0;
  if (a.length === b.length) return a < b ? -1 : 1;
  const length = Math.max(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = index < a.length ? a.charCodeAt(index) : ZERO;
    const right = index < b.length ? b.charCodeAt(index) : ZERO;
    if (left !== right && left !== POINT && right !== POINT) return left - right;
  }
  return 0;
}
