import type { JobDocument } from '@spindle/contracts';
import type { QueryClient } from '@tanstack/react-query';
import { queryKeys } from '../api.ts';

const { playlists, shuffles, schedules, analysis, findings, tracker } = queryKeys;

/** Queries that show what a job changes, by the name of the job. */
const CHANGES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  shuffle: [shuffles, playlists, schedules],
  'share-liked': [shuffles, playlists, schedules],
  'top-playlist': [shuffles, playlists],
  'delete-made': [shuffles, playlists, schedules],
  'restore-made': [shuffles, playlists, schedules],
  playlists: [playlists, findings, analysis],
  'liked-songs': [playlists, findings, analysis],
  'read-source': [playlists, findings],
  analysis: [analysis, playlists, findings],
  tracker: [tracker],
};

/** They show that something failed, and why. */
const TOLD_OF_FAILURE = new Set<readonly string[]>([shuffles, schedules]);

export const isEnded = (job: JobDocument | undefined): boolean =>
  job?.state === 'succeeded' || job?.state === 'failed';

/** Puts what a job says into the query of the job; when it begins and ends, what it changes is asked for anew. */
export function applyJob(queries: QueryClient, job: JobDocument): void {
  const key = ['getJob', job.id];
  const before = queries.getQueryData<JobDocument>(key);
  // An answer that was long on its way does not take back the end.
  if (isEnded(before) && !isEnded(job)) return;
  queries.setQueryData(key, job);
  if (before && !isEnded(job)) return;
  for (const queryKey of CHANGES[job.name] ?? []) {
    // What could not be read would be read once more when it is asked for, and so on for ever.
    if (job.state === 'failed' && !TOLD_OF_FAILURE.has(queryKey)) continue;
    void queries.invalidateQueries({ queryKey });
  }
}
