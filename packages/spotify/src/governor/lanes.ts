import { QUOTA_LANES } from '@spindle/contracts';

/** In the order in which they get what is left. */
export const LANES = QUOTA_LANES;
export type Lane = (typeof LANES)[number];

/** Share of the allowance that history keeps for itself: no other capture may eat it. */
export const HISTORY_FLOOR = 0.08;
/** Share that is left for people's clicks when everything planned has taken its part. */
export const INTERACTIVE_RESERVE = 0.04;

/**
 * How many calls of the account's rolling day may have been made for a lane to go on, of an allowance
 * of `allowance`; `usedByHistory` is history's own part of the day.
 *
 * - sign-in never stops for the allowance: without it nobody could mend anything;
 * - interactive may use it up;
 * - history stops short of the reserve for clicks;
 * - live stops short of that and of what history has not yet used of its floor;
 * - metadata and trackers stop at 70 % and 60 %, so that a backlog never starves capture.
 */
export function laneCeiling(lane: Lane, allowance: number, usedByHistory: number): number {
  const floorLeft = Math.max(0, HISTORY_FLOOR * allowance - usedByHistory);
  const planned = allowance * (1 - INTERACTIVE_RESERVE);
  switch (lane) {
    case 'sign-in':
      return Number.MAX_SAFE_INTEGER;
    case 'interactive':
      return allowance;
    case 'history':
      return Math.floor(planned);
    case 'live':
      return Math.floor(planned - floorLeft);
    case 'metadata':
      return Math.floor(Math.min(allowance * 0.7, planned - floorLeft));
    case 'trackers':
      return Math.floor(Math.min(allowance * 0.6, planned - floorLeft));
  }
}

/**
 * Share of the calls in an app's 30-second window after which a lane waits; one call may always go. What the
 * machine plans leaves room, so that a click does not wait behind a sweep when the window is small.
 */
export const WINDOW_SHARES: Readonly<Record<Exclude<Lane, 'sign-in'>, number>> = {
  interactive: 1,
  live: 0.8,
  history: 0.8,
  metadata: 0.6,
  trackers: 0.5,
};
