import type { Connection, FieldDef, Submittable } from 'pg';

/**
 * A statement that speaks the extended protocol itself. `pg` calls these members as the server's answers come in; the names
 * are its own. The extended protocol is what keeps a user's text from ever being more than one statement.
 */
export abstract class ProtocolStatement implements Submittable {
  /** Settles when the server is ready for the next statement, or has failed this one. */
  readonly done: Promise<void>;
  #resolve: () => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor() {
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  submit(connection: Connection): void {
    // One packet, one round trip.
    connection.stream.cork();
    this.send(connection);
    connection.sync();
    connection.stream.uncork();
  }

  /** Sends the messages of the statement, all but the Sync at their end. */
  protected abstract send(connection: Connection): void;

  handleRowDescription(_message: { readonly fields: readonly FieldDef[] }): void {}
  handleDataRow(): void {}
  handlePortalSuspended(): void {}
  handleEmptyQuery(): void {}
  handleCommandComplete(_message: { readonly text: string }): void {}
  handleCopyInResponse(): void {}
  handleCopyData(): void {}

  handleReadyForQuery(): void {
    this.#resolve();
  }

  handleError(error: Error): void {
    this.#reject(error);
  }
}

/** Sends a statement that is executed at once; parameters are text. */
export function sendStatement(connection: Connection, text: string, values: readonly string[] = []): void {
  connection.parse({ name: '', text, types: [] }, true);
  connection.bind({ values: [...values] }, true);
  connection.execute(null, true);
}
