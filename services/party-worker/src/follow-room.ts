import { beginLook, settleVotes, withRoomPlayer } from '@spindle/db';
import type { Processor } from '@spindle/queues';
import { chooseTrack, nextOfGuests } from './choose-track.ts';
import type { PartyContext } from './context.ts';
import { type Decision, decide, type Shown, type Situation, type Step } from './decide.ts';
import { RoomRun } from './room-run.ts';
import { askQueue, dropTrack, handOver, playNow, playOn } from './tell-player.ts';
import { isAnswered, isOfTrack, troubleOf } from './trouble.ts';

/** A look that nobody finished is taken again after this long. */
const AGAIN_MS = 15_000;
/** Decisions of one look, at most: each that does not end it has changed what is known. */
const ROUNDS = 8;
/** A call without an answer is looked after this much later. */
const UNANSWERED_MS = 1_200;
/** A start that differs by less is the same. */
const SAME_START_MS = 1_500;

/** What a look comes to. `again`: more is known now. */
type Outcome = { readonly again: true } | { readonly lookAt: number | null; readonly readAt: number | null };
const AGAIN: Outcome = { again: true };

/**
 * Looks at a room: what its host's player does by the last reading, what is to be played next and when to
 * look again. Killed anywhere, the next look goes on from what was noted.
 */
export const followRoom: Processor<PartyContext, 'party', 'follow-room'> = async (
  context,
  { roomId },
  job,
) => {
  const state = await withRoomPlayer(context.db, roomId, { wait: false }, async () => {
    const look = await beginLook(context.db.pool, roomId, new Date(context.clock.nowMs() + AGAIN_MS));
    const run = look && (await RoomRun.open(context, roomId, look, job));
    if (!run) return 'over';
    try {
      await heal(run);
      await run.close(await follow(run));
    } catch (error) {
      await run.close({ lookAt: run.now + UNANSWERED_MS, readAt: null });
      throw error;
    }
    return run.playback.state;
  });
  // Whoever has the player in hand looks at the room afterwards.
  return { state: state ?? 'busy' };
};

/** Counts what a gateway that died has not. */
async function heal(run: RoomRun): Promise<void> {
  const { changed } = await settleVotes(run.context.db, run.room.id, run.context.clock.now());
  for (const id of changed) run.changed.add(id);
}

/** Decides, and carries it out, until there is nothing more to be done now. */
export async function follow(run: RoomRun): Promise<{ lookAt: number | null; readAt: number | null }> {
  let wasAsked = false;
  for (let round = 0; round < ROUNDS; round += 1) {
    const decision = decide(await situationOf(run, wasAsked), run.now);
    await store(run, decision);
    const outcome = await carryOut(run, decision);
    await run.reload();
    if (!('again' in outcome)) return outcome;
    wasAsked ||= decision.step.do === 'read';
  }
  return { lookAt: run.now + UNANSWERED_MS, readAt: null };
}

async function situationOf(run: RoomRun, wasAsked: boolean): Promise<Situation> {
  const { playback } = run;
  const { current, handed, failures } = playback;
  return {
    state: playback.state,
    isOn: playback.isOn,
    current: current?.id ?? null,
    foreign: playback.foreignTrackId,
    startedAt: playback.startedAt?.getTime() ?? null,
    progressMs: playback.progressMs,
    durationMs: playback.durationMs,
    handed: handed && { id: handed.id, isSure: failures === 0 },
    toldAt: playback.toldAt?.getTime() ?? 0,
    hasReady: run.hasFallback || (await nextOfGuests(run)) !== null,
    plannedAt: run.plannedAt,
    reading: run.reading,
    wasAsked,
  };
}

/** Whether the room is shown otherwise than it stands there. */
function isNews({ playback }: RoomRun, isOn: boolean, shown: Shown): boolean {
  const before = playback.startedAt?.getTime() ?? null;
  const isSameStart =
    before === null || shown.startedAt === null
      ? before === shown.startedAt
      : Math.abs(before - shown.startedAt) < SAME_START_MS;
  return (
    !isSameStart ||
    playback.isOn !== isOn ||
    playback.state !== shown.state ||
    playback.foreignTrackId !== shown.foreign ||
    playback.progressMs !== shown.progressMs ||
    playback.durationMs !== shown.durationMs
  );
}

/** The device on which the room was seen to play, when that is another than was known; null: it is not. */
function deviceOf({ activeDevice, playback }: RoomRun): { id: null; name: string } | null {
  return activeDevice === null || activeDevice === playback.deviceName
    ? null
    : { id: null, name: activeDevice };
}

