import { randomFor } from '../seeded-random.ts';
import type { Play } from './play.ts';

/** How recently-played treats a play. Durations are milliseconds. */
export interface RecentlyPlayedRules {
  /** Plays shorter than this never appear. */
  shortestMs: number;
  /** How many plays exist for the API. */
  windowSize: number;
  /** The usual delay between the end of a play and its appearance: log-normal with this median and spread. */
  lagMedianMs: number;
  lagSpread: number;
  /** Now and then it takes much longer: chance, and the range the delay is then drawn from. */
  longLagChance: number;
  longLagFromMs: number;
  longLagToMs: number;
  /** Share of plays that never appear. */
  lossChance: number;
  /** Which moment `played_at` shows. The end is what Spotify shows today. */
  playedAt: 'end' | 'start';
}

/**
 * All plays of one person in order, and the window of the last 50 that the API shows. The window is kept up as time
 * goes on, so that a request costs nothing however long the history is.
 */
export class PlayHistory {
  readonly plays: Play[] = [];
  /** Visible plays, oldest first by `playedAtMs`. */
  private readonly window: Play[] = [];
  /** Plays yet to appear, the next one last. */
  private readonly pending: Play[] = [];
  private readonly seed: string;
  private readonly rules: RecentlyPlayedRules;

  constructor(seed: string, rules: RecentlyPlayedRules) {
    this.seed = seed;
    this.rules = rules;
  }

  /** @param movedOnMs when the player left the item; a paused one appears only after that. */
  record(
    heard: Omit<Play, 'sequence' | 'playedAtMs' | 'withheld' | 'offeredFromMs' | 'offeredUntilMs'>,
    movedOnMs: number,
  ): void {
    // Keeps the list of what is yet to appear short, however far time is moved on at once.
    this.advanceTo(movedOnMs);
    // Named by the play, not by its number, so that a history read from another starting day is the same.
    const random = randomFor(this.seed, 'appearance', heard.personId, heard.startedAtMs);
    const { rules } = this;
    const usual = random.logNormal(rules.lagMedianMs, rules.lagSpread);
    const long = random.between(rules.longLagFromMs, rules.longLagToMs);
    const lag = random.chance(rules.longLagChance) ? long : usual;
    const lost = random.chance(rules.lossChance);
    const withheld =
      heard.item.kind === 'episode'
        ? 'episode'
        : heard.privateSession
          ? 'private'
          : heard.msPlayed < rules.shortestMs
            ? 'too-short'
            : lost
              ? 'lost'
              : null;
    const play: Play = {
      ...heard,
      sequence: this.plays.length,
      withheld,
      playedAtMs: withheld ? null : rules.playedAt === 'end' ? heard.endedAtMs : heard.startedAtMs,
      offeredFromMs: withheld ? null : movedOnMs + Math.round(lag),
      offeredUntilMs: null,
    };
    this.plays.push(play);
    if (play.offeredFromMs !== null) insertSorted(this.pending, play, (other) => -(other.offeredFromMs ?? 0));
  }

  /** Lets everything appear that is due by then. */
  advanceTo(nowMs: number): void {
    for (let next = this.pending.at(-1); next; next = this.pending.at(-1)) {
      if (next.offeredFromMs === null || next.offeredFromMs > nowMs) return;
      this.pending.pop();
      insertSorted(this.window, next, (other) => other.playedAtMs ?? 0);
      if (this.window.length > this.rules.windowSize) {
        const gone = this.window.shift();
        if (gone) gone.offeredUntilMs = next.offeredFromMs;
      }
    }
  }

  /** What the API shows, newest first. */
  recent(): Play[] {
    return this.window.toReversed();
  }

  /** Plays that ended in `[fromMs, toMs)`, oldest first. */
  between(fromMs: number, toMs: number): Play[] {
    const first = lowerBound(this.plays, fromMs, (play) => play.endedAtMs);
    const end = lowerBound(this.plays, toMs, (play) => play.endedAtMs);
    return this.plays.slice(first, end);
  }
}

/** Index of the first entry whose key is at least `key`; entries are sorted by key. */
function lowerBound<T>(sorted: readonly T[], key: number, keyOf: (entry: T) => number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keyOf(sorted[middle] as T) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function insertSorted<T>(sorted: T[], entry: T, keyOf: (entry: T) => number): void {
  let place = sorted.length;
  const key = keyOf(entry);
  while (place > 0 && keyOf(sorted[place - 1] as T) > key) place -= 1;
  sorted.splice(place, 0, entry);
}
