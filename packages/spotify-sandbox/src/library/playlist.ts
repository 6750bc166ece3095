import { createHash } from 'node:crypto';
import type { Episode, LocalFile, Track } from '../catalogue/items.ts';

/** One line of a playlist. `item` is null where the music has been taken off the service. */
export interface PlaylistEntry {
  item: Track | Episode | LocalFile | null;
  /** Null in very old playlists. */
  addedAtMs: number | null;
  addedById: string | null;
}

export interface PlaylistDetails {
  name: string;
  description: string;
  public: boolean;
  collaborative: boolean;
}

/** A playlist and its revisions. The owner is a person's id, or `spotify` for an editorial one. */
export class Playlist {
  readonly id: string;
  readonly ownerId: string;
  readonly editorial: boolean;
  readonly imageKey: string;
  readonly createdAtMs: number;
  details: PlaylistDetails;
  /** A cover of the person's own: bytes of a JPEG. */
  cover: Buffer | null = null;
  private list: PlaylistEntry[];
  private revision = 1;
  private changedAtMs: number;

  constructor(made: {
    id: string;
    ownerId: string;
    imageKey: string;
    details: PlaylistDetails;
    entries: PlaylistEntry[];
    createdAtMs: number;
    editorial?: boolean;
  }) {
    this.id = made.id;
    this.ownerId = made.ownerId;
    this.imageKey = made.imageKey;
    this.details = made.details;
    this.list = made.entries;
    this.createdAtMs = made.createdAtMs;
    this.changedAtMs = Number.NEGATIVE_INFINITY;
    this.editorial = made.editorial ?? false;
  }

  get uri(): string {
    return `spotify:playlist:${this.id}`;
  }

  get entries(): readonly PlaylistEntry[] {
    return this.list;
  }

  /** The snapshot that the last write was told of. */
  get snapshotId(): string {
    return snapshotOf(this.id, this.revision, 'settled');
  }

  /** What a read shows: for a while after a write an intermediate snapshot, as Spotify does. */
  snapshotSeenAt(nowMs: number, lagMs: number): string {
    return nowMs - this.changedAtMs < lagMs
      ? snapshotOf(this.id, this.revision, 'intermediate')
      : this.snapshotId;
  }

  /** Puts these entries in the place of all there were. */
  replace(entries: PlaylistEntry[], nowMs: number): void {
    this.list = entries;
    this.touch(nowMs);
  }

  insert(entries: readonly PlaylistEntry[], position: number, nowMs: number): void {
    this.list = [...this.list.slice(0, position), ...entries, ...this.list.slice(position)];
    this.touch(nowMs);
  }

  /** Moves `length` entries from `start` in front of the one that is at `before`. */
  reorder(start: number, length: number, before: number, nowMs: number): void {
    const moved = this.list.slice(start, start + length);
    const rest = [...this.list.slice(0, start), ...this.list.slice(start + length)];
    const target = before > start ? Math.max(start, before - moved.length) : before;
    this.list = [...rest.slice(0, target), ...moved, ...rest.slice(target)];
    this.touch(nowMs);
  }

  /** Removes every entry with one of these URIs. */
  removeUris(uris: ReadonlySet<string>, nowMs: number): void {
    this.list = this.list.filter((entry) => !entry.item || !uris.has(entry.item.uri));
    this.touch(nowMs);
  }

  changeDetails(details: Partial<PlaylistDetails>, nowMs: number): void {
    this.details = { ...this.details, ...details };
    this.touch(nowMs);
  }

  changeCover(cover: Buffer, nowMs: number): void {
    this.cover = cover;
    this.touch(nowMs);
  }

  private touch(nowMs: number): void {
    this.revision += 1;
    this.changedAtMs = nowMs;
  }
}

/** Spotify's own form: base 64 of the revision number, a comma and 40 hexadecimal digits. */
function snapshotOf(id: string, revision: number, phase: string): string {
  const digest = createHash('sha1').update(`${id}/${revision}/${phase}`).digest('hex');
  return Buffer.from(`${revision},${digest}`).toString('base64');
}
