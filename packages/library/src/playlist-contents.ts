import {
  loadPlaylistContents,
  notePlaylist,
  notePlaylistRead,
  type PlaylistEntry,
  savePlaylistContents,
} from '@spindle/db';
import { PAGE_LIMIT, type SpotifyCaller } from '@spindle/spotify';
import type { LibraryAccess, ReadOptions } from './access.ts';
import { inOrder } from './in-order.ts';
import { filledUp, type PlaylistLine, storeLines } from './playlist-lines.ts';

/** Pages that are asked for at the same time. */
const AT_ONCE = 4;
/** What was read is stored after so many pages, so that a crash loses no more. */
const SAVE_EVERY = 40;
/** A playlist that changes while it is read is begun anew so often. */
const ANEW = 2;

/** The items of a playlist, in order. */
export interface PlaylistCopy {
  readonly playlistId: string;
  readonly name: string;
  readonly own: boolean;
  readonly entries: readonly PlaylistEntry[];
  /** Nothing had changed since they were read before. */
  readonly unchanged: boolean;
}

type Head = Awaited<ReturnType<SpotifyCaller['playlistWithItems']>>;

/** The lines that came with the playlist itself; null where Spotify tells none. */
function firstLines(head: Head): readonly PlaylistLine[] | null {
  return head.items && 'items' in head.items ? head.items.items : null;
}

function totalOf(head: Head): number | null {
  return head.items?.total ?? head.tracks?.total ?? null;
}

/** One way through a playlist, from what is stored of its snapshot to the end. */
class Pass {
  readonly #access: LibraryAccess;
  readonly #userId: number;
  readonly #caller: SpotifyCaller;
  readonly #head: Head;
  readonly #options: ReadOptions;
  #entries: PlaylistEntry[] = [];
  #total: number | null;
  #pages = 0;

  constructor(
    access: LibraryAccess,
    userId: number,
    caller: SpotifyCaller,
    head: Head,
    options: ReadOptions,
  ) {
    this.#access = access;
    this.#userId = userId;
    this.#caller = caller;
    this.#head = head;
    this.#options = options;
    this.#total = totalOf(head);
  }

  get entries(): readonly PlaylistEntry[] {
    return this.#entries;
  }

