import {
  contextIds,
  countLive,
  deviceIds,
  deviceName,
  hastenHistory,
  ingestPlays,
  loadCapture,
  loadNowPlaying,
  lockRunningListen,
  openRoomsOfHost,
  type PlayObservation,
  postponeReading,
  savePlaybackReading,
  savePlayerReading,
  type Transaction,
  upsertTracks,
} from '@spindle/db';
import { type Processor, type RunningJob, userRoom } from '@spindle/queues';
import type { SyncContext } from '../context.ts';
import { tellFeed } from '../feed.ts';
import { postponement } from '../history/history.ts';
import { SETTLE_MS } from '../history/history-plan.ts';
import { laneOf } from '../lane.ts';
import { type EndedListen, follow, type TrackReading } from './listen.ts';
import { nextPlaybackAt } from './playback-plan.ts';
import { readPlayer } from './player-reading.ts';

/** Spotify counts a play from 30 s; measured from outside, a little more is asked for. */
const LEAST_LISTEN_MS = 31_000;
/**
 * A listen whose end is known no better than this is left to the history, which stamps it exactly:
 * stored from a guess, it could not be known again.
 */
const MOST_UNCERTAIN_MS = 20_000;

async function observations(tx: Transaction, ended: readonly EndedListen[]): Promise<PlayObservation[]> {
  const contexts = await contextIds(
    tx,
    ended.flatMap((listen) => listen.contextUri ?? []),
  );
  const devices = await deviceIds(
    tx,
    ended.flatMap((listen) => deviceName(listen.deviceName) ?? []),
  );
  const deviceOf = (name: string | null) => devices.get(deviceName(name) ?? '') ?? null;
  return ended.map((listen) => ({
    trackId: listen.trackId,
    source: 'live',
    startedAt: listen.startedAt,
    endedAt: listen.endedAt,
    msPlayed: listen.listenedMs,
    durationMs: listen.durationMs,
    uncertaintyMs: listen.uncertaintyMs,
    contextId: listen.contextUri === null ? null : (contexts.get(listen.contextUri) ?? null),
    deviceId: deviceOf(listen.deviceName),
  }));
}

/** Has the party rooms of a host go on from what was read: they read nothing themselves. */
async function tellRooms(
  { db, producer }: Pick<SyncContext, 'db' | 'producer'>,
  userId: number,
  { requestId, log }: Pick<RunningJob<'sync'>, 'requestId' | 'log'>,
): Promise<void> {
  for (const roomId of await openRoomsOfHost(db.pool, userId)) {
    try {
      await producer.add('party', 'follow-room', { roomId }, { requestId: `${requestId}.${roomId}` });
    } catch (error) {
      // A room has plans of its own; the reading was stored and does not fail for it.
      log.warn({ err: error, roomId }, 'a room was not told of a reading');
    }
  }
}

/**
 * Reads a listener's player once: what plays now for everybody who looks, and the listen that has ended
 * for the history. State, plays and the time of the next reading are written in one transaction.
 */
export const playback: Processor<SyncContext, 'sync', 'playback'> = async (
  context,
  { userId, reason },
  job,
) => {
  const { db, clock } = context;
  const state = await loadCapture(db, userId, clock.now());
  if (!state) return { isPlaying: false, trackId: null };
  try {
    const askedAt = clock.nowMs();
    const player = await context.spotify
      .as(userId, { lane: laneOf(reason, 'live'), signal: job.signal })
      .player();
    const now = clock.nowMs();
    const at = new Date(now);
    const { reading, track } = readPlayer(player, at);
    const watched = (state.watchedUntil?.getTime() ?? 0) > now;
    const idleReads = reading.isPlaying ? 0 : state.idleReads + 1;
    const account = context.governor.accountOf(state.appId);
    const apps = context.apps.filter((app) => app.account === account).map((app) => app.id);
    const nextAt = nextPlaybackAt({
      now,
      watched,
      live: state.live,
      isPlaying: reading.isPlaying,
      endsAt:
        reading.isPlaying && reading.durationMs !== null && reading.progressMs !== null
          ? now + reading.durationMs - reading.progressMs
          : null,
      progressMs: reading.progressMs ?? 0,
      idleReads,
      budget: await context.governor.budget(account, 'live'),
      watchedListeners: watched ? (await countLive(db, apps, at)).watched : 1,
    });

    const outcome = await db.transaction(async (tx) => {
      const trackId = track ? ((await upsertTracks(tx, [track], at)).get(track.spotifyId) ?? null) : null;
      const counting: TrackReading | null =
        trackId !== null && reading.durationMs !== null && reading.progressMs !== null
          ? {
              trackId,
              durationMs: reading.durationMs,
              progressMs: reading.progressMs,
              isPlaying: reading.isPlaying,
              contextUri: reading.contextUri,
              deviceName: reading.deviceName,
            }
          : null;
      const before = await lockRunningListen(tx, userId);
      const { ended, running } = follow(before, counting, now, now - askedAt);
      const plays = ended.filter(
        (listen) => listen.listenedMs >= LEAST_LISTEN_MS && listen.uncertaintyMs <= MOST_UNCERTAIN_MS,
      );
      const { stored } = await ingestPlays(tx, userId, await observations(tx, plays));
      const { changed } = await savePlayerReading(tx, userId, { ...reading, trackId }, running);
      await savePlaybackReading(tx, userId, {
        readAt: at,
        nextAt: nextAt === null ? null : new Date(nextAt),
        idleReads,
      });
      // The music has just stopped: once late entries have arrived, the history knows all of it.
      if (before?.isPlaying && !reading.isPlaying && state.idleReads === 0) {
        await hastenHistory(tx, userId, new Date(now + SETTLE_MS));
      }
      return { trackId, stored, changed };
    });

    db.measures.playsStored('live', outcome.stored);
    const view = await loadNowPlaying(db.pool, userId, at);
    if (view) await context.live.publish('now-playing', [userRoom(userId)], view);
    if (outcome.changed) await tellFeed(context, userId);
    await tellRooms(context, userId, job);
    if (outcome.stored > 0)
      await context.live.publish('plays-added', [userRoom(userId)], { count: outcome.stored });
    return {
      isPlaying: reading.isPlaying,
      trackId: outcome.trackId === null ? null : String(outcome.trackId),
    };
  } catch (error) {
    await postponeReading(db, userId, 'playback', postponement(error, clock.nowMs(), state.failures));
    throw error;
  }
};
