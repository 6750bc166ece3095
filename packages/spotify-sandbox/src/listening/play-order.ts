import type { Playable } from '../catalogue/items.ts';
import { randomFor } from '../seeded-random.ts';
import type { RepeatMode } from './intent.ts';

/** How many entries Spotify's queue shows. */
const QUEUE_LENGTH = 20;

export interface Upcoming {
  item: Playable;
  fromUserQueue: boolean;
}

/**
 * The order in which a player takes the items of its context: own order or shuffled, wrapping or not, with the
 * person's queue in front. What `upcoming` foretells is what `next` then does.
 */
export class PlayOrder {
  private order: number[] = [];
  private place = 0;
  private items: readonly Playable[];
  private readonly shuffleSeed: string;
  private readonly autoplaySource: () => readonly Playable[];
  private autoplayList: readonly Playable[] | null = null;
  private autoplayTaken = false;
  private shuffledOn: boolean;
  readonly userQueue: Playable[] = [];

  /**
   * @param shuffleSeed names the shuffle, so that the same start gives the same order
   * @param autoplay what follows when the items are through; asked for only when they nearly are
   */
  constructor(
    items: readonly Playable[],
    offset: number,
    shuffle: boolean,
    shuffleSeed: string,
    autoplay: () => readonly Playable[],
  ) {
    this.items = items;
    this.shuffleSeed = shuffleSeed;
    this.autoplaySource = autoplay;
    this.shuffledOn = shuffle;
    this.arrange(offset);
  }

  get shuffled(): boolean {
    return this.shuffledOn;
  }

  get current(): Playable | undefined {
    const index = this.order[this.place];
    return index === undefined ? undefined : this.items[index];
  }

  setShuffle(on: boolean): void {
    if (on === this.shuffledOn) return;
    this.shuffledOn = on;
    this.arrange(this.order[this.place] ?? 0);
  }

  /** Moves on; null when everything has been played. `manual` is a press on "next", which leaves "repeat one". */
  next(repeat: RepeatMode, manual: boolean): Upcoming | null {
    const queued = this.userQueue[0];
    if (repeat === 'track' && !manual) {
      const again = this.current;
      return again ? { item: again, fromUserQueue: false } : null;
    }
    if (queued) {
      this.userQueue.shift();
      return { item: queued, fromUserQueue: true };
    }
    if (this.place + 1 >= this.order.length) {
      if (repeat === 'off') {
        if (!this.appendAutoplay()) return null;
        this.place += 1;
      } else {
        this.place = 0;
      }
    } else {
      this.place += 1;
    }
    const item = this.current;
    return item ? { item, fromUserQueue: false } : null;
  }

  /** Moves back within the context; null at its beginning. */
  previous(repeat: RepeatMode): Playable | null {
    if (this.place === 0) {
      if (repeat === 'off') return null;
      this.place = this.order.length - 1;
    } else {
      this.place -= 1;
    }
    return this.current ?? null;
  }

  rewind(): void {
    this.place = 0;
  }

  /** The next items as they will come if nobody intervenes. */
  upcoming(repeat: RepeatMode): Playable[] {
    const again = this.current;
    if (repeat === 'track' && again) return Array.from({ length: QUEUE_LENGTH }, () => again);
    const list = this.userQueue.slice(0, QUEUE_LENGTH);
    let place = this.place + 1;
    while (list.length < QUEUE_LENGTH) {
      if (place >= this.order.length && repeat !== 'off') place = 0;
      const index = this.order[place];
      const item =
        index === undefined ? this.autoplay[place - this.order.length] : (this.items[index] as Playable);
      if (!item || (index === undefined && this.autoplayTaken)) break;
      list.push(item);
      place += 1;
    }
    return list;
  }

  private get autoplay(): readonly Playable[] {
    this.autoplayList ??= this.autoplaySource();
    return this.autoplayList;
  }

  private appendAutoplay(): boolean {
    if (this.autoplayTaken || this.autoplay.length === 0) return false;
    this.autoplayTaken = true;
    const first = this.items.length;
    this.items = [...this.items, ...this.autoplay];
    this.order.push(...this.autoplay.map((_, index) => first + index));
    return true;
  }

  private arrange(currentIndex: number): void {
    const indices = this.items.map((_, index) => index);
    if (!this.shuffledOn) {
      this.order = indices;
      this.place = currentIndex;
      return;
    }
    const others = indices.filter((index) => index !== currentIndex);
    this.order = [currentIndex, ...randomFor(this.shuffleSeed).shuffled(others)];
    this.place = 0;
  }
}
