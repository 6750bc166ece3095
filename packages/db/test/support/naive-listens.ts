import type { Database } from '../../src/index.ts';
import { calendar } from './naive-count.ts';

/** A counted play as JavaScript sees it: the canonical items and the listener's own calendar. */
export interface Listen {
  readonly from: number;
  readonly to: number;
  readonly day: string;
  readonly ms: number;
  readonly assumed: number;
  readonly tracks: readonly number[];
  readonly artists: readonly number[];
  readonly albums: readonly number[];
}

export type ListenKind = 'tracks' | 'artists' | 'albums';

export interface NaiveSum {
  plays: number;
  msPlayed: number;
  msAssumed: number;
}

/** All counted plays of a listener in order of time, by merges, aliases and the shortest play of now. */
export async function loadListens(db: Database, userId: number): Promise<Listen[]> {
  const user = await db.prisma.user.findUniqueOrThrow({ where: { id: userId } });
  const { rows } = await db.pool.query<{
    track_id: number;
    flags: number;
    ms: number | null;
    from: number;
    to: number;
  }>(
    `SELECT track_id, flags, ms_played AS ms, (extract(epoch FROM played_at) * 1000)::float8 AS "from",
            (extract(epoch FROM ended_at) * 1000)::float8 AS "to"
       FROM plays WHERE user_id = $1 ORDER BY played_at, track_id`,
    [userId],
  );
  const tracks = new Map((await db.prisma.track.findMany()).map((track) => [track.id, track]));
  const links = await db.prisma.trackArtist.findMany();
  const merges = new Map(
    (await db.prisma.trackMerge.findMany({ where: { userId } })).map((one) => [one.trackId, one.rootId]),
  );
  const aliases = new Map(
    (await db.prisma.artistAlias.findMany({ where: { userId } })).map((one) => [one.artistId, one.rootId]),
  );
  const local = calendar(user.timeZone);
  return rows.flatMap((row) => {
    if ((row.flags & 16) !== 0 || (row.ms !== null && row.ms < user.minPlayMs)) return [];
    const track = merges.get(row.track_id) ?? row.track_id;
    const named = links.filter((link) => link.trackId === track);
    const album = tracks.get(track)?.albumId;
    return {
      from: row.from,
      to: row.to,
      day: local(row.from).day,
      ms: row.ms ?? 0,
      assumed: row.ms === null ? (tracks.get(row.track_id)?.durationMs ?? 0) : 0,
      tracks: [track],
      artists: [...new Set(named.map((link) => aliases.get(link.artistId) ?? link.artistId))],
      albums: album ? [album] : [],
    };
  });
}

export function sumUp(listens: readonly Listen[]): NaiveSum {
  const sum = { plays: 0, msPlayed: 0, msAssumed: 0 };
  for (const { ms, assumed } of listens) {
    sum.plays += 1;
    sum.msPlayed += ms + assumed;
    sum.msAssumed += assumed;
  }
  return sum;
}

/** Listens by some key of theirs, or by several. */
export function grouped<K>(
  listens: readonly Listen[],
  keys: (one: Listen) => readonly K[],
): Map<K, Listen[]> {
  const groups = new Map<K, Listen[]>();
  for (const listen of listens) {
    for (const key of keys(listen)) groups.set(key, [...(groups.get(key) ?? []), listen]);
  }
  return groups;
}

/** Items by number of plays, equals by id. */
export function charted(listens: readonly Listen[], kind: ListenKind): [id: number, listens: Listen[]][] {
  return [...grouped(listens, (one) => one[kind])].sort((a, b) => b[1].length - a[1].length || a[0] - b[0]);
}

export const within = (listens: readonly Listen[], range: { from: string; to: string }): Listen[] =>
  listens.filter(({ day }) => day >= range.from && day <= range.to);
