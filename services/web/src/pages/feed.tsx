import { Card, SimpleGrid, Skeleton, Stack, Switch, Text, Title, VisuallyHidden } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { getInstanceSettings, type NowPlayingView, updateInstanceSettings } from '@spindle/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef } from 'react';
import { api, describeError, isSignedOut, queryKeys } from '../api.ts';
import { Attribution } from '../components/attribution.tsx';
import { Failure } from '../components/failure.tsx';
import { ShareSwitch } from '../components/share-switch.tsx';
import classes from '../feed/feed-card.module.css';
import { FeedCard } from '../feed/feed-card.tsx';
import { useFeedChannel } from '../feed/feed-channel.ts';
import { useSettledOrder } from '../feed/use-settled-order.ts';
import { useSessionOfAnybody } from '../session.tsx';

/** A track is taken for over when this has passed after its expected end; the API sees it likewise then. */
const STALE_AFTER_MS = 10 * 60_000;
/** Screen readers hear how many play when that has not changed for so long. */
const QUIET_MS = 3_000;

const people = (count: number): string => `${count} ${count === 1 ? 'person' : 'people'}`;

/** How many share and play, for screen readers: told politely, and not with every track. */
function Summary({ items }: { readonly items: readonly NowPlayingView[] }): ReactNode {
  const playing = items.filter((item) => item.isPlaying).length;
  const [text] = useDebouncedValue(
    items.length === 0
      ? 'Nobody shares what they play.'
      : `${people(items.length)} shared here, ${playing === 0 ? 'nobody is' : `${playing} of them`} playing now.`,
    QUIET_MS,
  );
  return (
    <VisuallyHidden role="status" aria-live="polite">
      {text}
    </VisuallyHidden>
  );
}

/** Asks anew when something that plays must be over and no word of it came. */
function useOverdue(items: readonly NowPlayingView[] | undefined, refetch: () => unknown): void {
  const ends = (items ?? []).flatMap(({ startedAt, durationMs }) =>
    startedAt === null ? [] : [Date.parse(startedAt) + (durationMs ?? 0) + STALE_AFTER_MS],
  );
  const next = ends.length === 0 ? null : Math.min(...ends);
  useEffect(() => {
    if (next === null) return;
    const timer = setTimeout(refetch, Math.max(1_000, next - Date.now() + 1_000));
    return () => clearTimeout(timer);
  }, [next, refetch]);
}

function People(props: { readonly items: readonly NowPlayingView[]; readonly linked: boolean }): ReactNode {
  const list = useRef<HTMLDivElement>(null);
  const byHandle = new Map(props.items.map((item) => [item.user.handle, item]));
  const order = useSettledOrder(list, [...byHandle.keys()]);
  return (
    <SimpleGrid
      component="ul"
      ref={list}
      className={classes.list}
      cols={{ base: 1, sm: 2 }}
      aria-label="Who shares"
    >
      {order.map((handle) => {
        const view = byHandle.get(handle);
        return view ? (
          <li key={handle} data-glide={handle} style={{ minWidth: 0 }}>
            <FeedCard view={view} linked={props.linked} />
          </li>
        ) : null;
      })}
    </SimpleGrid>
  );
}

/** The admin's word on who may see the feed. */
function FeedAudience(): ReactNode {
  const queries = useQueryClient();
  const { data } = useQuery({
    queryKey: queryKeys.settings,
    queryFn: () => api.call(getInstanceSettings, {}),
  });
  const change = useMutation({
    mutationFn: (feedPublic: boolean) => api.call(updateInstanceSettings, { body: { feedPublic } }),
    onSuccess: (settings) => {
      queries.setQueryData(queryKeys.settings, settings);
      void queries.invalidateQueries({ queryKey: queryKeys.feed });
    },
    onError: (error) => {
      const { title, detail } = describeError(error);
      notifications.show({ color: 'red', title, message: detail });
    },
  });
  if (!data) return null;
  return (
    <Switch
      label="Visitors may see this page"
      description="When this is off, it is for those who are signed in here."
      checked={data.feedPublic}
      disabled={change.isPending}
      onChange={(event) => change.mutate(event.currentTarget.checked)}
    />
  );
}

/** Everybody who shares, and what they play, live. */
export function Feed(): ReactNode {
  const session = useSessionOfAnybody();
  const queries = useQueryClient();
  const channel = useFeedChannel(queries, session?.live ?? null, session === null);
  const { data, error, refetch } = useQuery({
    queryKey: queryKeys.feed,
    queryFn: ({ signal }) => channel.load(signal),
    staleTime: 0,
  });
  const closed = error !== null && isSignedOut(error);
  const items = closed ? undefined : data?.items;
  useOverdue(items, refetch);
  return (
    <Stack gap="lg">
      <div>
        <Title order={1} size="h2">
          Playing now
        </Title>
        <Text c="dimmed">What people here share, as it plays.</Text>
      </div>
      {closed ? (
        <Card>
          <Text>The feed of this instance is for those who are signed in.</Text>
        </Card>
      ) : error ? (
        <Failure error={error} retry={() => void refetch()} />
      ) : null}
      {items === undefined && !error ? (
        <SimpleGrid cols={{ base: 1, sm: 2 }} aria-busy aria-label="Loading">
          {['one', 'two', 'three', 'four'].map((name) => (
            <Skeleton key={name} height={186} radius="lg" />
          ))}
        </SimpleGrid>
      ) : null}
      {items ? <Summary items={items} /> : null}
      {items && items.length > 0 ? <People items={items} linked={session !== null} /> : null}
      {items?.length === 0 ? (
        <Card ta="center" py="xl">
          <Text fw={600}>Nobody shares what they play at the moment.</Text>
          <Text c="dimmed">
            {session
              ? 'Be the first: switch it on below, and your music shows up here while you listen.'
              : 'Whoever signs in here can share; their music shows up here by itself.'}
          </Text>
        </Card>
      ) : null}
      {session ? (
        <Card component="section" aria-label="Sharing">
          <Stack gap="md">
            <ShareSwitch />
            {session.user.isAdmin ? <FeedAudience /> : null}
          </Stack>
        </Card>
      ) : null}
      <Attribution />
    </Stack>
  );
}
