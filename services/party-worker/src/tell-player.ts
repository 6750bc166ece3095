import { setTimeout as sleep } from 'node:timers/promises';
import { noteTelling, type RoomTrackRef, removeProposal } from '@spindle/db';
import { SpotifyRefusal } from '@spindle/spotify';
import { type ChosenDevice, chooseDevice } from './choose-device.ts';
import type { RoomRun } from './room-run.ts';
import { isAnswered } from './trouble.ts';

/** Before a refusal is believed that was seen to be none. */
const BELIEVE_MS = 500;

const uriOf = (track: RoomTrackRef): string => `spotify:track:${track.spotifyId}`;

/** Spotify refused Premium accounts now and then, and not a moment later: one refusal is not believed. */
export async function asPremium<T>(run: RoomRun, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof SpotifyRefusal) || error.code !== 'premium_required') throw error;
    await sleep(run.context.clock.toWallMs(BELIEVE_MS), undefined, { signal: run.signal });
    return call();
  }
}

/** Plays a track on the device that is active, else on the room's own, else on one that is there. */
async function startOn(run: RoomRun, track: RoomTrackRef, positionMs: number): Promise<ChosenDevice | null> {
  const hasActive = run.reading?.hasDevice === true;
  const ownId = hasActive ? null : run.playback.deviceId;
  const play = (deviceId: string | null) =>
    asPremium(run, () =>
      run.caller.play({
        uris: [uriOf(track)],
        ...(positionMs > 0 && { positionMs: Math.round(positionMs) }),
        ...(deviceId !== null && { deviceId }),
      }),
    );
  try {
    await play(ownId);
    return null;
  } catch (error) {
    const isDevices =
      error instanceof SpotifyRefusal &&
      (error.code === 'no_active_device' || (error.code === 'not_found' && ownId !== null));
    if (!isDevices) throw error;
  }
  const chosen = await chooseDevice(run);
  await play(chosen.id);
  return chosen;
}

/** What is told of a track that the player begins now. */
const begun = (run: RoomRun, track: RoomTrackRef, positionMs: number) => ({
  isOn: true,
  state: 'playing' as const,
  message: null,
  startedAt: new Date(run.now - positionMs),
  progressMs: null,
  durationMs: track.durationMs,
  failures: 0,
  toldAt: new Date(run.now),
});

/** Takes a track that Spotify does not play out of the room. */
export async function dropTrack(run: RoomRun, roomTrackId: number): Promise<void> {
  const { db, clock } = run.context;
  run.refused.add(roomTrackId);
  await run.save({ handedId: null, failures: 0 });
  await removeProposal(db.pool, { roomId: run.room.id, roomTrackId, participantId: null }, clock.now());
  run.changed.add(roomTrackId);
  await run.reload();
}

/** Notes that the player is about to be told of a track. Answers it; null when it does not wait any more. */
async function telling(run: RoomRun, roomTrackId: number): Promise<RoomTrackRef | null> {
  const { db, clock } = run.context;
  if (!(await noteTelling(db.pool, run.room.id, roomTrackId, clock.now()))) return null;
  await run.reload();
  return run.playback.handed;
}

/**
 * Tells Spotify to play a track next. Answers false when it does not wait any more.
 *
 * @throws what the call throws; when it was not answered, the note stays that it may have been done.
 */
export async function handOver(run: RoomRun, roomTrackId: number): Promise<boolean> {
  const { failures } = run.playback;
  const track = await telling(run, roomTrackId);
  if (!track) return false;
  try {
    await asPremium(run, () => run.caller.enqueue(uriOf(track)));
  } catch (error) {
    if (isAnswered(error)) await run.save({ handedId: null, failures });
    throw error;
  }
  await run.save({ failures: 0, toldAt: new Date(run.now), message: null });
  return true;
}

/**
 * Plays a track of the room at once. Answers false when it does not wait any more.
 *
 * @param before how what played until now ended
 * @throws what the calls throw; when one was not answered, the note stays that it may have been done.
 */
export async function playNow(
  run: RoomRun,
  roomTrackId: number,
  before: 'played' | 'skipped',
): Promise<boolean> {
  const { handed, failures } = run.playback;
  // What Spotify has in its queue comes after this one.
  const stays = handed !== null && failures === 0 && handed.id !== roomTrackId ? handed.id : null;
  const isNext = handed?.id === roomTrackId && failures === 0 && run.reading?.isPlaying === true;
  const track = await telling(run, roomTrackId);
  if (!track) return false;
  let device: ChosenDevice | null = null;
  try {
    // Played by its address, what stands first in the queue would be heard a second time.
    if (isNext && (await standsFirst(run, track))) await asPremium(run, () => run.caller.next());
    else device = await startOn(run, track, 0);
  } catch (error) {
    if (isAnswered(error)) await run.save({ handedId: stays, failures });
    throw error;
  }
  await run.playing(track.id, before, {
    ...begun(run, track, 0),
    handedId: stays,
    ...(device && { device }),
  });
  return true;
}

async function standsFirst(run: RoomRun, track: RoomTrackRef): Promise<boolean> {
  const { queue } = await run.caller.queue();
  return queue[0]?.uri === uriOf(track);
}

/** Goes on with the room's track where it was interrupted. */
export async function playOn(run: RoomRun, track: RoomTrackRef, positionMs: number): Promise<void> {
  const device = await startOn(run, track, positionMs);
  await run.save({
    ...begun(run, track, positionMs),
    // A player that was gone may have forgotten what it was to play next.
    ...(run.playback.handed && { failures: 1 }),
    ...(device && { device }),
  });
}

/** Looks whether Spotify has what it was told of without an answer. */
export async function askQueue(run: RoomRun): Promise<void> {
  const { handed } = run.playback;
  if (!handed) return;
  const { queue, currently_playing: playing } = await run.caller.queue();
  const isThere = [playing, ...queue].some((item) => item?.uri === uriOf(handed));
  await run.save(isThere ? { failures: 0 } : { failures: 0, handedId: null });
}
