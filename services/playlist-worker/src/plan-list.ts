import {
  LEFT_OUT_NAMES,
  LEFT_OUT_REASONS,
  LEFT_OUT_WORDS,
  type LeftOutNames,
  type LeftOutReason,
  LIKED,
  PLAYLIST_ITEMS,
  PLAYLIST_NAME_LENGTH,
  type PlaylistRequest,
} from '@spindle/contracts';
import {
  loadLikes,
  type PlaylistEntry,
  type PlaylistPlan,
  renewWriter,
  type StoredLike,
  trackNames,
} from '@spindle/db';
import { playlistLengths, readLikedSongs, readPlaylistContents, sourceOf } from '@spindle/library';
import { GiveUp } from '@spindle/service-kit';
import { arrange, type SourceTrack } from './arrange.ts';
import type { PlaylistContext } from './context.ts';
import { sourceFailure } from './failure-words.ts';
import type { PlaylistRun } from './playlist-run.ts';

interface Source {
  readonly name: string;
  readonly entries: readonly PlaylistEntry[];
}

function likedEntry({ itemKey, trackId, addedAtMs, unplayable }: StoredLike): PlaylistEntry {
  const addedAt = new Date(addedAtMs).toISOString();
  return itemKey.startsWith('removed:')
    ? { kind: 'removed', uri: null, trackId: null, name: null, addedAt }
    : { kind: 'track', uri: `spotify:track:${itemKey}`, trackId, name: null, addedAt, unplayable };
}

async function readSource(context: PlaylistContext, run: PlaylistRun, sourceId: string): Promise<Source> {
  const { operation, job, lane, lease } = run;
  const options = {
    lane,
    signal: job.signal,
    onPage: async (done: number, total: number) => {
      await job.progress({ done, total, phase: 'reading' });
      await renewWriter(context.db.pool, lease);
      await job.takeTurns();
    },
  };
  try {
    if (sourceId === LIKED) {
      await readLikedSongs(context, operation.userId, options);
      return {
        name: 'Liked Songs',
        entries: (await loadLikes(context.db, operation.userId)).map(likedEntry),
      };
    }
    return await readPlaylistContents(context, operation.userId, sourceId, options);
  } catch (error) {
    throw sourceFailure(error);
  }
}

/** Why an entry is not of use whatever was asked for; null: it is a track that Spotify plays. */
function unusable(entry: PlaylistEntry): LeftOutReason | null {
  if (entry.kind !== 'track') return entry.kind;
  if (entry.unplayable) return 'unplayable';
  return entry.uri === null || entry.trackId === null ? 'removed' : null;
}

/** Counts what is left out, and keeps some of the names. */
class LeftOutList {
  readonly counts: Partial<Record<LeftOutReason, number>> = {};
  readonly names: LeftOutNames = [];

  add(reason: LeftOutReason, count = 1): void {
    if (count > 0) this.counts[reason] = (this.counts[reason] ?? 0) + count;
  }

  addNamed(reason: LeftOutReason, name: string | null): void {
    this.add(reason);
    if (name && this.names.length < LEFT_OUT_NAMES) this.names.push({ reason, name });
  }
}

function nothingLeft(source: Source, leftOut: LeftOutList): GiveUp {
  if (source.entries.length === 0) {
    return new GiveUp({ code: 'empty_source', message: `“${source.name}” is empty.` });
  }
  const why = LEFT_OUT_REASONS.flatMap((reason) => {
    const count = leftOut.counts[reason] ?? 0;
    const [one, many] = LEFT_OUT_WORDS[reason];
    return count > 0 ? [`${count} ${count === 1 ? one : many}`] : [];
  });
  return new GiveUp({
    code: 'nothing_left',
    message: `Nothing of “${source.name}” is left to write: left out were ${why.join(', ')}.`,
  });
}

function nameOf(request: PlaylistRequest, source: Source): string {
  if (request.name !== undefined) return request.name;
  const made = request.kind === 'shuffle' ? `${source.name} (shuffled)` : 'Liked Songs';
  return made.length > PLAYLIST_NAME_LENGTH
    ? `${source.name.slice(0, PLAYLIST_NAME_LENGTH - 12)}… (shuffled)`
    : made;
}

function partName(name: string, part: number, parts: number): string {
  if (parts === 1) return name;
  const suffix = ` ${part}/${parts}`;
  return `${name.slice(0, PLAYLIST_NAME_LENGTH - suffix.length)}${suffix}`;
}

/**
 * Reads the source of an operation and settles what is written from it, and in which order. The same source,
 * request and seed give the same plan.
 *
 * @throws GiveUp when the source cannot be read, holds nothing of use, or is too long and nobody said what
 *   becomes of it
 */
export async function planList(context: PlaylistContext, run: PlaylistRun): Promise<PlaylistPlan> {
  const { operation, job } = run;
  const { request } = operation;
  if (!request) throw new Error(`operation ${operation.id} says not what to do`);
  const source = await readSource(context, run, sourceOf(request));
  const size = source.entries.length;
  await job.progress({ done: size, total: size, phase: 'shuffling' });

  const unplayable = source.entries.flatMap((one) =>
    one.unplayable && one.trackId !== null ? [one.trackId] : [],
  );
  const names = await trackNames(context.db.pool, unplayable.slice(0, LEFT_OUT_NAMES));
  const leftOut = new LeftOutList();
  const tracks: SourceTrack[] = [];
  for (const entry of source.entries) {
    const reason = unusable(entry);
    if (reason) leftOut.addNamed(reason, entry.name ?? names.get(entry.trackId ?? 0) ?? null);
    else if (entry.uri !== null && entry.trackId !== null) {
      const addedAtMs = entry.addedAt === null ? null : Date.parse(entry.addedAt);
      tracks.push({ uri: entry.uri, trackId: entry.trackId, addedAtMs });
    }
  }
  const list = await arrange(context, operation, request, tracks, (reason, count) =>
    leftOut.add(reason, count),
  );
  if (list.length === 0) throw nothingLeft(source, leftOut);
  const lengths = playlistLengths(list.length, request.overflow);
  if (!lengths) {
    throw new GiveUp({
      code: 'too_long',
      message: `The list has ${list.length} tracks, and a playlist holds ${PLAYLIST_ITEMS}. Choose whether it is split over several playlists or cut.`,
    });
  }
  const name = nameOf(request, source);
  let at = 0;
  const lists = lengths.map((length, part) => {
    const uris = list.slice(at, at + length).map((track) => track.uri);
    at += length;
    return { name: partName(name, part + 1, lengths.length), uris };
  });
  leftOut.add('cut', list.length - at);
  return {
    sourceName: source.name,
    sourceCount: size,
    lists,
    leftOut: leftOut.counts,
    leftOutNames: leftOut.names,
  };
}
