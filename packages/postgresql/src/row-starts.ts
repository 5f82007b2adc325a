/** Where the rows of a binary COPY begin, without signature and trailer, and where the last one ends. */
export function rowStarts(bytes: Buffer): number[] {
  const starts = [0];
  let position = 0;
  while (position < bytes.length) {
    let fields = bytes.readInt16BE(position);
    position += 2;
    for (; fields > 0; fields--) position += 4 + Math.max(0, bytes.readInt32BE(position));
    starts.push(position);
  }
  return starts;
}
