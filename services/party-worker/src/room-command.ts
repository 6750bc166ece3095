import { beginLook, roomPlaybackView, takePlayer, withRoomPlayer } from '@spindle/db';
import type { Processor, RoomCommand } from '@spindle/queues';
import { GiveUp } from '@spindle/service-kit';
import { SpotifyRefusal } from '@spindle/spotify';
import { chooseTrack } from './choose-track.ts';
import type { PartyContext } from './context.ts';
import { inTrouble } from './follow-room.ts';
import { RoomRun } from './room-run.ts';
import { asPremium, playNow, playOn } from './tell-player.ts';
import { troubleOf } from './trouble.ts';

/** Should the worker be killed meanwhile, the room is looked at after this long. */
const AGAIN_MS = 15_000;
/** What came of a command is read this long after it. */
const CHECK_MS = 1_500;

/**
 * Does what a host asked for on their device, while nobody else tells the player anything. Done twice it
 * comes to the same: a skip names its track, and what plays already is not begun again.
 */
export const roomCommand: Processor<PartyContext, 'party', 'room-command'> = async (
  context,
  { roomId, command },
  job,
) => {
  const { db, clock } = context;
  const view = await withRoomPlayer(db, roomId, { wait: true }, async () => {
    const look = await beginLook(db.pool, roomId, new Date(clock.nowMs() + AGAIN_MS));
    const run = look && (await RoomRun.open(context, roomId, look, job));
    if (!run) return null;
    let checkAt: number | null = run.now;
    try {
      await perform(run, command);
      checkAt = run.now + CHECK_MS;
    } catch (error) {
      run.signal.throwIfAborted();
      await note(run, command, error);
      throw inWords(error, run.now);
    } finally {
      await run.reload();
      await run.close({ lookAt: checkAt, readAt: run.playback.isOn ? checkAt : null });
    }
    return roomPlaybackView(db.pool, roomId);
  });
  if (!view) throw new GiveUp({ code: 'room_over', message: 'This room is over.' });
  return view;
};

/** A room that was to play and cannot says so to everybody; of other commands only the host hears. */
async function note(run: RoomRun, { kind }: RoomCommand, error: unknown): Promise<void> {
  if (!['play', 'resume', 'skip'].includes(kind)) return;
  await run.reload();
  if (run.playback.state !== 'playing') await inTrouble(run, error, run.playback.failures);
}

/** Refusals in the words for the host of a room. */
function inWords(error: unknown, now: number): unknown {
  if (!(error instanceof SpotifyRefusal)) return error;
  const { state, message } = troubleOf(error, 0, now);
  return state === 'waiting' ? error : new GiveUp({ code: error.code, message, cause: error });
}

/** Whether the player does already what it was told to by a run whose call was not answered. */
async function isDone(run: RoomRun): Promise<boolean> {
  const { handed, failures } = run.playback;
  if (!handed || failures === 0) return false;
  await run.read();
  return run.reading?.isPlaying === true && run.reading.roomTrackId === handed.id;
}

async function perform(run: RoomRun, command: RoomCommand): Promise<void> {
  if (['play', 'skip'].includes(command.kind) && (await isDone(run))) return;
  switch (command.kind) {
    case 'play':
      return command.roomTrackId === undefined ? begin(run) : playThis(run, command.roomTrackId);
    case 'pause':
      return pause(run);
    case 'resume':
      return resume(run);
    case 'skip':
      return skip(run, command.roomTrackId);
    case 'volume':
      return setVolume(run, command.percent);
    case 'device':
      return useDevice(run, command.deviceId);
  }
}

async function setVolume(run: RoomRun, percent: number): Promise<void> {
  try {
    await asPremium(run, () => run.caller.volume(percent));
  } catch (error) {
    if (!(error instanceof SpotifyRefusal) || error.code !== 'restricted_device') throw error;
    throw new GiveUp({
      code: error.code,
      message: 'Spotify does not let the volume of this device be set. Set it on the device itself.',
      cause: error,
    });
  }
}

