import { Avatar, Badge, Card, Group, Stack, Text } from '@mantine/core';
import type { NowPlayingView } from '@spindle/contracts';
import { IconDevices, IconMicrophone, IconMusic } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Artwork } from '../components/artwork.tsx';
import { MovingProgress } from '../components/moving-progress.tsx';
import { TrackLines } from '../components/track-lines.tsx';
import { relative } from '../time-words.ts';
import { useTick } from './use-tick.ts';

const ARTWORK = 96;
const OTHER_KINDS: Record<string, string> = {
  ad: 'An advertisement',
  unknown: 'Something that Spotify does not name',
  local: 'A file of their own',
  episode: 'Podcast',
};

function Playing({ view, linked }: { readonly view: NowPlayingView; readonly linked: boolean }): ReactNode {
  const Icon = view.kind === 'episode' ? IconMicrophone : IconMusic;
  return (
    <Group wrap="nowrap" align="flex-start" gap="md">
      {view.track ? (
        <Artwork track={view.track} size={ARTWORK} />
      ) : (
        <Icon size={ARTWORK} stroke={0.8} aria-hidden style={{ flex: 'none', opacity: 0.5 }} />
      )}
      <Stack gap={6} style={{ flex: 1, minWidth: 0 }}>
        {view.track ? (
          <TrackLines track={view.track} linked={linked} />
        ) : (
          <div>
            <Text fw={600} size="sm" lineClamp={2} dir="auto" title={view.title ?? ''}>
              {view.title ?? OTHER_KINDS[view.kind]}
            </Text>
            <Text size="sm" c="dimmed" truncate dir="auto">
              {[view.title ? OTHER_KINDS[view.kind] : null, view.subtitle].filter(Boolean).join(' · ')}
            </Text>
          </div>
        )}
        <MovingProgress {...view} />
      </Stack>
    </Group>
  );
}

function Silent({ view, linked }: { readonly view: NowPlayingView; readonly linked: boolean }): ReactNode {
  const now = useTick(30_000);
  if (!view.lastPlayed) return <Text c="dimmed">Nothing is playing.</Text>;
  const { track, endedAt } = view.lastPlayed;
  return (
    <Stack gap={6}>
      <Text size="sm" c="dimmed">
        Last played {relative(endedAt, now)}
      </Text>
      <Group wrap="nowrap" gap="md">
        <Artwork track={track} size={56} />
        <TrackLines track={track} linked={linked} />
      </Group>
    </Stack>
  );
}

function State({ view }: { readonly view: NowPlayingView }): ReactNode {
  if (view.kind === 'nothing') return null;
  return (
    <Badge variant="dot" color={view.isPlaying ? undefined : 'gray'} style={{ flex: 'none' }}>
      {view.isPlaying ? 'Playing' : 'Paused'}
    </Badge>
  );
}

/** One listener of the feed. */
export function FeedCard(props: {
  readonly view: NowPlayingView;
  /** Whether names lead to their pages here, for those who are signed in. */
  readonly linked: boolean;
}): ReactNode {
  const { view, linked } = props;
  const { displayName, imageUrl } = view.user;
  return (
    <Card component="article" aria-label={displayName} h="100%" padding="md">
      <Group justify="space-between" wrap="nowrap" mb="sm">
        <Group gap="xs" wrap="nowrap" style={{ minWidth: 0 }}>
          <Avatar src={imageUrl} size={32} name={displayName} alt="" />
          <Text fw={600} truncate title={displayName}>
            <bdi>{displayName}</bdi>
          </Text>
        </Group>
        <State view={view} />
      </Group>
      {view.kind === 'nothing' ? (
        <Silent view={view} linked={linked} />
      ) : (
        <Playing view={view} linked={linked} />
      )}
      {view.device ? (
        <Group gap={4} wrap="nowrap" mt="xs" style={{ minWidth: 0 }}>
          <IconDevices size={14} aria-hidden style={{ flex: 'none' }} />
          <Text size="xs" c="dimmed" truncate title={view.device.name}>
            {view.device.name}
          </Text>
        </Group>
      ) : null}
    </Card>
  );
}