  /** Begins with what is stored of this very snapshot. @returns whether that is all there is */
  async takeStored(): Promise<boolean> {
    const { id, snapshot_id: snapshotId } = this.#head;
    const stored = await loadPlaylistContents(this.#access.db, this.#userId, id);
    if (!stored?.snapshotId || stored.snapshotId !== snapshotId) return false;
    if (this.#total !== null && this.#total !== stored.total) return false;
    this.#entries = [...stored.entries];
    this.#total = stored.total;
    return this.#entries.length === this.#total;
  }

  /**
   * Reads what is missing. @returns false when the list changed under it; what was read is then worth
   * nothing.
   */
  async readRest(): Promise<boolean> {
    const first = firstLines(this.#head);
    if (first && first.length > this.#entries.length) {
      this.#entries = await this.#stored(first);
      await this.#tell();
    }
    if (this.#total === null) {
      // Spotify tells the number of items with the items alone.
      const page = await this.#page(0);
      this.#total = page.total ?? page.items.length;
      await this.#take(page.items, 0);
    }
    const offsets: number[] = [];
    for (let at = this.#entries.length; at < this.#total; at += PAGE_LIMIT) offsets.push(at);
    let offset = this.#entries.length;
    for await (const page of inOrder(offsets, AT_ONCE, (at) => this.#page(at))) {
      if ((page.total ?? this.#total) !== this.#total) return false;
      await this.#take(page.items, offset);
      offset += PAGE_LIMIT;
      if (this.#pages % SAVE_EVERY === 0) await this.save({ asPart: true });
    }
    return true;
  }

  /** Whether it was read in one piece, so that nothing can have changed meanwhile. */
  get needsProof(): boolean {
    return this.#pages > 0 && Boolean(this.#head.snapshot_id);
  }

  /** @param asPart nobody has looked yet whether it was still the same at the end: the next run does */
  async save({ asPart }: { asPart: boolean }): Promise<void> {
    if (this.#total === null) return;
    const unproven = asPart && this.needsProof && this.#entries.length === this.#total;
    await savePlaylistContents(this.#access.db, this.#userId, this.#head.id, {
      snapshotId: this.#head.snapshot_id ?? null,
      total: this.#total,
      entries: unproven ? this.#entries.slice(0, -PAGE_LIMIT) : this.#entries,
      readAt: this.#access.clock.now(),
    });
  }

  #page(offset: number) {
    this.#options.signal.throwIfAborted();
    return this.#caller.playlistItems(this.#head.id, { offset });
  }

  async #take(lines: readonly PlaylistLine[], offset: number): Promise<void> {
    const length = Math.min(PAGE_LIMIT, (this.#total ?? 0) - offset);
    this.#entries.push(...filledUp(await this.#stored(lines), length));
    this.#pages += 1;
    await this.#tell();
  }

  #stored(lines: readonly PlaylistLine[]): Promise<PlaylistEntry[]> {
    return storeLines(this.#access.db, lines, this.#access.clock.now());
  }

  async #tell(): Promise<void> {
    await this.#options.onPage?.(this.#entries.length, this.#total ?? this.#entries.length);
  }
}

/**
 * Reads the items of a playlist: from what is stored when its snapshot is the same, which costs one
 * call; otherwise page by page, going on where an interrupted reading of the same snapshot ended. What
 * was read is kept whenever it ends early. A list of several pages counts only when its snapshot is
 * still the same at the end; otherwise it is read anew, since a song may have moved between two pages.
 *
 * @throws SpotifyRefusal for a playlist of somebody else (`forbidden`) and an unknown one (`not_found`).
 */
export async function readPlaylistContents(
  access: LibraryAccess,
  userId: number,
  playlistId: string,
  options: ReadOptions,
): Promise<PlaylistCopy> {
  const caller = access.spotify.as(userId, { lane: options.lane, signal: options.signal });
  let head = await caller.playlistWithItems(playlistId);
  for (let begun = 0; begun <= ANEW; begun += 1) {
    const pass = new Pass(access, userId, caller, head, options);
    if (await pass.takeStored()) {
      await notePlaylistRead(access.db, userId, playlistId, access.clock.now());
      return copyOf(access, userId, head, pass.entries, true);
    }
    const end = await readToEnd(pass, caller, head);
    if (end === 'same') {
      await pass.save({ asPart: false });
      return copyOf(access, userId, head, pass.entries, false);
    }
    head = end;
  }
  throw new Error(`playlist ${playlistId} kept changing while it was read`);
}

/** @returns the playlist as it is now, when it is no longer what it was at the beginning. */
async function readToEnd(pass: Pass, caller: SpotifyCaller, head: Head): Promise<'same' | Head> {
  try {
    const isOne = await pass.readRest();
    if (isOne && !pass.needsProof) return 'same';
    const now = await caller.playlistWithItems(head.id);
    return isOne && now.snapshot_id === head.snapshot_id ? 'same' : now;
  } catch (error) {
    await pass.save({ asPart: true });
    throw error;
  }
}

async function copyOf(
  { db }: LibraryAccess,
  userId: number,
  head: Head,
  entries: readonly PlaylistEntry[],
  unchanged: boolean,
): Promise<PlaylistCopy> {
  await notePlaylist(db, userId, {
    playlistId: head.id,
    name: head.name,
    itemCount: totalOf(head),
    snapshotId: head.snapshot_id ?? null,
  });
  const where = { id: userId };
  const user = await db.prisma.user.findUnique({ where, select: { spotifyId: true } });
  const own = Boolean(head.owner?.id) && head.owner?.id === user?.spotifyId;
  return { playlistId: head.id, name: head.name, own, entries, unchanged };
}
