import { appOfUser } from '@spindle/db';
import type { PartyContext } from './context.ts';

/** A party may go on for so long: what is left of the day's calls is spread over it, ms. */
const PARTY_MS = 4 * 3_600_000;
const CLOSEST_MS = 15_000;
const WIDEST_MS = 45_000;

/**
 * How long a host's player may go unread while a room plays, ms: by then it is noticed that somebody skips or
 * pauses by hand, or that the device fell asleep.
 */
export async function readingPace(
  { db, governor }: Pick<PartyContext, 'db' | 'governor'>,
  hostId: number,
): Promise<number> {
  const appId = await appOfUser(db.pool, hostId);
  if (appId === null || !governor.knows(appId)) return WIDEST_MS;
  const { left, allowance } = await governor.budget(governor.accountOf(appId), 'live');
  if (allowance === null) return CLOSEST_MS;
  return Math.min(WIDEST_MS, Math.max(CLOSEST_MS, PARTY_MS / Math.max(1, left)));
}
