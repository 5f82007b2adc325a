import { AppError } from '@penstock/domain';

const OPEN = '${';
const CLOSE = '}';
/** How much of what should have been a name an error shows. */
const SHOWN_CHARS = 40;

/**
 * Replaces `${name}` in a query by the values of the names; blanks around a name are ignored. Nothing looks at where in the
 * query a placeholder stands, and there is no way to write a literal `${`.
 * @throws AppError `InvalidPlaceholder` that names the placeholder.
 */
export function replacePlaceholders(query: string, values: ReadonlyMap<string, string>): string {
  let text = '';
  let from = 0;
  for (let open = query.indexOf(OPEN); open !== -1; open = query.indexOf(OPEN, from)) {
    const close = query.indexOf(CLOSE, open);
    if (close === -1) throw invalid(query.slice(open), 'is not closed: "}" is missing');
    const name = query.slice(open + OPEN.length, close);
    if (name.includes(OPEN)) throw invalid(query.slice(open, close + 1), 'contains another placeholder');
    text += query.slice(from, open) + literalFor(name.trim(), values);
    from = close + CLOSE.length;
  }
  return text + query.slice(from);
}

function literalFor(name: string, values: ReadonlyMap<string, string>): string {
  const value = values.get(name);
  if (value !== undefined) return value;
  const known = [...values.keys()].map((key) => `\${${key}}`).join(' and ');
  throw invalid(name, `does not exist; a query can use ${known}`);
}

function invalid(placeholder: string, what: string): AppError {
  const shown = placeholder.length > SHOWN_CHARS ? `${placeholder.slice(0, SHOWN_CHARS)}…` : placeholder;
  return new AppError('InvalidPlaceholder', { message: `placeholder "${shown}" ${what}` });
}
