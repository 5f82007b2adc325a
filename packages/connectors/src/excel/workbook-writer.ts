import { PassThrough, type Readable, type Writable } from 'node:stream';
import type { DestinationRow } from '@penstock/engine';
import { ZipFile } from 'yazl';
import type { FormatWriteRequest, FormatWriter } from '../files/file-format.js';
import { TextWriter } from '../files/text-writer.js';
import { writeBytes } from '../files/write-bytes.js';
import { SheetText } from './sheet-text.js';
import { SHEET_PATH, workbookParts } from './workbook-parts.js';

/** Bytes of the sheet that wait to be compressed. */
const BUFFER_BYTES = 256 * 1024;
/** The XML of sheets repeats itself so much that more effort makes files little smaller. */
const COMPRESSION_LEVEL = 3;

/** Writes a workbook with one sheet. The sheet is the last part of the archive and is compressed as it comes. */
export class WorkbookWriter implements FormatWriter {
  readonly #out: Writable;
  readonly #zip = new ZipFile();
  readonly #sheet = new PassThrough({ highWaterMark: BUFFER_BYTES });
  readonly #text: TextWriter;
  /** Resolves when the stream has taken the whole archive. */
  readonly #moved: Promise<void>;

  /** @throws AppError DestinationRefused */
  constructor(out: Writable, { sheet, columns }: FormatWriteRequest) {
    this.#out = out;
    this.#text = new TextWriter(this.#sheet, new SheetText(columns));
    for (const [path, xml] of Object.entries(workbookParts(sheet))) this.#zip.addBuffer(Buffer.from(xml), path);
    this.#zip.addReadStream(this.#sheet, SHEET_PATH, { compressionLevel: COMPRESSION_LEVEL });
    this.#zip.end();
    // Errors of the sheet are those of the stream, which writes throw already.
    for (const emitter of [this.#sheet, this.#zip]) emitter.on('error', () => undefined);
    this.#moved = this.#move();
    this.#moved.catch(() => undefined);
  }

  async write(rows: readonly DestinationRow[]): Promise<void> {
    await this.#text.write(rows);
  }

  async end(): Promise<void> {
    await this.#text.end();
    this.#sheet.end();
    await this.#moved;
  }

  /** A stream that fails, or is closed, ends the sheet with it, and so the writes: nobody then waits for the archive any more. */
  async #move(): Promise<void> {
    const archive = this.#zip.outputStream as Readable;
    const close = (): void =>
      void archive.destroy(this.#out.errored ?? new Error('the stream was closed before its end'));
    this.#out.once('close', close);
    try {
      for await (const bytes of archive) await writeBytes(this.#out, bytes as Buffer);
    } catch (error) {
      this.#sheet.destroy(error instanceof Error ? error : new Error(String(error)));
      throw error;
    } finally {
      this.#out.off('close', close);
    }
  }
}
