/** What the sandbox needs to know of time. Anything with these two methods will do. */
export interface SandboxClock {
  now(): Date;
  /** Milliseconds since the epoch (UTC). */
  nowMs(): number;
}

/** A clock that only moves when told to; time never goes back. */
export interface ManualClock extends SandboxClock {
  /** Moves to this instant. @throws RangeError if it lies before the present one. */
  set(instant: Date | number): void;
  /** Moves on by this many milliseconds. */
  advance(ms: number): void;
}

/** The wall clock. */
export function systemClock(): SandboxClock {
  return { now: () => new Date(), nowMs: () => Date.now() };
}

export function manualClock(start: Date | number): ManualClock {
  let current = Number(start);
  if (!Number.isFinite(current)) throw new RangeError('manualClock: the start must be a valid time');
  const set = (instant: Date | number): void => {
    const next = Number(instant);
    if (!(next >= current)) {
      throw new RangeError(`manualClock: cannot go back from ${current} to ${next} (ms since the epoch)`);
    }
    current = next;
  };
  return {
    now: () => new Date(current),
    nowMs: () => current,
    set,
    advance: (ms) => set(current + ms),
  };
}

/** A clock that showed `simulatedOriginMs` when the wall clock showed `wallOriginMs`, and runs `speed` times as fast. */
export interface ClockScale {
  simulatedOriginMs: number;
  wallOriginMs: number;
  speed: number;
}

/** Two processes with the same scale read the same time: `sim + floor((wall - wallOrigin) * speed)`. */
export function scaledClock(scale: ClockScale, wallNowMs: () => number = Date.now): SandboxClock {
  const nowMs = (): number =>
    scale.simulatedOriginMs + Math.floor((wallNowMs() - scale.wallOriginMs) * scale.speed);
  return { nowMs, now: () => new Date(nowMs()) };
}

/**
 * Reads the form that processes hand to one another: `<simEpochMs>@<wallOriginMs>x<speed>`,
 * e.g. `1780000000000@1763679000000x60`.
 * @throws RangeError naming the text when it has another form or a speed of 0 or less.
 */
export function parseClockScale(text: string): ClockScale {
  const match = /^(\d+)@(\d+)x(\d+(?:\.\d+)?)$/.exec(text.trim());
  const scale = match && {
    simulatedOriginMs: Number(match[1]),
    wallOriginMs: Number(match[2]),
    speed: Number(match[3]),
  };
  if (!scale || scale.speed <= 0) {
    throw new RangeError(`not a clock of the form <simEpochMs>@<wallOriginMs>x<speed>: "${text}"`);
  }
  return scale;
}
