/** Why a correction cannot be made; nothing was changed. */
export type RefusalReason =
  /** An id names nothing of this listener's. */
  | 'unknown'
  /** Something would count for itself, directly or round a circle. */
  | 'circle'
  /** The same rule stands already. */
  | 'exists'
  /** The values make no sense together. */
  | 'invalid';

export class CorrectionRefused extends Error {
  override readonly name = 'CorrectionRefused';
  readonly reason: RefusalReason;

  /** @param message words for the listener. */
  constructor(reason: RefusalReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
