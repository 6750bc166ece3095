import { AsyncLocalStorage } from 'node:async_hooks';

/** What the code that runs at this moment was asked for. */
export interface Work {
  /** The request, or the schedule, that caused it; the same in every process that it reaches. */
  readonly requestId: string;
}

/*
 * The one thing of this project that is handed down unseen: a statement of SQL or a call to Spotify that is
 * slow is told of far below those who know the request, and no signature between should carry it.
 */
const works = new AsyncLocalStorage<Work>();

/** Runs something, and all that it begins, as part of a work. */
export function runWork<T>(work: Work, run: () => T): T {
  return works.run(work, run);
}

/** The id of the request that this code runs for; undefined outside of any. */
export function currentRequestId(): string | undefined {
  return works.getStore()?.requestId;
}
