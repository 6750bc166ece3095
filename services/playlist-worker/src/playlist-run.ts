import type { PlaylistOperation, PlaylistStep, WriterLease } from '@spindle/db';
import type { RunningJob } from '@spindle/queues';
import type { Lane, SpotifyCaller } from '@spindle/spotify';

/** What an operation needs of the job that runs it. */
export type OperationJob = Pick<
  RunningJob<'shuffle-playlist'>,
  'attempt' | 'maxAttempts' | 'signal' | 'progress' | 'takeTurns' | 'log'
>;

/** One run of an operation, while nobody else writes playlists of the same listener. */
export interface PlaylistRun {
  readonly operation: PlaylistOperation;
  readonly lease: WriterLease;
  /** Spotify in the listener's name. */
  readonly caller: SpotifyCaller;
  readonly lane: Lane;
  readonly job: OperationJob;
  /** Stores a step of a part. @throws WriterLeaseLost */
  save(partId: number, step: PlaylistStep): Promise<void>;
}
