import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useMemo, useSyncExternalStore } from 'react';
import { queryKeys } from '../api.ts';
import { RoomChannel, type RoomLink, type VoteUnderWay } from './room-channel.ts';
import { type RoomData, withVotes } from './room-merge.ts';

/** A room as somebody sees it who has joined. */
export interface OpenRoom {
  readonly code: string;
  readonly data: RoomData;
  readonly me: NonNullable<RoomData['room']['me']>;
  readonly channel: RoomChannel;
  readonly link: RoomLink;
  readonly votes: ReadonlyMap<string, VoteUnderWay>;
}

const RoomContext = createContext<OpenRoom | null>(null);
export const RoomProvider = RoomContext;

/** The room around; only inside pages of somebody who has joined. */
export function useRoom(): OpenRoom {
  const room = useContext(RoomContext);
  if (!room) throw new Error('this needs a room that somebody has joined');
  return room;
}

/** Follows a room while a page of somebody shows it who has joined. */
export function useRoomChannel(code: string, hasJoined: boolean) {
  const queries = useQueryClient();
  const channel = useMemo(() => new RoomChannel(queries, code), [queries, code]);
  const state = useQuery({
    queryKey: queryKeys.room(code),
    queryFn: ({ signal }) => channel.load(signal),
    enabled: hasJoined,
  });
  const isOver = state.data?.room.endedAt != null;
  useEffect(() => (hasJoined && !isOver ? channel.follow() : undefined), [channel, hasJoined, isOver]);
  const { link, votes } = useSyncExternalStore(channel.subscribe, channel.signal);
  const { data } = state;
  const shown = useMemo(() => data && withVotes(data, votes), [data, votes]);
  const me = shown?.room.me;
  const room: OpenRoom | null = shown && me ? { code, data: shown, me, channel, link, votes } : null;
  return { room, channel, error: state.error, retry: () => void state.refetch() };
}

/** Keeps a screen from going dark that nobody touches, where the browser can. */
export function useWakeLock(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | null = null;
    let isOver = false;
    const hold = async () => {
      if (!('wakeLock' in navigator) || document.visibilityState !== 'visible') return;
      // Refused on low battery, for instance: then it goes dark.
      const held = await navigator.wakeLock.request('screen').catch(() => null);
      if (isOver) void held?.release();
      else lock = held;
    };
    void hold();
    const again = () => void hold();
    document.addEventListener('visibilitychange', again);
    return () => {
      isOver = true;
      document.removeEventListener('visibilitychange', again);
      void lock?.release();
    };
  }, []);
}
