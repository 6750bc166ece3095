/**
 * The time, as everything below `main.ts` sees it. Spans on this clock may pass faster than real
 * time, so timers (which are real) are set with `toWallMs`.
 */
export interface Clock {
  now(): Date;
  /** Milliseconds since the Unix epoch (UTC). */
  nowMs(): number;
  /** How many real milliseconds a span of `spanMs` on this clock takes. */
  toWallMs(spanMs: number): number;
}

export const systemClock: Clock = {
  now: () => new Date(),
  nowMs: () => Date.now(),
  toWallMs: (spanMs) => spanMs,
};

export interface ClockScale {
  /** What this clock showed at `wallOriginMs` (ms since the epoch). */
  readonly simEpochMs: number;
  /** The real moment at which it showed `simEpochMs` (ms since the epoch). */
  readonly wallOriginMs: number;
  /** Milliseconds on this clock per real millisecond; above 0. */
  readonly speed: number;
}

/**
 * A clock that runs `speed` times as fast as real time. Processes given the same scale agree with one
 * another without talking, since each derives it from the machine's own clock.
 *
 * @throws RangeError when a number of the scale is not finite or the speed is not above 0.
 */
export function scaledClock(scale: ClockScale): Clock {
  const { simEpochMs, wallOriginMs, speed } = scale;
  if (!Number.isFinite(simEpochMs) || !Number.isFinite(wallOriginMs)) {
    throw new RangeError('A clock needs finite origins in milliseconds since the epoch.');
  }
  if (!Number.isFinite(speed) || speed <= 0) throw new RangeError('A clock needs a speed above 0.');
  const nowMs = () => Math.floor(simEpochMs + (Date.now() - wallOriginMs) * speed);
  return { now: () => new Date(nowMs()), nowMs, toWallMs: (spanMs) => spanMs / speed };
}

const SCALE = /^(\d{1,16})@(\d{1,16})x(\d+(?:\.\d+)?)$/;

/**
 * Reads `"<simEpochMs>@<wallOriginMs>x<speed>"`, the form in which simulations hand their clock to the
 * processes they start.
 *
 * @throws RangeError when the text has another form.
 */
export function parseClockScale(text: string): ClockScale {
  const match = SCALE.exec(text);
  const scale = {
    simEpochMs: Number(match?.[1]),
    wallOriginMs: Number(match?.[2]),
    speed: Number(match?.[3]),
  };
  if (!match || scale.speed <= 0) {
    throw new RangeError('expected <simEpochMs>@<wallOriginMs>x<speed> with a speed above 0');
  }
  return scale;
}

export function formatClockScale(scale: ClockScale): string {
  return `${scale.simEpochMs}@${scale.wallOriginMs}x${scale.speed}`;
}

/** A clock that stands still until it is moved. */
export class ManualClock implements Clock {
  #nowMs: number;

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  now(): Date {
    return new Date(this.#nowMs);
  }

  nowMs(): number {
    return this.#nowMs;
  }

  toWallMs(spanMs: number): number {
    return spanMs;
  }

  /** Jumps to a moment (ms since the epoch), backwards too. */
  set(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  advance(spanMs: number): void {
    this.#nowMs += spanMs;
  }
}
