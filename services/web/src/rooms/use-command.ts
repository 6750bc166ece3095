import { ApiError, type CallOptions, type JobAccepted, type RoomPlaybackView } from '@spindle/contracts';
import { useMutation } from '@tanstack/react-query';
import { reportFailure } from '../components/report.ts';
import { useRoom } from './use-room.ts';

/** So long an answer is waited for, s; what takes longer shows when it is done. */
const WAIT_SECONDS = 8;

/** What the page says by itself as long as it is so. */
const isShown = (error: unknown): boolean =>
  error instanceof ApiError && /\/(?:no-active-device|premium-required)$/.test(error.problem.type);

/** Tells the player something; what it does then is shown at once. */
export function useCommand() {
  const { channel } = useRoom();
  return useMutation({
    mutationFn: (
      tell: (
        options: CallOptions,
      ) => Promise<{ readonly job: JobAccepted['job'] | null; readonly result: RoomPlaybackView | null }>,
    ) => tell({ wait: WAIT_SECONDS }),
    onSuccess: ({ result }) => {
      if (result) channel.takePlayback(result);
    },
    onError: (error) => {
      // What stands in the way is known there already.
      channel.refresh();
      if (!isShown(error)) reportFailure(error);
    },
  });
}
