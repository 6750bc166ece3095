import { PLAY_SOURCES, type PlaySourceName } from '@spindle/contracts';
import { Counter, metricOnce, type Registry } from '@spindle/service-kit';

/** Counts what this process has stored; called when the transaction has ended well. */
export interface Measures {
  /** Plays that were new, by what told of them first. */
  playsStored(source: PlaySourceName, count: number): void;
  /** A reading that did not reach back to what was known. */
  gapFound(): void;
  votesStored(count: number): void;
}

const NOTHING: Measures = { playsStored: () => {}, gapFound: () => {}, votesStored: () => {} };

/** Without a registry nothing is counted. */
export function createMeasures(metrics: Registry | undefined): Measures {
  if (!metrics) return NOTHING;
  const counter = (name: string, help: string, labelNames: readonly string[] = []) =>
    metricOnce(metrics, name, () => new Counter({ name, help, labelNames, registers: [metrics] }));
  const plays = counter('spindle_plays_stored_total', 'New plays, by what told of them first.', ['source']);
  // A rate of what has never happened is 0, not unknown.
  for (const source of PLAY_SOURCES) plays.inc({ source }, 0);
  const gaps = counter(
    'spindle_capture_gaps_total',
    'Readings of a history that did not reach back to the one before: plays between them are lost.',
  );
  const votes = counter('spindle_room_votes_total', 'Votes of guests that were stored.');
  return {
    playsStored: (source, count) => plays.inc({ source }, count),
    gapFound: () => gaps.inc(),
    votesStored: (count) => votes.inc(count),
  };
}
