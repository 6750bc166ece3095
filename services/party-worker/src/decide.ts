import type { RoomPlaybackState } from '@spindle/contracts';

/** What is known of a room's playback. Times are epoch ms; tracks of the room go by their id in it. */
export interface Situation {
  readonly state: RoomPlaybackState;
  /** The host has begun: tracks follow one another by themselves. */
  readonly isOn: boolean;
  /** The track of the room that plays, or is paused. */
  readonly current: number | null;
  /** What the host plays instead, by its row in the catalogue. */
  readonly foreign: number | null;
  /** When what plays would have begun had it run without a pause; null while it is paused. */
  readonly startedAt: number | null;
  readonly progressMs: number | null;
  readonly durationMs: number | null;
  /** What Spotify was told to play next, or at once; not `isSure` when it did not answer. */
  readonly handed: { readonly id: number; readonly isSure: boolean } | null;
  /** When the player was last told anything. */
  readonly toldAt: number;
  /** Something is there to be played next, beside what was handed over. */
  readonly hasReady: boolean;
  /** When the room was to be looked at, which is not before it is worth trying again after trouble. */
  readonly plannedAt: number | null;
  readonly reading: Reading | null;
  /** The player was asked for a moment ago: there will be no newer reading. */
  readonly wasAsked: boolean;
}

/** The host's player as it was read last. */
export interface Reading {
  readonly at: number;
  readonly kind: 'track' | 'episode' | 'local' | 'ad' | 'unknown' | 'nothing';
  readonly isPlaying: boolean;
  readonly isPrivate: boolean;
  readonly trackId: number | null;
  /** The track of the room that it is. */
  readonly roomTrackId: number | null;
  readonly progressMs: number | null;
  readonly durationMs: number | null;
  /** It comes from a playlist, an album or the like, rather than from a single request or autoplay. */
  readonly hasContext: boolean;
  /** Whether a device is active at all. */
  readonly hasDevice: boolean;
}

/** What is known then. */
export interface Shown {
  readonly state: RoomPlaybackState;
  readonly current: number | null;
  readonly foreign: number | null;
  readonly startedAt: number | null;
  readonly progressMs: number | null;
  readonly durationMs: number | null;
}

/** What the player is to be told, or asked. */
export type Step =
  | { readonly do: 'rest' }
  /** Have the player read. */
  | { readonly do: 'read' }
  /** Tell Spotify what comes next. */
  | { readonly do: 'hand-over' }
  /** Look whether Spotify knows what it was told without an answer. */
  | { readonly do: 'ask-queue' }
  /** Play what comes next, at once. */
  | { readonly do: 'play-next' }
  /** Go on with what was interrupted. */
  | { readonly do: 'play-on'; readonly positionMs: number };

export interface Decision {
  readonly isOn: boolean;
  /** How the track ended that played until now, when another or none does. */
  readonly ended: 'played' | 'skipped';
  readonly shown: Shown;
  readonly step: Step;
  /** When to look again at the latest; null: when something happens. */
  readonly lookAt: number | null;
  /** When a reading is needed, beside those that are planned anyway. */
  readonly readAt: number | null;
  /** What is shown was not read: nothing that was read before it is to be believed. */
  readonly isAssumed?: true;
}

/** What was read sooner after a command shows the player as it was before it. */
export const BELIEVE_AFTER_MS = 1_000;
/** The next track is handed over this long before the end: until then votes decide. */
export const HAND_OVER_MS = 10_500;
/** Too late to hand anything over; a player that changes tracks would not notice any more. */
const TOO_LATE_MS = 1_500;
/** A player shows the next track about this long after the end. */
const AFTER_END_MS = 1_500;
/** Two readings of the same agree to this. */
const AGREE_MS = 3_000;
/** With crossfade tracks end up to 12 s early. */
const EARLY_END_MS = 12_500;
/** What was read longer ago than this is asked for again before silence is broken. */
const STALE_MS = 15_000;
/** How much is heard again of a track that was interrupted. */
const REWIND_MS = 5_000;
/** While nothing is expected to happen by itself. */
const IDLE_LOOK_MS = 60_000;
const AD_MS = 10_000;

