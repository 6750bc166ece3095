import { getJob, type JobDocument } from '@spindle/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api } from '../api.ts';
import { applyJob, isEnded } from './job-effects.ts';

/** Live events tell how a job gets on; without the socket it is asked for this often, ms. */
const ASK_EVERY_MS = 5_000;

/** A job of mine, live until it ends; nothing for null. `onEnd` hears of the end once. */
export function useJob(
  id: string | null,
  onEnd?: (job: JobDocument) => void,
): { readonly job: JobDocument | undefined; readonly error: unknown } {
  const queries = useQueryClient();
  const { data: job, error } = useQuery({
    queryKey: ['getJob', id],
    queryFn: async ({ signal }) => {
      const read = await api.call(getJob, { params: { id: id ?? '' } }, { signal });
      if (isEnded(read)) applyJob(queries, read);
      return read;
    },
    enabled: id !== null,
    refetchInterval: (query) => (isEnded(query.state.data) ? false : ASK_EVERY_MS),
  });
  const ended = isEnded(job);
  // biome-ignore lint/correctness/useExhaustiveDependencies: told once, whatever else changes
  useEffect(() => {
    if (ended && job) onEnd?.(job);
  }, [ended, id]);
  return { job, error: ended ? null : error };
}
