/** The polynomial of Castagnoli, reflected. */
const POLYNOMIAL = 0x82f63b78;
const BYTE_VALUES = 256;
/** Bytes that are taken at once: the usual "slicing by 8". */
const SLICES = 8;

const TABLE = makeTable();

/** CRC-32C of bytes, as an unsigned number. */
export function crc32c(bytes: Buffer): number {
  const t = TABLE;
  const end = bytes.length - (bytes.length % SLICES);
  let crc = -1;
  let at = 0;
  for (; at < end; at += SLICES) {
    const low = crc ^ bytes.readInt32LE(at);
    const high = bytes.readInt32LE(at + 4);
    crc =
      (t[1792 + (low & 255)] as number) ^
      (t[1536 + ((low >>> 8) & 255)] as number) ^
      (t[1280 + ((low >>> 16) & 255)] as number) ^
      (t[1024 + (low >>> 24)] as number) ^
      (t[768 + (high & 255)] as number) ^
      (t[512 + ((high >>> 8) & 255)] as number) ^
      (t[256 + ((high >>> 16) & 255)] as number) ^
      (t[high >>> 24] as number);
  }
  for (; at < bytes.length; at += 1) crc = (t[(crc ^ (bytes[at] as number)) & 255] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Eight tables in one: table n is that of a byte followed by n zero bytes. */
function makeTable(): Int32Array {
  const table = new Int32Array(SLICES * BYTE_VALUES);
  for (let value = 0; value < BYTE_VALUES; value += 1) {
    let crc = value;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    table[value] = crc;
  }
  for (let index = BYTE_VALUES; index < table.length; index += 1) {
    const before = table[index - BYTE_VALUES] as number;
    table[index] = (before >>> 8) ^ (table[before & 255] as number);
  }
  return table;
}
