import { Badge, Card, Group, Progress, Skeleton, Stack, Text } from '@mantine/core';
import type { NowPlayingView } from '@spindle/contracts';
import { IconDevices, IconLock } from '@tabler/icons-react';
import { type ReactNode, useEffect, useState } from 'react';
import { duration, relative } from '../time-words.ts';
import { Artwork } from './artwork.tsx';
import { TrackLines } from './track-lines.tsx';

/** The time, twice a second while something plays. */
function useNow(moving: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    setNow(Date.now());
    if (!moving) return;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [moving]);
  return now;
}

function ProgressBar({ view }: { readonly view: NowPlayingView }): ReactNode {
  const now = useNow(view.isPlaying);
  const total = view.durationMs ?? 0;
  const at = view.startedAt ? now - Date.parse(view.startedAt) : (view.progressMs ?? 0);
  const progress = Math.max(0, Math.min(at, total));
  if (total === 0) return null;
  return (
    <div>
      <Progress.Root size="sm" transitionDuration={400}>
        <Progress.Section
          value={(progress / total) * 100}
          aria-label="Progress"
          aria-valuetext={`${duration(progress)} of ${duration(total)}`}
        />
      </Progress.Root>
      <Group justify="space-between" mt={4}>
        <Text size="xs" c="dimmed" data-testid="progress">
          {duration(progress)}
        </Text>
        <Text size="xs" c="dimmed">
          {duration(total)}
        </Text>
      </Group>
    </div>
  );
}

const OTHER_KINDS: Record<string, string> = {
  ad: 'An advertisement is playing',
  unknown: 'Something is playing that Spotify does not name',
  local: 'A file of your own',
  episode: 'Podcast',
};

function Silence({ view, linked }: { readonly view: NowPlayingView; readonly linked: boolean }): ReactNode {
  if (view.isPrivate) {
    return (
      <Group gap="sm" wrap="nowrap">
        <IconLock aria-hidden />
        <Text>Private session. Nothing of it is stored or shown.</Text>
      </Group>
    );
  }
  if (!view.lastPlayed) {
    return <Text c="dimmed">Nothing is playing. Put a record on: it will show up here by itself.</Text>;
  }
  const { track, endedAt } = view.lastPlayed;
  return (
    <Stack gap="sm">
      <Text c="dimmed" size="sm">
        Nothing is playing. Last played {relative(endedAt)}:
      </Text>
      <Group wrap="nowrap" gap="md">
        <Artwork track={track} size={72} />
        <TrackLines track={track} album linked={linked} />
      </Group>
    </Stack>
  );
}

/** What the player does, moving by itself. */
export function NowPlayingCard(props: {
  readonly view: NowPlayingView | undefined;
  /** Whether names lead to their pages, for those who are signed in. */
  readonly linked?: boolean;
}): ReactNode {
  const { view, linked = true } = props;
  if (!view) return <Skeleton height={196} radius="lg" />;
  const silent = view.kind === 'nothing';
  return (
    <Card component="section" aria-label="Now playing">
      {silent ? (
        <Silence view={view} linked={linked} />
      ) : (
        <Group wrap="nowrap" align="center" gap="lg" className="now-playing">
          <Artwork track={view.track} size={148} />
          <Stack gap="xs" style={{ flex: 1, minWidth: 0 }}>
            <Group gap="xs">
              <Badge variant="dot" color={view.isPlaying ? undefined : 'gray'}>
                {view.isPlaying ? 'Now playing' : 'Paused'}
              </Badge>
              {view.device ? (
                <Group gap={4} wrap="nowrap" style={{ minWidth: 0 }}>
                  <IconDevices size={14} aria-hidden />
                  <Text size="xs" c="dimmed" truncate title={view.device.name}>
                    {view.device.name}
                  </Text>
                </Group>
              ) : null}
            </Group>
            {view.track ? (
              <TrackLines track={view.track} titleSize="lg" album linked={linked} />
            ) : (
              <div>
                <Text fw={600} size="lg" lineClamp={2} title={view.title ?? ''}>
                  {view.title ?? OTHER_KINDS[view.kind]}
                </Text>
                <Text c="dimmed" size="sm" truncate>
                  {view.title
                    ? [OTHER_KINDS[view.kind], view.subtitle].filter(Boolean).join(' · ')
                    : view.subtitle}
                </Text>
              </div>
            )}
            <ProgressBar view={view} />
          </Stack>
        </Group>
      )}
    </Card>
  );
}