/** Stores what is known by a decision. */
async function store(run: RoomRun, { isOn, ended, shown, isAssumed }: Decision): Promise<void> {
  const { current, handed, failures } = run.playback;
  const isOther = (current?.id ?? null) !== shown.current;
  const device = shown.state === 'playing' ? deviceOf(run) : null;
  if (!isOther && !device && !isNews(run, isOn, shown)) return;
  const isSeen = shown.state === 'playing' || shown.state === 'host-plays';
  const change = {
    isOn,
    state: shown.state,
    ...(shown.state !== run.playback.state && { message: null }),
    foreignTrackId: shown.foreign,
    startedAt: shown.startedAt === null ? null : new Date(shown.startedAt),
    progressMs: shown.progressMs,
    durationMs: shown.durationMs ?? (handed?.id === shown.current ? (handed?.durationMs ?? null) : null),
    // What was told without an answer is there after all; of anything else that waits nothing is known.
    ...(isSeen && failures > 0 && (!handed || handed.id === shown.current) && { failures: 0 }),
    ...(device && { device }),
    ...(isAssumed && { toldAt: new Date(run.now) }),
  };
  if (isOther) await run.playing(shown.current, ended, change);
  else await run.save(change);
  await run.reload();
}

async function carryOut(run: RoomRun, decision: Decision): Promise<Outcome> {
  const { step, lookAt, readAt } = decision;
  if (step.do === 'rest') return { lookAt, readAt };
  const { failures, handed } = run.playback;
  try {
    return await perform(run, step, decision);
  } catch (error) {
    run.signal.throwIfAborted();
    await run.reload();
    const tried = run.playback.handed ?? handed;
    if (isOfTrack(error) && step.do === 'play-on') {
      await run.playing(null, 'skipped', {});
      return AGAIN;
    }
    if (isOfTrack(error) && tried && step.do !== 'ask-queue') {
      await dropTrack(run, tried.id);
      return AGAIN;
    }
    return step.do === 'hand-over' || step.do === 'ask-queue'
      ? whilePlaying(run, error, endOf(decision.shown))
      : inTrouble(run, error, failures);
  }
}

const endOf = ({ startedAt, durationMs }: Shown): number | null =>
  startedAt === null || durationMs === null ? null : startedAt + durationMs;

async function perform(run: RoomRun, step: Step, { ended }: Decision): Promise<Outcome> {
  switch (step.do) {
    case 'read':
      await run.read();
      return AGAIN;
    case 'ask-queue':
      await askQueue(run);
      return AGAIN;
    case 'hand-over': {
      const next = await chooseTrack(run);
      if (next !== null) await handOver(run, next);
      return AGAIN;
    }
    case 'play-next': {
      const next = await chooseTrack(run);
      if (next !== null) await playNow(run, next, ended);
      return AGAIN;
    }
    case 'play-on': {
      const { current } = run.playback;
      if (current) await playOn(run, current, step.positionMs);
      return AGAIN;
    }
    default:
      return AGAIN;
  }
}

/** A call failed that nobody hears: the music goes on meanwhile. */
async function whilePlaying(run: RoomRun, error: unknown, endAt: number | null): Promise<Outcome> {
  run.log.warn({ err: error, roomId: run.room.id }, 'the next track could not be handed over yet');
  const { failures } = run.playback;
  const { state, message, retryAt } = troubleOf(error, failures, run.now);
  // What only the host can mend is told while there is time.
  if (state !== 'waiting' && state !== 'no-device') await run.save({ message });
  const soon = isAnswered(error) ? retryAt : run.now + UNANSWERED_MS * Math.max(1, failures);
  const afterEnd = (endAt ?? run.now) + UNANSWERED_MS;
  const at = Math.max(run.now + UNANSWERED_MS, Math.min(soon, afterEnd));
  return { lookAt: at, readAt: endAt === null ? null : Math.max(run.now, afterEnd) };
}

/** A call failed, and nothing of the room is to be heard. */
export async function inTrouble(run: RoomRun, error: unknown, failures: number): Promise<Outcome> {
  run.log.warn({ err: error, roomId: run.room.id }, 'the room cannot play yet');
  const { state, message, retryAt } = troubleOf(error, failures, run.now);
  await run.save({ state, message, failures: failures + 1 });
  // It may have been done: a reading tells, before it is told again.
  if (!isAnswered(error)) return { lookAt: retryAt, readAt: run.now + UNANSWERED_MS };
  return { lookAt: retryAt, readAt: null };
}
