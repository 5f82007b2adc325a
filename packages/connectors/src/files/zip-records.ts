/** What is around the one file of a zip archive: APPNOTE.TXT of PKWARE, sections 4.3 to 4.5. */

const LOCAL_HEADER = 0x04034b50;
const DATA_DESCRIPTOR = 0x08074b50;
const DIRECTORY_HEADER = 0x02014b50;
const ZIP64_END = 0x06064b50;
const ZIP64_LOCATOR = 0x07064b50;
const END = 0x06054b50;

/** Sizes and checksum follow the data (bit 3), the name is UTF-8 (bit 11). */
const FLAGS = 0x0808;
const DEFLATED = 8;
/** 2.0: deflated; 4.5: sizes of 64 bits. */
const [VERSION, VERSION_64] = [20, 45];
const MADE_BY_UNIX = 3 << 8;
/** A regular file, rw-r--r--. */
const ATTRIBUTES = 0o100644 * 0x10000;
/** Stands for a number that is in the extra field. */
const IN_EXTRA = 0xffffffff;
const ZIP64_FIELD = 0x0001;
const TIME_FIELD = 0x5455;
const MS_PER_SECOND = 1_000;

/** The file of an archive. Its numbers are complete after its last byte. */
export interface ZipRecord {
  readonly name: Buffer;
  readonly time: Date;
  crc: number;
  /** In bytes. */
  size: number;
  compressedSize: number;
}

type Field = readonly [bytes: 2 | 4 | 8, value: number];

/** What stands before the data. */
export function localHeader({ name, time }: ZipRecord): Buffer {
  const extra = timeField(time);
  const fixed: Field[] = [
    ...([[4, LOCAL_HEADER], [2, VERSION], [2, FLAGS], [2, DEFLATED], ...dosTime(time)] as const),
    ...([
      [4, 0],
      [4, 0],
      [4, 0],
      [2, name.length],
      [2, extra.length],
    ] as const),
  ];
  return Buffer.concat([pack(fixed), name, extra]);
}

/** What stands after the data: with numbers of 64 bits only where they are needed, because not everybody knows these. */
export function endOfArchive(record: ZipRecord): Buffer {
  const start = localHeader(record).length + record.compressedSize;
  const descriptor = dataDescriptor(record);
  const directory = directoryHeader(record);
  const at = start + descriptor.length;
  return Buffer.concat([descriptor, directory, endRecords(at, directory.length)]);
}

function dataDescriptor({ crc, size, compressedSize }: ZipRecord): Buffer {
  const bytes = isLarge(size, compressedSize) ? 8 : 4;
  return pack([
    [4, DATA_DESCRIPTOR],
    [4, crc],
    [bytes, compressedSize],
    [bytes, size],
  ]);
}

function directoryHeader({ name, time, crc, size, compressedSize }: ZipRecord): Buffer {
  const large = isLarge(size, compressedSize);
  const version = large ? VERSION_64 : VERSION;
  const sizes = large
    ? pack([
        [2, ZIP64_FIELD],
        [2, 16],
        [8, size],
        [8, compressedSize],
      ])
    : Buffer.alloc(0);
  const extra = Buffer.concat([sizes, timeField(time)]);
  const fixed: Field[] = [
    ...([
      [4, DIRECTORY_HEADER],
      [2, MADE_BY_UNIX | version],
      [2, version],
      [2, FLAGS],
      [2, DEFLATED],
    ] as const),
    ...dosTime(time),
    ...([
      [4, crc],
      [4, large ? IN_EXTRA : compressedSize],
      [4, large ? IN_EXTRA : size],
    ] as const),
    // No comment, disk 0, no internal attributes; the file is at the beginning of the archive.
    ...([
      [2, name.length],
      [2, extra.length],
      [2, 0],
      [2, 0],
      [2, 0],
      [4, ATTRIBUTES],
      [4, 0],
    ] as const),
  ];
  return Buffer.concat([pack(fixed), name, extra]);
}

/** @param at where the directory begins, in bytes */
function endRecords(at: number, directoryBytes: number): Buffer {
  const end = (offset: number): Buffer =>
    pack([
      [4, END],
      [2, 0],
      [2, 0],
      [2, 1],
      [2, 1],
      [4, directoryBytes],
      [4, offset],
      [2, 0],
    ]);
  if (at < IN_EXTRA) return end(at);
  const zip64: Field[] = [
    // The length of what follows; the versions that made it and are needed; this disk and that of the directory.
    ...([
      [4, ZIP64_END],
      [8, 44],
      [2, MADE_BY_UNIX | VERSION_64],
      [2, VERSION_64],
      [4, 0],
      [4, 0],
    ] as const),
    ...([
      [8, 1],
      [8, 1],
      [8, directoryBytes],
      [8, at],
    ] as const),
    ...([
      [4, ZIP64_LOCATOR],
      [4, 0],
      [8, at + directoryBytes],
      [4, 1],
    ] as const),
  ];
  return Buffer.concat([pack(zip64), end(IN_EXTRA)]);
}

function isLarge(size: number, compressedSize: number): boolean {
  return size >= IN_EXTRA || compressedSize >= IN_EXTRA;
}

/** The time in UTC, in seconds; the other one of an entry has no zone. */
function timeField(time: Date): Buffer {
  const seconds = Math.max(0, Math.floor(time.getTime() / MS_PER_SECOND));
  return Buffer.concat([
    pack([
      [2, TIME_FIELD],
      [2, 5],
    ]),
    Buffer.from([1]),
    pack([[4, seconds]]),
  ]);
}

/** Time and date as DOS had them, of UTC. */
function dosTime(time: Date): readonly [Field, Field] {
  const clock = (time.getUTCHours() << 11) | (time.getUTCMinutes() << 5) | (time.getUTCSeconds() >> 1);
  const year = Math.max(0, time.getUTCFullYear() - 1980);
  return [
    [2, clock],
    [2, (year << 9) | ((time.getUTCMonth() + 1) << 5) | time.getUTCDate()],
  ];
}

/** Numbers without sign, the lowest byte first. */
function pack(fields: readonly Field[]): Buffer {
  const packed = Buffer.alloc(fields.reduce((length, [bytes]) => length + bytes, 0));
  let at = 0;
  for (const [bytes, value] of fields) {
    if (bytes === 8) packed.writeBigUInt64LE(BigInt(value), at);
    else packed.writeUIntLE(value, at, bytes);
    at += bytes;
  }
  return packed;
}
