import type { Database } from '../../src/index.ts';
import type { Rollups } from './rollups.ts';

/**
 * The rollups by the plainest of means: every play looked at by JavaScript and its own calendar, for
 * comparison with what PostgreSQL keeps.
 */

interface PlayRow {
  track_id: number;
  from: number;
  to: number;
  ms: number | null;
  flags: number;
  context_id: number | null;
  device_id: number | null;
}
interface Sum {
  plays: number;
  ms: number;
  assumed: number;
  first: string;
  last: string;
}

const MONDAY_FIRST = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Local calendar of a zone. */
export function calendar(timeZone: string): (at: number) => { day: string; hour: number; weekday: number } {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    weekday: 'short',
  });
  return (at) => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    return {
      day: `${parts['year']}-${parts['month']}-${parts['day']}`,
      hour: Number(parts['hour']),
      weekday: MONDAY_FIRST.indexOf(parts['weekday'] ?? ''),
    };
  };
}

async function all<T extends object>(db: Database, text: string, values: unknown[] = []): Promise<T[]> {
  return (await db.pool.query<T>(text, values)).rows;
}

/** A play that counts, with everything that it counts for. Times in ms. */
export interface NaivePlay {
  readonly from: number;
  readonly to: number;
  readonly day: string;
  readonly hour: number;
  /** 0 Monday. */
  readonly weekday: number;
  readonly track: number;
  readonly artists: readonly number[];
  readonly album: number | null;
  readonly ms: number;
  readonly assumed: number;
}

/** The plays of a listener that count, in order of their start. */
export async function naivePlays(db: Database, userId: number): Promise<NaivePlay[]> {
  const user = await db.prisma.user.findUniqueOrThrow({ where: { id: userId } });
  const plays = await all<PlayRow>(
    db,
    `SELECT track_id, flags, context_id, device_id, ms_played AS ms,
            (extract(epoch FROM played_at) * 1000)::float8 AS "from", (extract(epoch FROM ended_at) * 1000)::float8 AS "to"
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
  const rules = await db.prisma.exclusionRule.findMany({ where: { userId } });
  const local = calendar(user.timeZone);

  const excluded = (play: PlayRow) =>
    rules.some((rule) => {
      switch (rule.kind) {
        case 'artist':
          return links.some((link) => link.trackId === play.track_id && link.artistId === rule.artistId);
        case 'context':
          return play.context_id === rule.contextId;
        case 'device':
          return play.device_id === rule.deviceId;
        case 'hours': {
          const { hour } = local(play.from);
          const [from, to] = [rule.fromHour ?? 0, rule.toHour ?? 0];
          return from < to ? hour >= from && hour < to : hour >= from || hour < to;
        }
        default:
          return play.from >= Number(rule.fromAt) && play.from <= Number(rule.toAt);
      }
    });

  const counted: NaivePlay[] = [];
  for (const play of plays) {
    if ((play.flags & 16) !== 0 || excluded(play)) continue;
    if (play.ms !== null && play.ms < user.minPlayMs) continue;
    const track = merges.get(play.track_id) ?? play.track_id;
    const artists = new Set(
      links
        .filter((link) => link.trackId === track)
        .map((link) => aliases.get(link.artistId) ?? link.artistId),
    );
    counted.push({
      ...local(play.from),
      from: play.from,
      to: play.to,
      track,
      artists: [...artists],
      album: tracks.get(track)?.albumId ?? null,
      ms: play.ms ?? 0,
      assumed: play.ms === null ? (tracks.get(play.track_id)?.durationMs ?? 0) : 0,
    });
  }
  return counted;
}

export async function countNaively(db: Database, userId: number): Promise<Rollups> {
  const sums = new Map<string, Sum>();
  const sessions: { from: number; to: number; plays: number; ms: number; assumed: number }[] = [];
  for (const play of await naivePlays(db, userId)) {
    const { day, hour, weekday, track, artists, album, ms, assumed } = play;
    const items: [number, number][] = [
      [0, 0],
      [4, weekday * 24 + hour],
      [1, track],
      ...(album ? [[3, album] as [number, number]] : []),
      ...[...artists].map((artist) => [2, artist] as [number, number]),
    ];
    for (const [grain, period] of [
      [0, day],
      [1, `${day.slice(0, 7)}-01`],
      [2, `${day.slice(0, 4)}-01-01`],
      [3, '1970-01-01'],
    ] as const) {
      for (const [kind, item] of items) {
        if (grain === 0 && kind !== 0 && kind !== 4) continue;
        const key = `${grain}|${kind}|${period}|${item}`;
        const sum = sums.get(key) ?? { plays: 0, ms: 0, assumed: 0, first: day, last: day };
        sum.plays += 1;
        sum.ms += ms;
        sum.assumed += assumed;
        if (day < sum.first) sum.first = day;
        if (day > sum.last) sum.last = day;
        sums.set(key, sum);
      }
    }
    const session = sessions.at(-1);
    if (session && play.from - session.to < 600_000) {
      session.to = Math.max(session.to, play.to);
      session.plays += 1;
      session.ms += ms;
      session.assumed += assumed;
    } else sessions.push({ from: play.from, to: play.to, plays: 1, ms, assumed });
  }

  const different = new Map<string, number>();
  for (const key of sums.keys()) {
    const [grain, kind, period] = key.split('|');
    if (!['1', '2', '3'].includes(kind ?? '')) continue;
    const items = `${grain}|5|${period}|${kind}`;
    different.set(items, (different.get(items) ?? 0) + 1);
  }
  const periods = [
    ...[...sums].map(([key, sum]) => ({ key, ...sum })),
    ...[...different].map(([key, count]) => ({ key, plays: count, ms: 0, assumed: 0, first: '', last: '' })),
  ]
    .map(({ key, plays: count, ms, assumed, first, last }) => {
      const [grain, kind, period, item] = key.split('|');
      const edges = grain === '3' && kind !== '5';
      return {
        grain: Number(grain),
        kind: Number(kind),
        period,
        item: Number(item),
        plays: count,
        ms,
        assumed,
        first: edges ? first : null,
        last: edges ? last : null,
      };
    })
    .sort(
      (a, b) =>
        a.grain - b.grain ||
        a.kind - b.kind ||
        (a.period ?? '').localeCompare(b.period ?? '') ||
        a.item - b.item,
    );
  return {
    periods,
    sessions: sessions.map((one) => ({ ...one, from: new Date(one.from), to: new Date(one.to) })),
  };
}
