/** Whether something can be done: nothing is thrown. */
export function accepts(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}