const TROUBLE: readonly RoomPlaybackState[] = [
  'no-device',
  'premium-required',
  'restricted-device',
  'reauth-needed',
  'waiting',
];
/** Whether the room would play if it could. */
export const isTrouble = (state: RoomPlaybackState): boolean => TROUBLE.includes(state);

interface Progress {
  readonly startedAt: number | null;
  readonly progressMs: number | null;
  readonly durationMs: number | null;
}
const NO_PROGRESS: Progress = { startedAt: null, progressMs: null, durationMs: null };

/**
 * What is to be done about a room's playback: from what is known, what was read of the player, and the time.
 * The one place where it is decided.
 */
export function decide(situation: Situation, now: number): Decision {
  const { reading } = situation;
  const isNew = reading !== null && reading.at >= situation.toldAt + BELIEVE_AFTER_MS;
  if (!situation.isOn) {
    // The host paused it by the room, and went on with it by hand.
    const goesOn =
      isNew && reading.isPlaying && reading.roomTrackId !== null && reading.roomTrackId === situation.current;
    return goesOn && situation.state === 'paused'
      ? withReading({ ...situation, isOn: true }, reading, now)
      : rest(situation, { isOn: false });
  }
  if (isTrouble(situation.state) && situation.plannedAt !== null && situation.plannedAt > now) {
    const showsLife = isNew && (reading.isPlaying || (situation.state === 'no-device' && reading.hasDevice));
    if (!showsLife) return rest(situation, { lookAt: situation.plannedAt });
  }
  const saysNothing =
    !isNew || reading.isPrivate || (reading.isPlaying && ['ad', 'unknown'].includes(reading.kind));
  if (isNew && reading.isPlaying && reading.kind === 'ad')
    return rest(situation, { lookAt: now + AD_MS, readAt: now + AD_MS });
  return saysNothing ? withoutReading(situation, now) : withReading(situation, reading, now);
}

function withReading(situation: Situation, reading: Reading, now: number): Decision {
  if (!reading.isPlaying) return silent(situation, reading, now);
  const startedAt = reading.at - (reading.progressMs ?? 0);
  const progress = { startedAt, progressMs: null, durationMs: reading.durationMs };
  if (reading.roomTrackId === null) return foreignPlays(situation, reading, progress, now);
  const shown: Shown = { ...progress, state: 'playing', current: reading.roomTrackId, foreign: null };
  if (reading.roomTrackId !== situation.current) {
    const ended = endedAround(situation, startedAt) ? 'played' : 'skipped';
    const handed = situation.handed?.id === reading.roomTrackId ? null : situation.handed;
    return running({ ...situation, handed }, shown, ended, now);
  }
  if (isRepeat(situation, startedAt) && canPlay(situation)) return playNext(situation, 'played');
  return running(situation, shown, 'played', now);
}

/** Whether what played was at its end at that moment. */
function endedAround({ current, startedAt, durationMs }: Situation, at: number): boolean {
  if (current === null || startedAt === null || durationMs === null) return false;
  return at >= startedAt + durationMs - EARLY_END_MS;
}

/** The player repeats one track: it began anew when it was over. */
function isRepeat({ startedAt, durationMs }: Situation, at: number): boolean {
  return startedAt !== null && durationMs !== null && Math.abs(at - startedAt - durationMs) < AGREE_MS;
}

const canPlay = ({ handed, hasReady }: Situation): boolean => handed !== null || hasReady;

