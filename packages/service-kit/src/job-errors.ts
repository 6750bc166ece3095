/**
 * What domain code throws to say how a job goes on, in words that no queue library owns. Any other
 * error counts as something that may heal: the job is tried again after its backoff.
 */

/**
 * Not now: run me again at `until`. Uses up no attempt.
 * `reason` is for the log; `waiting` is a sentence that the user may read.
 */
export class RetryLater extends Error {
  override readonly name = 'RetryLater';
  readonly until: Date;
  readonly reason: string;
  readonly waiting: string | undefined;

  constructor(options: { until: Date; reason: string; waiting?: string; cause?: unknown }) {
    super(options.reason, { cause: options.cause });
    this.until = options.until;
    this.reason = options.reason;
    this.waiting = options.waiting;
  }
}

/** Others wait: run me again, from where I am, after those who are in line now. Uses up no attempt. */
export class TurnOver extends Error {
  override readonly name = 'TurnOver';
  constructor() {
    super('others wait in line');
  }
}

/** Trying again is of no use. `message` is public: the user may read it. */
export class GiveUp extends Error {
  override readonly name = 'GiveUp';
  /** Stable and machine-readable, such as `reauth_needed`. */
  readonly code: string;

  constructor(options: { code: string; message: string; cause?: unknown }) {
    super(options.message, { cause: options.cause });
    this.code = options.code;
  }
}
