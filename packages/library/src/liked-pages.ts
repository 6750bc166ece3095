import type { TrackItem } from '@spindle/db';
import { PAGE_LIMIT, type SpotifyCaller } from '@spindle/spotify';
import type { ReadOptions } from './access.ts';
import { listedTrackItem } from './catalogue-items.ts';
import { inOrder } from './in-order.ts';

/** Pages that are asked for at the same time when all are wanted. */
const AT_ONCE = 4;

/** One line of Liked Songs. */
export interface LikedItem {
  /** The id by which it is liked; null: taken off Spotify, which no longer says what it was. */
  readonly key: string | null;
  readonly addedAtMs: number;
  readonly track: TrackItem | null;
  /** Its row, where that is known without looking. */
  readonly trackId: number | null;
  readonly unplayable: boolean;
}

type Line = Awaited<ReturnType<SpotifyCaller['likedTracks']>>['items'][number];

function itemOf({ track, added_at: addedAt }: Line): LikedItem {
  const item = track ? listedTrackItem(track) : null;
  return {
    // A file of the listener's own has a URI and no id.
    key: item?.spotifyId ?? track?.uri ?? null,
    addedAtMs: Date.parse(addedAt),
    track: item,
    trackId: null,
    unplayable: !track || track.is_playable === false,
  };
}

/** The list changed between two pages. */
export class Shifted extends Error {
  override readonly name = 'Shifted';
}

/** The pages of one reading, by number from 0; each is read once. */
export class LikedPages {
  readonly #caller: SpotifyCaller;
  readonly #options: ReadOptions;
  readonly #pages = new Map<number, readonly LikedItem[]>();
  readonly #seen = new Map<string, number>();
  #total: number | null = null;
  #items = 0;
  #told = -1;
  /** Calls made. */
  calls = 0;

  constructor(caller: SpotifyCaller, options: ReadOptions) {
    this.#caller = caller;
    this.#options = options;
  }

  /** Known once a page was read. */
  get total(): number {
    return this.#total ?? 0;
  }

  get count(): number {
    return Math.ceil(this.total / PAGE_LIMIT);
  }

  get areAllRead(): boolean {
    return this.#pages.size >= this.count;
  }

  /** @throws Shifted when the list is no longer the one of the pages before. */
  async page(number: number): Promise<readonly LikedItem[]> {
    const read = this.#pages.get(number);
    if (read) return read;
    const items = this.#keep(number, await this.#call(number));
    await this.tell();
    return items;
  }

  /** The pages from this one to the last, in order, of which those that were not read yet are; see {@link tell}. */
  async *from(first: number): AsyncGenerator<readonly LikedItem[]> {
    const numbers = Array.from({ length: Math.max(0, this.count - first) }, (_, place) => first + place);
    let number = first;
    const answers = inOrder(numbers, AT_ONCE, async (wanted) =>
      this.#pages.has(wanted) ? null : this.#call(wanted),
    );
    for await (const answer of answers) {
      yield answer ? this.#keep(number, answer) : (this.#pages.get(number) ?? []);
      number += 1;
    }
  }

  /** Says how many songs were read so far. */
  async tell(known = this.#items): Promise<void> {
    if (known === this.#told) return;
    this.#told = known;
    await this.#options.onPage?.(known, this.total);
  }

  #call(number: number) {
    this.#options.signal.throwIfAborted();
    this.calls += 1;
    return this.#caller.likedTracks({ offset: number * PAGE_LIMIT });
  }

  #keep(number: number, answer: Awaited<ReturnType<SpotifyCaller['likedTracks']>>): readonly LikedItem[] {
    const total = answer.total ?? number * PAGE_LIMIT + answer.items.length;
    this.#total ??= total;
    if (total !== this.#total) throw new Shifted();
    const items = answer.items.map(itemOf);
    for (const { key, addedAtMs } of items) {
      if (key === null) continue;
      // Something was put on top: what stood at the end of one page stands at the beginning of the next.
      if (this.#seen.get(key) === addedAtMs) throw new Shifted();
      this.#seen.set(key, addedAtMs);
    }
    this.#pages.set(number, items);
    this.#items += items.length;
    return items;
  }
}
