import { spawn } from 'node:child_process';

/** For a command that was asked to end; npm does not always listen. */
const PATIENCE_MS = 3_000;

/**
 * Runs a command to its end and returns what it printed. A failure carries the last lines that it printed, because these
 * tell the reader what to do.
 * @param {readonly string[]} command
 * @param {Omit<import('node:child_process').SpawnOptions, 'signal' | 'stdio'> & { show?: boolean, signal?: AbortSignal | undefined }} [options]
 *   `show`: let it print to the terminal; `signal`: asks it to end early
 * @returns {Promise<string>}
 */
export async function runCommand(command, { show = false, signal, ...options } = {}) {
  signal?.throwIfAborted();
  const [file, ...args] = /** @type {[string, ...string[]]} */ (command);
  const child = spawn(file, args, {
    ...options,
    stdio: show ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
  });
  const chunks = /** @type {Buffer[]} */ ([]);
  child.stdout?.on('data', (chunk) => chunks.push(chunk));
  child.stderr?.on('data', (chunk) => chunks.push(chunk));
  /** @type {NodeJS.Timeout | undefined} */
  let patience;
  const abort = () => {
    child.kill('SIGTERM');
    patience = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  };
  signal?.addEventListener('abort', abort);
  try {
    // It is waited for also when it was asked to end: what it still does must not happen behind our back.
    const outcome = await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, by) => resolve(by ?? code));
    });
    signal?.throwIfAborted();
    const output = Buffer.concat(chunks).toString();
    if (outcome !== 0)
      throw new Error(`${shorten(command.join(' '))} ended with ${outcome}\n${lastLines(output)}`.trim());
    return output;
  } finally {
    clearTimeout(patience);
    signal?.removeEventListener('abort', abort);
  }
}

/** @param {string} text */
function shorten(text, length = 120) {
  return text.length > length ? `${text.slice(0, length)}...` : text;
}

/** @param {string} text */
function lastLines(text, count = 30) {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
