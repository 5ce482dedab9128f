/** Why a capture cannot even start. */
export type CaptureErrorKind = 'no-engine' | 'no-interface' | 'no-permission' | 'bad-filter' | 'other';

/** A capture that could not be started and will not start by waiting; the message is one line for the user. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError';
  readonly kind: CaptureErrorKind;

  constructor(kind: CaptureErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
