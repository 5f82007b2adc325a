const MIB = 1024 * 1024;

/** Excel's own limits: a reference beyond them is no reference, and more is not written. */
export const MAX_SHEET_ROWS = 1_048_576;
export const MAX_SHEET_COLUMNS = 16_384;
/** Units of UTF-16 in a cell. */
export const MAX_CELL_LENGTH = 32_767;

/** Decompressed bytes of the small parts, which are held as a whole: the workbook, the styles, relationships. */
export const MAX_SMALL_PART_BYTES = 16 * MIB;

/** Decompressed bytes of the parts that are streamed. They bound the time that a zip bomb takes, not the memory. */
export const MAX_SHEET_BYTES = 16 * 1024 * MIB;
export const MAX_SHARED_STRINGS_PART_BYTES = 4 * 1024 * MIB;

/** Bytes of shared strings in memory, with what says where each one is. */
export const MAX_SHARED_STRINGS_BYTES = 256 * MIB;

/** Bytes of one row, one shared string or one tag as XML, which is longer than the text that it says. */
export const MAX_ELEMENT_BYTES = 32 * MIB;

/** Parts of a workbook, and bytes of the list of them. */
export const MAX_PARTS = 65_536;
export const MAX_PART_LIST_BYTES = 16 * MIB;

/** Sheets of a workbook. */
export const MAX_SHEETS = 10_000;

/** How deep elements of the small parts may be nested. */
export const MAX_XML_DEPTH = 100;
