/** How the value of a column is written in a row of the binary protocol, and what is made of it. */
export const WIRE = {
  int8: 1,
  uint8: 2,
  int16: 3,
  uint16: 4,
  int32: 5,
  uint32: 6,
  int64: 7,
  uint64: 8,
  float: 9,
  double: 10,
  date: 11,
  datetime: 12,
  time: 13,
  year: 14,
  /** The following have their length before them. */
  text: 15,
  decimal: 16,
  ip: 17,
  hex: 18,
  bits: 19,
  bit: 20,
  json: 21,
  /** Passed over. */
  skipped: 22,
} as const;

export type Wire = (typeof WIRE)[keyof typeof WIRE];
