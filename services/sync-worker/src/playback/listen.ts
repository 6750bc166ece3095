import type { RunningListen } from '@spindle/db';

/** What a reading of the player says of a track that counts; null when none plays. Times are epoch ms. */
export interface TrackReading {
  readonly trackId: number;
  readonly durationMs: number;
  readonly progressMs: number;
  readonly isPlaying: boolean;
  readonly contextUri: string | null;
  readonly deviceName: string | null;
}

/** A listen that is over. */
export interface EndedListen {
  readonly trackId: number;
  readonly durationMs: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly listenedMs: number;
  /** How far `endedAt` may be off. */
  readonly uncertaintyMs: number;
  readonly contextUri: string | null;
  /** Where it began. */
  readonly deviceName: string | null;
}

export interface ListenStep {
  readonly ended: readonly EndedListen[];
  readonly running: RunningListen | null;
}

/** Readings and players disagree by about this much. */
const SLACK_MS = 3_000;
/** Repeats between two readings beyond this are not told apart from a long pause. */
const MOST_REPEATS = 20;

function begin(reading: TrackReading, at: number, startedAt: number): RunningListen {
  return {
    trackId: reading.trackId,
    durationMs: reading.durationMs,
    startedAt,
    // Coming in late, we know that the part before was heard only if it could have been: progress is.
    listenedMs: reading.progressMs,
    progressMs: reading.progressMs,
    observedAt: at,
    isPlaying: reading.isPlaying,
    contextUri: reading.contextUri,
    deviceName: reading.deviceName,
  };
}

function end(
  running: RunningListen,
  endedAt: number,
  listenedMs: number,
  uncertaintyMs: number,
): EndedListen {
  const listened = Math.max(0, Math.min(Math.round(listenedMs), Math.round(endedAt - running.startedAt)));
  return {
    trackId: running.trackId,
    durationMs: running.durationMs,
    startedAt: Math.round(running.startedAt),
    endedAt: Math.round(endedAt),
    listenedMs: listened,
    uncertaintyMs: Math.round(uncertaintyMs),
    contextUri: running.contextUri,
    deviceName: running.deviceName,
  };
}

/** The running listen ended somewhere between the last reading and `at`, before something that began at `nextStart`. */
function finish(running: RunningListen, at: number, nextStart: number | null): EndedListen {
  const elapsed = at - running.observedAt;
  if (!running.isPlaying) return end(running, running.observedAt, running.listenedMs, elapsed);
  const naturalEnd = running.observedAt + Math.max(0, running.durationMs - running.progressMs);
  if (
    nextStart !== null &&
    nextStart >= running.observedAt - SLACK_MS &&
    nextStart <= naturalEnd + SLACK_MS
  ) {
    // What plays now began where this one stopped: played through, or skipped just then.
    const endedAt = Math.max(running.observedAt, Math.min(nextStart, naturalEnd));
    return end(running, endedAt, running.listenedMs + endedAt - running.observedAt, SLACK_MS);
  }
  if (naturalEnd <= at) {
    // Something in between went unseen, so it may also have been skipped before its end.
    const heardOut = naturalEnd - running.observedAt;
    return end(running, naturalEnd, running.listenedMs + heardOut, heardOut);
  }
  return end(running, at, running.listenedMs + elapsed / 2, elapsed);
}

/** The same track again: gone on, sought, or begun anew (and how often in between). */
function goOn(running: RunningListen, reading: TrackReading, at: number): ListenStep {
  const elapsed = at - running.observedAt;
  const forward = reading.progressMs - running.progressMs;
  const remaining = running.durationMs - running.progressMs;
  if (running.isPlaying && running.durationMs > 0) {
    // Repeated: what is left, some whole rounds, and the progress now fill the time between the readings.
    const rounds = Math.round((elapsed - remaining - reading.progressMs) / running.durationMs);
    const unexplained = elapsed - remaining - rounds * running.durationMs - reading.progressMs;
    const restarted = rounds >= 0 && rounds <= MOST_REPEATS && Math.abs(unexplained) <= SLACK_MS;
    if (restarted && (forward < -SLACK_MS || rounds > 0 || elapsed > remaining + SLACK_MS)) {
      const firstEnd = running.observedAt + remaining;
      const ended = [end(running, firstEnd, running.listenedMs + remaining, SLACK_MS)];
      for (let round = 0; round < rounds; round += 1) {
        const startedAt = firstEnd + round * running.durationMs;
        ended.push(
          end({ ...running, startedAt }, startedAt + running.durationMs, running.durationMs, SLACK_MS),
        );
      }
      return { ended, running: begin(reading, at, at - reading.progressMs) };
    }
  }
  // Seeking forward is no listening; seeking back takes none away.
  const heard = running.isPlaying
    ? Math.max(0, Math.min(elapsed, forward < -SLACK_MS ? elapsed : forward + SLACK_MS))
    : Math.max(0, Math.min(elapsed, forward));
  return {
    ended: [],
    running: {
      ...running,
      listenedMs: running.listenedMs + Math.min(heard, Math.max(elapsed, 0)),
      progressMs: reading.progressMs,
      observedAt: at,
      isPlaying: reading.isPlaying,
      contextUri: running.contextUri ?? reading.contextUri,
      deviceName: running.deviceName ?? reading.deviceName,
    },
  };
}

function step(running: RunningListen | null, reading: TrackReading | null, at: number): ListenStep {
  if (running && at < running.observedAt) return { ended: [], running };
  if (!reading) return { ended: running ? [finish(running, at, null)] : [], running: null };
  const startedAt = at - reading.progressMs;
  if (!running) return { ended: [], running: begin(reading, at, startedAt) };
  if (running.trackId === reading.trackId) return goOn(running, reading, at);
  return {
    ended: [finish(running, at, reading.isPlaying ? startedAt : null)],
    running: begin(reading, at, startedAt),
  };
}

/**
 * Follows a listener's player from one reading to the next: what has ended, and what runs. Pause,
 * resume, seek, skip and repeat come out as such; what happened unseen between two readings is
 * assumed to be the simplest thing that explains both.
 *
 * @param offByMs how long the answer was awaited: it shows the player at some moment of that time
 */
export function follow(
  running: RunningListen | null,
  reading: TrackReading | null,
  at: number,
  offByMs = 0,
): ListenStep {
  const { ended, running: goesOn } = step(running, reading, at);
  // A reading that came too late says nothing.
  if (running && goesOn === running) return { ended, running };
  const offBy = Math.max(running?.offByMs ?? 0, offByMs);
  const isSame = goesOn !== null && goesOn.startedAt === running?.startedAt;
  return {
    ended: ended.map((listen) => ({ ...listen, uncertaintyMs: listen.uncertaintyMs + offBy })),
    running: goesOn && { ...goesOn, offByMs: isSame ? offBy : offByMs },
  };
}
