import type { Database } from '@spindle/db';
import type { System } from '../../system.ts';
import type { Records } from '../records.ts';

/** What is judged: the system as it is after everything has settled, and what is known of how it should be. */
export interface Judged {
  readonly system: System;
  readonly db: Database;
  readonly records: Records;
  /** Ids of Spotify and rows of the database. */
  readonly people: readonly {
    readonly personId: string;
    readonly userId: number;
    readonly timeZone: string;
  }[];
  /** From when (simulated ms) a person was signed in. */
  readonly sinceMs: ReadonlyMap<string, number>;
  /** Until when (simulated ms) plays are compared. */
  readonly untilMs: number;
}

/** What was compared, and whatever differed. */
export interface Verdict {
  /** What was compared, in numbers, for the report. */
  readonly figures: Readonly<Record<string, number>>;
  /** Empty when all is as it should be. */
  readonly differences: readonly string[];
}
