import type { PlaySourceName, PlayView } from '@spindle/contracts';
import type { Database } from '../client.ts';
import type { PlayKey } from '../play-id.ts';
import { sourceBit } from '../play-source.ts';
import { countedCondition } from '../statistics/counted.ts';
import { encodePlayCursor } from './cursor.ts';
import { filteredTracks, type TrackFilter } from './filtered-tracks.ts';
import { PLAY_COLUMNS, PLAY_TABLES, type PlayViewRow, toPlayViews } from './play-view.ts';

export interface PlayFilter extends TrackFilter {
  /** Plays that started at or after this moment. */
  readonly from?: Date | undefined;
  /** Plays that started before this moment. */
  readonly to?: Date | undefined;
  /** Only plays that this source saw. */
  readonly source?: PlaySourceName | undefined;
  /** Only plays that count, or only those that do not. */
  readonly counted?: boolean | undefined;
}

export interface PlayPageRequest extends PlayFilter {
  readonly userId: number;
  /** Plays at most, 1 to 100. */
  readonly limit: number;
  /** The last play of the page before. */
  readonly after?: PlayKey | undefined;
}

export interface PlayPage {
  readonly items: PlayView[];
  readonly nextCursor: string | null;
  /** Stretches that recently-played could not show whole; each is on the page in which it ends. */
  readonly gaps: { readonly from: string; readonly to: string }[];
}

/** The conditions of a filter, with `$n` numbered as the values are added. */
class Conditions {
  readonly values: unknown[] = [];
  readonly #parts: string[] = [];

  add(build: (place: string) => string, value: unknown): void {
    this.values.push(value);
    this.#parts.push(build(`$${this.values.length}`));
  }

  toString(): string {
    return this.#parts.join(' AND ');
  }
}

function conditionsOf(request: PlayPageRequest, trackIds: readonly number[] | null): Conditions {
  const where = new Conditions();
  where.add((user) => `p.user_id = ${user}`, request.userId);
  if (request.from) where.add((at) => `p.played_at >= ${at}::timestamptz`, request.from);
  if (request.to) where.add((at) => `p.played_at < ${at}::timestamptz`, request.to);
  if (trackIds) where.add((ids) => `p.track_id = ANY (${ids}::int[])`, trackIds);
  if (request.source) where.add((bit) => `(p.seen_by & ${bit}::int) <> 0`, sourceBit(request.source));
  if (request.counted !== undefined) {
    const counts = countedCondition('p', 'u.min_play_ms');
    where.add((wanted) => `(${counts}) = ${wanted}::boolean`, request.counted);
  }
  if (request.after) {
    where.add((at) => `p.played_at <= ${at}::timestamptz`, request.after.playedAt);
    const playedAt = `$${where.values.length}`;
    where.add(
      (id) => `(p.played_at, p.track_id) < (${playedAt}::timestamptz, ${id}::int)`,
      request.after.trackId,
    );
  }
  return where;
}

function showsEverything(filter: PlayFilter): boolean {
  const { trackId, artistId, albumId, words, source, counted } = filter;
  return !trackId && !artistId && !albumId && !words && !source && counted === undefined;
}

async function gapsOf(
  db: Database,
  userId: number,
  /** The page covers `(after, upTo]`; null: open at that side. */
  page: { readonly after: Date | null; readonly upTo: Date | null },
): Promise<PlayPage['gaps']> {
  const gaps = await db.prisma.captureGap.findMany({
    where: { userId, toAt: { ...(page.after && { gt: page.after }), ...(page.upTo && { lte: page.upTo }) } },
    orderBy: { toAt: 'desc' },
    take: 100,
  });
  return gaps.map((gap) => ({ from: gap.fromAt.toISOString(), to: gap.toAt.toISOString() }));
}

/** One page of a listener's plays, newest first, by keyset on (played_at, track). */
export async function listPlays(db: Database, request: PlayPageRequest): Promise<PlayPage> {
  const trackIds = await filteredTracks(db.pool, request.userId, request);
  if (trackIds?.length === 0) return { items: [], nextCursor: null, gaps: [] };
  const where = conditionsOf(request, trackIds);
  const { rows } = await db.pool.query<PlayViewRow>(
    `SELECT ${PLAY_COLUMNS}
       FROM ${PLAY_TABLES}
      WHERE ${where}
      ORDER BY p.played_at DESC, p.track_id DESC
      LIMIT ${Math.trunc(request.limit) + 1}`,
    where.values,
  );
  const page = rows.slice(0, request.limit);
  const last = page.at(-1);
  const more = rows.length > page.length && last !== undefined;
  const items = await toPlayViews(db.pool, page);
  const gaps = showsEverything(request)
    ? await gapsOf(db, request.userId, {
        after: more ? new Date(last.played_at) : (request.from ?? null),
        upTo: request.after?.playedAt ?? request.to ?? null,
      })
    : [];
  return {
    items,
    nextCursor: more
      ? encodePlayCursor({ playedAt: new Date(last.played_at), trackId: last.track_id })
      : null,
    gaps,
  };
}
