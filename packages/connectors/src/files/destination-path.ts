import { AppError } from '@penstock/domain';

const OPEN = '${';
const CLOSE = '}';
const MS_PER_SECOND = 1_000;
/** How much of what should have been a name is shown. */
const SHOWN_CHARS = 40;

/** What the placeholders of a path stand for, by name: of the time of the run, in UTC. */
const PLACEHOLDERS: ReadonlyMap<string, (time: Date) => string> = new Map([
  ['today', (time: Date) => time.toISOString().slice(0, 'YYYY-MM-DD'.length)],
  ['now', (time: Date) => time.toISOString().slice(0, 'YYYY-MM-DDThh:mm:ss'.length).replace(/[T:]/g, '-')],
  ['unix', (time: Date) => String(Math.floor(time.getTime() / MS_PER_SECOND))],
]);

/** A piece of a path as it stands, or a placeholder. */
type Piece = { readonly text: string } | { readonly show: (time: Date) => string };

/** The path of a file that is written at a time: `users-${today}.csv` is `users-2035-10-30.csv`. @throws AppError InvalidPath */
export function destinationPath(path: string, time: Date): string {
  const pieces = piecesOf(path);
  if (typeof pieces === 'string') throw new AppError('InvalidPath', { message: `path ${pieces}` });
  return pieces.map((piece) => ('text' in piece ? piece.text : piece.show(time))).join('');
}

/** What is wrong with the placeholders of a path, as it goes on after "path"; null: nothing. */
export function destinationPathProblem(path: string): string | null {
  const pieces = piecesOf(path);
  return typeof pieces === 'string' ? pieces : null;
}

/** Names of placeholders may be in capitals, and have blanks around them; a literal `${` cannot be written. */
function piecesOf(path: string): readonly Piece[] | string {
  const pieces: Piece[] = [];
  let from = 0;
  for (let open = path.indexOf(OPEN); open !== -1; open = path.indexOf(OPEN, from)) {
    const close = path.indexOf(CLOSE, open);
    if (close === -1)
      return `has a placeholder that is not closed: "}" is missing after "${shortened(path.slice(open))}"`;
    const name = path.slice(open + OPEN.length, close).trim();
    const show = PLACEHOLDERS.get(name.toLowerCase());
    if (show === undefined) return `has a placeholder "${shortened(name)}" that does not exist: use ${known()}`;
    pieces.push({ text: path.slice(from, open) }, { show });
    from = close + CLOSE.length;
  }
  pieces.push({ text: path.slice(from) });
  return pieces;
}

function known(): string {
  const names = [...PLACEHOLDERS.keys()].map((name) => `\${${name}}`);
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

function shortened(text: string): string {
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text;
}