async function turnOn(run: RoomRun): Promise<void> {
  await takePlayer(run.context.db.pool, run.room.id);
  if (!run.playback.isOn) await run.save({ isOn: true });
  await run.reload();
}

const isPaused = ({ playback }: RoomRun): boolean => playback.state === 'paused' && playback.current !== null;

async function begin(run: RoomRun): Promise<void> {
  await turnOn(run);
  if (isPaused(run)) return goOn(run);
  await run.read();
  const { current } = run.playback;
  // The room plays: what is due will be seen to.
  if (run.reading?.isPlaying && run.reading.roomTrackId !== null) return;
  const next = await chooseTrack(run);
  if (next !== null) await playNow(run, next, current ? 'skipped' : 'played');
}

async function playThis(run: RoomRun, roomTrackId: number): Promise<void> {
  await turnOn(run);
  if (run.playback.current?.id === roomTrackId && run.playback.state === 'playing') return;
  if (run.playback.current?.id === roomTrackId && isPaused(run)) return goOn(run);
  if (!(await playNow(run, roomTrackId, 'skipped')))
    throw new GiveUp({ code: 'not_waiting', message: 'This track does not wait in the room any more.' });
}

/** Spotify says so when it is so already. */
async function unlessSo(call: () => Promise<void>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof SpotifyRefusal) || error.code !== 'forbidden') throw error;
  }
}

async function pause(run: RoomRun): Promise<void> {
  await unlessSo(() => asPremium(run, () => run.caller.pause()));
  const { startedAt, durationMs, progressMs } = run.playback;
  const reached = startedAt === null ? progressMs : run.now - startedAt.getTime();
  await run.save({
    isOn: false,
    state: 'paused',
    message: null,
    startedAt: null,
    progressMs: reached === null ? null : Math.max(0, Math.min(reached, durationMs ?? reached)),
    toldAt: new Date(run.now),
  });
}

async function resume(run: RoomRun): Promise<void> {
  if (!isPaused(run)) return begin(run);
  await turnOn(run);
  await goOn(run);
}

/** Goes on with the room's track, on another device when its own is asleep. */
async function goOn(run: RoomRun): Promise<void> {
  const { current, progressMs } = run.playback;
  const positionMs = progressMs ?? 0;
  try {
    await unlessSo(() => asPremium(run, () => run.caller.play()));
  } catch (error) {
    const isAsleep =
      error instanceof SpotifyRefusal && (error.code === 'no_active_device' || error.code === 'not_found');
    if (!isAsleep || !current) throw error;
    run.reading = null;
    return playOn(run, current, positionMs);
  }
  await run.save({
    isOn: true,
    state: 'playing',
    message: null,
    startedAt: new Date(run.now - positionMs),
    progressMs: null,
    toldAt: new Date(run.now),
  });
}

/** @param roomTrackId what was meant; when another plays by now, nothing is skipped */
async function skip(run: RoomRun, roomTrackId: number | null): Promise<void> {
  const { current } = run.playback;
  if (roomTrackId !== null && roomTrackId !== current?.id) return;
  await turnOn(run);
  const next = await chooseTrack(run);
  if (next !== null) {
    await playNow(run, next, 'skipped');
    return;
  }
  await pause(run);
  await run.playing(null, 'skipped', {
    isOn: true,
    state: 'idle',
    startedAt: null,
    progressMs: null,
    durationMs: null,
  });
}

async function useDevice(run: RoomRun, deviceId: string): Promise<void> {
  const device = (await run.caller.devices()).find((one) => one.id === deviceId);
  if (!device?.id)
    throw new GiveUp({ code: 'no_such_device', message: 'This device is not there any more.' });
  if (device.is_restricted) throw new SpotifyRefusal('restricted_device', 403);
  const { state } = run.playback;
  await asPremium(run, () => run.caller.transfer(deviceId, state === 'playing' || state === 'host-plays'));
  await run.save({ device: { id: device.id, name: device.name }, toldAt: new Date(run.now) });
}