/** Something plays, until its end. */
function running(situation: Situation, shown: Shown, ended: Decision['ended'], now: number): Decision {
  const base = { isOn: true, ended, shown };
  const { handed } = situation;
  if (shown.startedAt === null || shown.durationMs === null)
    return { ...base, step: { do: 'rest' }, lookAt: now + IDLE_LOOK_MS, readAt: null };
  const endAt = shown.startedAt + shown.durationMs;
  const afterEnd = endAt + AFTER_END_MS;
  const waitFor = (at: number, readAt: number | null = null): Decision => ({
    ...base,
    step: { do: 'rest' },
    lookAt: at,
    readAt,
  });
  if (now >= endAt) {
    if (now < afterEnd) return waitFor(afterEnd, afterEnd);
    if (!situation.wasAsked) return { ...base, step: { do: 'read' }, lookAt: now, readAt: null };
    return unseenEnd(situation, shown, endAt, now);
  }
  if (now < endAt - HAND_OVER_MS) return waitFor(endAt - HAND_OVER_MS);
  if (handed !== null) {
    if (handed.isSure) return waitFor(afterEnd, afterEnd);
    const askAt = situation.toldAt + BELIEVE_AFTER_MS;
    return now < askAt ? waitFor(askAt) : { ...base, step: { do: 'ask-queue' }, lookAt: now, readAt: null };
  }
  return situation.hasReady && now < endAt - TOO_LATE_MS
    ? { ...base, step: { do: 'hand-over' }, lookAt: now, readAt: null }
    : waitFor(afterEnd, afterEnd);
}

/** What played must have ended, and the player cannot be read. */
function unseenEnd(situation: Situation, shown: Shown, endAt: number, now: number): Decision {
  const { handed } = situation;
  if (handed?.isSure) {
    const begun: Shown = {
      state: 'playing',
      current: handed.id,
      foreign: null,
      startedAt: endAt,
      progressMs: null,
      // Not known here: whoever stores it does.
      durationMs: null,
    };
    return {
      isOn: true,
      ended: 'played',
      shown: begun,
      step: { do: 'rest' },
      lookAt: now + STALE_MS,
      readAt: now + STALE_MS,
      isAssumed: true,
    };
  }
  return nothingPlays({ ...situation, ...shown }, 'played', now);
}

function foreignPlays(situation: Situation, reading: Reading, progress: Progress, now: number): Decision {
  const shown: Shown = { ...progress, state: 'host-plays', current: null, foreign: reading.trackId };
  if (isInterrupted(situation)) return playOn(situation, now);
  if (situation.current === null) {
    // The room could not play; what plays now is the life it waited for.
    return isTrouble(situation.state) && canPlay(situation)
      ? playNext(situation, 'played')
      : running(situation, shown, 'played', now);
  }
  if (endedAround(situation, progress.startedAt ?? 0)) {
    // Autoplay, or the rest of what the host had played before.
    return canPlay(situation) ? playNext(situation, 'played') : running(situation, shown, 'played', now);
  }
  // Skipped by hand while nothing had been handed over: what plays now is autoplay's choice, which comes from
  // no list. What the host chose as a rule does, and the room does not fight with it.
  return reading.hasContext || !canPlay(situation)
    ? running(situation, shown, 'skipped', now)
    : playNext(situation, 'skipped');
}

/** Players that have come to an end stand at the last moment of a track, or at its beginning again. */
function standsAtEnd({ startedAt }: Situation, { at, progressMs, durationMs }: Reading): boolean {
  if (progressMs === null || durationMs === null) return false;
  const ran = startedAt === null ? 0 : at - startedAt;
  return progressMs >= durationMs - AFTER_END_MS || (progressMs < AFTER_END_MS && ran > REWIND_MS);
}

function silent(situation: Situation, reading: Reading, now: number): Decision {
  const { current } = situation;
  if (reading.kind !== 'nothing' && !standsAtEnd(situation, reading)) {
    if (reading.roomTrackId !== null && reading.roomTrackId === current && !isTrouble(situation.state))
      return paused(situation, current, null, reading, now);
    const isHosts = current === null && ['host-plays', 'paused'].includes(situation.state);
    if (isHosts && reading.roomTrackId === null)
      return paused(situation, null, reading.trackId, reading, now);
  }
  if (isInterrupted(situation)) return playOn(situation, now);
  if (situation.state === 'paused' && current !== null)
    return rest(situation, { lookAt: now + IDLE_LOOK_MS });
  if (current === null) return nothingPlays(situation, 'played', now);
  if (endedAround(situation, reading.at)) return nothingPlays(situation, 'played', now);
  // In the middle: pressed away while the device went on, or the device is gone.
  if (reading.hasDevice) return nothingPlays(situation, 'skipped', now);
  const progressMs = reading.at - (situation.startedAt ?? reading.at);
  return playOn({ ...situation, progressMs }, now);
}

