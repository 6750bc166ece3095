import { Anchor, Button, Group, List, Stack, Text } from '@mantine/core';
import {
  type JobDocument,
  type LeftOut,
  type LeftOutNames,
  type MadePlaylist,
  madePlaylistSchema,
  type ShuffleResult,
  shuffleResultSchema,
} from '@spindle/contracts';
import { IconBrandSpotify } from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { JobBar, JobFailure } from '../jobs/job-bar.tsx';
import { isEnded } from '../jobs/job-effects.ts';
import { useJob } from '../jobs/use-job.ts';
import { LeftOutNote } from '../playlists/left-out.tsx';
import { progressWords, tracksWord } from '../playlists/playlist-words.ts';
import { Seed } from '../playlists/seed.tsx';
import { Failure } from './failure.tsx';

/** What any job that writes playlists came to. */
interface Outcome {
  readonly playlists: readonly Pick<MadePlaylist, 'playlistId' | 'url' | 'name' | 'tracks'>[];
  readonly leftOut: LeftOut;
  readonly leftOutNames: LeftOutNames;
  readonly seed: string;
  readonly refreshed: boolean;
}

function outcomeOf(job: JobDocument | undefined): Outcome | null {
  if (job?.state !== 'succeeded') return null;
  const several: ShuffleResult | undefined = shuffleResultSchema.safeParse(job.result).data;
  if (several) return several;
  const one = madePlaylistSchema.safeParse(job.result).data;
  return one
    ? { playlists: [one], leftOut: one.leftOut, leftOutNames: [], seed: '', refreshed: false }
    : null;
}

function OpenInSpotify({ url }: { readonly url: string }): ReactNode {
  return (
    <Button
      component="a"
      href={url}
      target="_blank"
      rel="noreferrer"
      leftSection={<IconBrandSpotify size={18} aria-hidden />}
    >
      Open in Spotify
    </Button>
  );
}

function Made({ outcome }: { readonly outcome: Outcome }): ReactNode {
  const [first, ...others] = outcome.playlists;
  return (
    <>
      {first && others.length === 0 ? (
        <>
          <Text>
            <bdi>{first.name}</bdi> holds {tracksWord(first.tracks)}
            {outcome.refreshed ? ', at the same link as before' : ''}.
          </Text>
          <OpenInSpotify url={first.url} />
        </>
      ) : (
        <>
          <Text>{outcome.playlists.length} playlists hold all of it:</Text>
          <List size="sm">
            {outcome.playlists.map((part) => (
              <List.Item key={part.playlistId}>
                <Anchor href={part.url} target="_blank" rel="noreferrer" inherit underline="always">
                  <bdi>{part.name}</bdi>
                </Anchor>
                , {tracksWord(part.tracks)}
              </List.Item>
            ))}
          </List>
        </>
      )}
      <LeftOutNote leftOut={outcome.leftOut} names={outcome.leftOutNames} />
      {outcome.seed ? <Seed seed={outcome.seed} /> : null}
    </>
  );
}

function Working({ job }: { readonly job: JobDocument | undefined }): ReactNode {
  const playlist = job?.progress?.playlist;
  return (
    <>
      <JobBar job={job} label="Writing the playlist" words={progressWords(job?.progress ?? null)} closable />
      {playlist ? (
        <Text size="sm">
          <Anchor href={playlist.url} target="_blank" rel="noreferrer" inherit underline="always">
            <bdi>{playlist.name}</bdi>
          </Anchor>{' '}
          is there already and fills up.
        </Text>
      ) : null}
    </>
  );
}

/** How the writing of a playlist gets on, and where the playlist is. */
export function PlaylistJob(props: {
  readonly jobId: string;
  /** Gets the playlist that was written, the first of several; nothing when it failed. */
  readonly onAgain: (playlistId?: string) => void;
  /** What the button does when all went well. */
  readonly again?: string;
  /** Beside that button. */
  readonly more?: (playlistId: string | undefined) => ReactNode;
}): ReactNode {
  const { jobId, onAgain, again = 'Make another', more } = props;
  const place = useRef<HTMLDivElement>(null);
  // The button that was pressed is gone: whoever reads by ear or keyboard goes on here.
  useEffect(() => place.current?.focus(), []);
  const { job, error } = useJob(jobId);
  const outcome = outcomeOf(job);
  const playlistId = outcome?.playlists[0]?.playlistId;
  return (
    <Stack ref={place} tabIndex={-1} align="flex-start" aria-live="polite" style={{ outline: 'none' }}>
      {outcome ? <Made outcome={outcome} /> : null}
      {job?.state === 'failed' ? (
        <JobFailure title="The playlist was not finished" message={job.failure?.message} />
      ) : null}
      {error ? <Failure error={error} /> : null}
      {isEnded(job) || error ? (
        <Group>
          <Button variant="default" onClick={() => onAgain(playlistId)}>
            {outcome ? again : 'Try again'}
          </Button>
          {more?.(playlistId)}
        </Group>
      ) : (
        <Working job={job} />
      )}
    </Stack>
  );
}
