/** A format that cannot be used; the message says what is wrong with it and is for whoever defines it. */
export class TimeFormatError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TimeFormatError';
  }
}