/** A track of the room was cut off, and could not be gone on with yet. */
function isInterrupted({ state, current, startedAt, progressMs }: Situation): boolean {
  return isTrouble(state) && current !== null && startedAt === null && progressMs !== null;
}

function playOn(situation: Situation, now: number): Decision {
  const positionMs = Math.max(0, (situation.progressMs ?? 0) - REWIND_MS);
  const shown = { ...shownOf(situation), startedAt: null, progressMs: positionMs };
  return { ...rest(situation, { lookAt: now }), shown, step: { do: 'play-on', positionMs } };
}

function paused(
  situation: Situation,
  current: number | null,
  foreign: number | null,
  { progressMs, durationMs }: Reading,
  now: number,
): Decision {
  const shown: Shown = { state: 'paused', current, foreign, startedAt: null, progressMs, durationMs };
  return { ...rest(situation, { lookAt: now + IDLE_LOOK_MS }), shown };
}

/** The room would be silent. */
function nothingPlays(situation: Situation, ended: Decision['ended'], now: number): Decision {
  const isOld = situation.reading === null || situation.reading.at < now - STALE_MS;
  if (canPlay(situation))
    return isOld && !situation.wasAsked
      ? { ...rest(situation, { lookAt: now }), step: { do: 'read' } }
      : playNext(situation, ended);
  const shown: Shown = { ...NO_PROGRESS, state: 'idle', current: null, foreign: null };
  return { isOn: true, ended, shown, step: { do: 'rest' }, lookAt: null, readAt: null };
}

function playNext(situation: Situation, ended: Decision['ended']): Decision {
  // What has ended is over whether or not the next can be played.
  const shown: Shown = { ...NO_PROGRESS, state: situation.state, current: null, foreign: null };
  return { isOn: true, ended, shown, step: { do: 'play-next' }, lookAt: null, readAt: null };
}

/** Nothing new is known of the player. */
function withoutReading(situation: Situation, now: number): Decision {
  const { current, foreign, startedAt, progressMs, durationMs, handed, toldAt } = situation;
  const believeAt = toldAt + BELIEVE_AFTER_MS;
  const isHeard = current !== null || situation.state === 'host-plays';
  if (startedAt !== null && durationMs !== null && isHeard) {
    const shown: Shown = { state: situation.state, current, foreign, startedAt, progressMs, durationMs };
    const decision = running(situation, shown, 'played', now);
    // It was told to play: whether it does is looked at soon.
    const soon = toldAt + AFTER_END_MS;
    return soon > now && decision.step.do === 'rest'
      ? { ...decision, lookAt: Math.min(decision.lookAt ?? soon, soon), readAt: soon }
      : decision;
  }
  if (situation.state === 'paused') return rest(situation, { lookAt: now + IDLE_LOOK_MS });
  if (isInterrupted(situation)) return playOn(situation, now);
  if (handed !== null && !handed.isSure && now < believeAt)
    return rest(situation, { lookAt: believeAt, readAt: believeAt });
  return nothingPlays(situation, 'played', now);
}

function shownOf({ state, current, foreign, startedAt, progressMs, durationMs }: Situation): Shown {
  return { state, current, foreign, startedAt, progressMs, durationMs };
}

function rest(
  situation: Situation,
  plan: { readonly isOn?: boolean; readonly lookAt?: number | null; readonly readAt?: number | null },
): Decision {
  return {
    isOn: plan.isOn ?? true,
    ended: 'played',
    shown: shownOf(situation),
    step: { do: 'rest' },
    lookAt: plan.lookAt ?? null,
    readAt: plan.readAt ?? null,
  };
}
