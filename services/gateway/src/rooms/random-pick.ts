import {
  type Database,
  fallbackSources,
  participantSources,
  type Room,
  randomTrackOf,
  type TrackSource,
} from '@spindle/db';
import type { Random } from '@spindle/service-kit';

/** Sources that are tried before it is said that there is nothing. */
const MOST_TRIES = 12;

/** In random order. */
function shuffled<T>(items: readonly T[], random: Random): T[] {
  const mixed = [...items];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = random.int(last + 1);
    [mixed[last], mixed[other]] = [mixed[other] as T, mixed[last] as T];
  }
  return mixed;
}

/**
 * A random track of a random participant that the room would take; with `picks`, one of what the room
 * falls back on. Whose it is, nobody learns. Null when there is none.
 */
export async function randomPick(
  db: Database,
  random: Random,
  room: Room,
  picks: boolean,
): Promise<number | null> {
  const sources =
    picks && room.settings.fallback.kind === 'playlist'
      ? await fallbackSources(db.pool, {
          id: room.id,
          hostId: room.hostId,
          fallback: room.settings.fallback,
        })
      : await ofParticipants(db, random, room);
  for (const { userId, source } of sources.slice(0, MOST_TRIES)) {
    const pick = { roomId: room.id, userId, source, rules: room.settings };
    const found = await randomTrackOf(db.pool, pick, random.next());
    if (found !== null) return found;
  }
  return null;
}

/** One source of everybody, in random order, and then the rest: who has more playlists is not heard more. */
async function ofParticipants(db: Database, random: Random, room: Room): Promise<TrackSource[]> {
  const people = shuffled(await participantSources(db.pool, room.id), random).map(({ userId, sources }) =>
    shuffled(sources, random).map((source) => ({ userId, source })),
  );
  return [...people.flatMap(([first]) => (first ? [first] : [])), ...people.flatMap(([, ...rest]) => rest)];
}
