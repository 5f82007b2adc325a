import { spawn } from 'node:child_process';

/**
 * Runs a command to its end and returns what it printed. A failure carries the last lines that it printed, because these
 * tell the reader what to do.
 * @param {readonly string[]} command
 * @param {import('node:child_process').SpawnOptions & { show?: boolean }} [options] `show`: let it print to the terminal
 * @returns {Promise<string>}
 */
export async function runCommand(command, { show = false, ...options } = {}) {
  const [file, ...args] = /** @type {[string, ...string[]]} */ (command);
  const child = spawn(file, args, {
    ...options,
    stdio: show ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
  });
  const chunks = /** @type {Buffer[]} */ ([]);
  child.stdout?.on('data', (chunk) => chunks.push(chunk));
  child.stderr?.on('data', (chunk) => chunks.push(chunk));
  const outcome = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(signal ?? code));
  });
  const output = Buffer.concat(chunks).toString();
  if (outcome === 0) return output;
  const words = command.join(' ');
  throw new Error(
    `${words.length > 120 ? `${words.slice(0, 120)}...` : words} ended with ${outcome}\n${lastLines(output)}`.trim(),
  );
}

/** @param {string} text */
function lastLines(text, count = 30) {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
