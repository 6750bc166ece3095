import { Alert, Badge, Button, Card, Group, Menu, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import {
  createExclusion,
  deleteAlias,
  deleteExclusion,
  deleteMerge,
  getAlbum,
  getArtist,
  getTrack,
  type Image,
  type TrackPage,
} from '@spindle/contracts';
import {
  IconArrowsJoin,
  IconDots,
  IconExternalLink,
  IconEyeOff,
  IconHistory,
  IconUsers,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { api } from '../api.ts';
import { Picture } from '../components/artwork.tsx';
import { Attribution } from '../components/attribution.tsx';
import { Failure } from '../components/failure.tsx';
import { AnchorLink, ButtonLink } from '../components/links.tsx';
import { JoinDialog } from '../corrections/join-dialog.tsx';
import { useCorrection } from '../corrections/use-correction.ts';
import { useSession } from '../session.tsx';
import { longDate } from '../statistics/calendar.ts';
import { Figure } from '../statistics/figure.tsx';
import { assumedWords, listeningTime, percent } from '../statistics/figure-words.ts';
import { STATISTICS } from '../statistics/queries.ts';
import { TimelineChart } from '../statistics/timeline.tsx';
import { TopRows } from '../statistics/top-rows.tsx';
import { count, dayOf } from '../time-words.ts';
import { Section } from './overview-sections.tsx';

const COVER = 160;

/** Cover, name and what can be done; the same for every kind of item. */
function Head(props: {
  readonly kind: string;
  readonly name: string;
  readonly url: string | null;
  readonly images: readonly Image[];
  readonly below?: ReactNode;
  readonly actions: ReactNode;
}): ReactNode {
  return (
    <Group align="flex-start" gap="lg" className="item-head">
      <Picture images={props.images} link={props.url} name={props.name} size={COVER} />
      <Stack gap={6} style={{ flex: 1, minWidth: 220 }}>
        <Text size="xs" tt="uppercase" c="dimmed" fw={600}>
          {props.kind}
        </Text>
        <Title order={1} size="h2" dir="auto" style={{ overflowWrap: 'anywhere' }}>
          {props.name}
        </Title>
        {props.below}
        <Group gap="xs" mt="xs">
          {props.url ? (
            <Button
              component="a"
              href={props.url}
              target="_blank"
              rel="noreferrer"
              variant="default"
              size="xs"
              leftSection={<IconExternalLink size={14} />}
            >
              Open in Spotify
            </Button>
          ) : null}
          {props.actions}
        </Group>
      </Stack>
    </Group>
  );
}

function Mine({ mine }: { readonly mine: TrackPage['mine'] | undefined }): ReactNode {
  const { user } = useSession();
  const day = (iso: string | null) => (iso === null ? '–' : longDate(dayOf(iso, user.timeZone)));
  const assumed = mine && assumedWords(mine);
  return (
    <>
      <Section title="Me and it">
        <SimpleGrid cols={{ base: 2, sm: 3 }}>
          <Figure name="Plays" value={mine && count(mine.plays)} />
          <Figure name="Listening time" value={mine && listeningTime(mine.msPlayed)} note={assumed} />
          <Figure
            name="Rank"
            value={mine && (mine.rank === null ? '–' : `#${count(mine.rank)}`)}
            note={mine && `${percent(mine.share)} of all plays`}
          />
          <Figure name="First listen" value={mine && <Text>{day(mine.firstPlayedAt)}</Text>} />
          <Figure name="Last listen" value={mine && <Text>{day(mine.lastPlayedAt)}</Text>} />
        </SimpleGrid>
      </Section>
      {mine && mine.months.length === 0 ? null : (
        <Section title="Month by month">
          <TimelineChart points={mine?.months} step="month" by="plays" />
        </Section>
      )}
    </>
  );
}

function HistoryLink({
  search,
}: {
  readonly search: { track?: string; artist?: string; album?: string };
}): ReactNode {
  return (
    <ButtonLink
      to="/history"
      search={search}
      variant="default"
      size="xs"
      leftSection={<IconHistory size={14} />}
    >
      Plays
    </ButtonLink>
  );
}

function More({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <Button variant="default" size="xs" aria-label="More">
          <IconDots size={16} />
        </Button>
      </Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}

/** What is special about how an item counts, and the way back. */
function Correction(props: {
  readonly icon: ReactNode;
  readonly color: string;
  readonly children: ReactNode;
  readonly undo: string;
  readonly busy: boolean;
  readonly onUndo: () => void;
}): ReactNode {
  return (
    <Alert icon={props.icon} color={props.color} variant="light">
      <Group justify="space-between">
        <Text size="sm">{props.children}</Text>
        <Button size="xs" variant="default" loading={props.busy} onClick={props.onUndo}>
          {props.undo}
        </Button>
      </Group>
    </Alert>
  );
}

/** A track, and what it is to the listener. */
export function TrackItem(): ReactNode {
  const { id } = useParams({ from: '/app/tracks/$id' });
  const [joining, setJoining] = useState(false);
  const undo = useCorrection((trackId: string) => api.call(deleteMerge, { params: { id: trackId } }));
  const { data, error, refetch } = useQuery({
    queryKey: [STATISTICS, 'track', id],
    queryFn: () => api.call(getTrack, { params: { id } }),
  });
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  const track = data?.track;
  return (
    <Stack gap="lg">
      <Head
        kind="Track"
        name={track?.name ?? ' '}
        url={track?.url ?? null}
        images={track?.album?.images ?? []}
        below={
          <Text c="dimmed">
            {track?.artists.map((artist, index) => (
              <span key={artist.id}>
                {index > 0 ? ', ' : ''}
                <AnchorLink to="/artists/$id" params={{ id: artist.id }} dir="auto">
                  {artist.name}
                </AnchorLink>
              </span>
            ))}
            {track?.album ? (
              <>
                {' · '}
                <AnchorLink to="/albums/$id" params={{ id: track.album.id }} dir="auto">
                  {track.album.name}
                </AnchorLink>
              </>
            ) : null}
          </Text>
        }
        actions={
          <>
            <HistoryLink search={{ track: id }} />
            <More>
              <Menu.Item leftSection={<IconArrowsJoin size={14} />} onClick={() => setJoining(true)}>
                This is the same recording as …
              </Menu.Item>
            </More>
          </>
        }
      />
      {data?.mergedInto ? (
        <Correction
          icon={<IconArrowsJoin />}
          color="blue"
          undo="Take back"
          busy={undo.isPending}
          onUndo={() => undo.mutate(id)}
        >
          Its plays count for{' '}
          <AnchorLink to="/tracks/$id" params={{ id: data.mergedInto.id }}>
            {data.mergedInto.name}
          </AnchorLink>
          {data.mergedInto.album ? ` (${data.mergedInto.album.name})` : ''}.
        </Correction>
      ) : null}
      {data && data.merged.length > 0 ? (
        <Text size="sm" c="dimmed">
          Counts the plays of {count(data.merged.length)} more of the same recording:{' '}
          {data.merged.map((one) => one.album?.name ?? one.name).join(', ')}.
        </Text>
      ) : null}
      <Mine mine={data?.mine} />
      {track && joining ? (
        <JoinDialog kind="tracks" id={track.id} name={track.name} onClose={() => setJoining(false)} />
      ) : null}
      <Attribution />
    </Stack>
  );
}

/** An artist, and what they are to the listener. */
export function ArtistItem(): ReactNode {
  const { id } = useParams({ from: '/app/artists/$id' });
  const [joining, setJoining] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: [STATISTICS, 'artist', id],
    queryFn: () => api.call(getArtist, { params: { id } }),
  });
  const exclude = useCorrection(() => api.call(createExclusion, { body: { kind: 'artist', artistId: id } }));
  const include = useCorrection((rule: string) => api.call(deleteExclusion, { params: { id: rule } }));
  const undo = useCorrection((artistId: string) => api.call(deleteAlias, { params: { id: artistId } }));
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  const artist = data?.artist;
  const rule = data?.exclusionId ?? null;
  return (
    <Stack gap="lg">
      <Head
        kind="Artist"
        name={artist?.name ?? ' '}
        url={artist?.url ?? null}
        images={artist?.images ?? []}
        below={
          artist && artist.genres.length > 0 ? (
            <Group gap={6}>
              {artist.genres.slice(0, 6).map((genre) => (
                <Badge key={genre} variant="light" tt="none">
                  {genre}
                </Badge>
              ))}
            </Group>
          ) : null
        }
        actions={
          <>
            <HistoryLink search={{ artist: id }} />
            <More>
              <Menu.Item leftSection={<IconUsers size={14} />} onClick={() => setJoining(true)}>
                Count for another artist …
              </Menu.Item>
              {rule === null ? (
                <Menu.Item leftSection={<IconEyeOff size={14} />} onClick={() => exclude.mutate(undefined)}>
                  Do not count this artist
                </Menu.Item>
              ) : null}
            </More>
          </>
        }
      />
      {rule !== null ? (
        <Correction
          icon={<IconEyeOff />}
          color="gray"
          undo="Count again"
          busy={include.isPending}
          onUndo={() => include.mutate(rule)}
        >
          This artist does not count in your figures.
        </Correction>
      ) : null}
      {data?.aliasOf ? (
        <Correction
          icon={<IconUsers />}
          color="blue"
          undo="Take back"
          busy={undo.isPending}
          onUndo={() => undo.mutate(id)}
        >
          Counts for{' '}
          <AnchorLink to="/artists/$id" params={{ id: data.aliasOf.id }}>
            {data.aliasOf.name}
          </AnchorLink>
          .
        </Correction>
      ) : null}
      {data && data.aliases.length > 0 ? (
        <Text size="sm" c="dimmed">
          Counts for {data.aliases.map((one) => one.name).join(', ')} too.
        </Text>
      ) : null}
      <Mine mine={data?.mine} />
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
        <Section title="Tracks">
          <TopRows items={data?.topTracks.slice(0, 10)} by="plays" expected={6} />
        </Section>
        <Section title="Albums">
          <TopRows items={data?.topAlbums.slice(0, 10)} by="plays" expected={6} />
        </Section>
      </SimpleGrid>
      {artist && joining ? (
        <JoinDialog kind="artists" id={artist.id} name={artist.name} onClose={() => setJoining(false)} />
      ) : null}
      <Attribution />
    </Stack>
  );
}

/** An album, and which of its tracks were played. */
export function AlbumItem(): ReactNode {
  const { id } = useParams({ from: '/app/albums/$id' });
  const { data, error, refetch } = useQuery({
    queryKey: [STATISTICS, 'album', id],
    queryFn: () => api.call(getAlbum, { params: { id } }),
  });
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  const album = data?.album;
  return (
    <Stack gap="lg">
      <Head
        kind="Album"
        name={album?.name ?? ' '}
        url={album?.url ?? null}
        images={album?.images ?? []}
        below={
          <Text c="dimmed">
            {album?.artists.map((artist) => (
              <AnchorLink key={artist.id} to="/artists/$id" params={{ id: artist.id }} mr="xs" dir="auto">
                {artist.name}
              </AnchorLink>
            ))}
            {[album?.releaseDate?.slice(0, 4), album?.totalTracks ? `${album.totalTracks} tracks` : null]
              .filter(Boolean)
              .join(' · ')}
          </Text>
        }
        actions={<HistoryLink search={{ album: id }} />}
      />
      <Mine mine={data?.mine} />
      <Card component="section" aria-label="Tracks">
        <TopRows items={data?.tracks} by="plays" expected={8} />
      </Card>
      <Attribution />
    </Stack>
  );
}
