import type { Playable, Sounding } from '../catalogue/items.ts';
import { randomFor } from '../seeded-random.ts';
import type { PlayContext } from './context.ts';
import type { Device } from './device.ts';
import type { Driver, Intent, PlayIntent, RepeatMode } from './intent.ts';
import { idleDriver } from './intent.ts';
import type { PlayEnding } from './play.ts';
import type { PlayHistory } from './play-history.ts';
import { PlayOrder } from './play-order.ts';

// Bound once: within Jest every look-up of a global is slow.
const { min, max } = Math;
const NEVER = Number.POSITIVE_INFINITY;

export interface PlayerSettings {
  personId: string;
  seed: string;
  /** Where time begins for this player (ms since the epoch). */
  startMs: number;
  devices: readonly Device[];
  history: PlayHistory;
  driver: Driver;
  /** A silent device goes to sleep after this long. */
  deviceSleepMs: number;
  /** Tracks end this much before their end, as with crossfade. */
  crossfadeMs: number;
  /** An advert is heard after this many tracks; null: never. */
  advertEvery(): number | null;
  /** What autoplay goes on with after these items. */
  related(items: readonly Playable[], seed: string): readonly Playable[];
}

/** What is in the player now. Times: ms since the epoch. */
export interface PlayerState {
  device: Device | null;
  item: Sounding | null;
  playing: boolean;
  progressMs: number;
  /** When the state last changed: play, pause, skip, seek, next song. */
  changedAtMs: number;
  context: PlayContext | null;
  repeat: RepeatMode;
  shuffle: boolean;
  privateSession: boolean;
  /** When the item that is in the player began to sound; null with nothing in it. */
  startedAtMs: number | null;
}

interface Current {
  item: Sounding;
  startedAtMs: number;
  /** Position when the clock showed `anchorMs`. */
  positionMs: number;
  anchorMs: number;
  msPlayed: number;
  lastHeardMs: number;
}

/**
 * One person's player: a machine of discrete events. `advanceTo` plays through everything that happens until then, in
 * order; nothing runs between calls, and it makes no difference how often it is called.
 */
export class Player {
  private readonly settings: PlayerSettings;
  private driver: Driver;
  private nowMs: number;
  private current: Current | null = null;
  /** Where a sleeping device left off. */
  private resting: { item: Playable; positionMs: number } | null = null;
  private order: PlayOrder | null = null;
  private playing = false;
  private changedAtMs: number;
  private context: PlayContext | null = null;
  private device: Device | null = null;
  private repeat: RepeatMode = 'off';
  private shuffle = false;
  private privateSession = false;
  private sinceAdvert = 0;

  constructor(settings: PlayerSettings) {
    this.settings = settings;
    this.driver = settings.driver;
    this.nowMs = settings.startMs;
    this.changedAtMs = settings.startMs;
  }

  /** How far this player's time has come. */
  get timeMs(): number {
    return this.nowMs;
  }

  advanceTo(targetMs: number): void {
    for (;;) {
      const ends = this.itemEndsMs();
      const sleeps = this.sleepsMs();
      const due = this.driver.dueMs();
      const next = min(ends, sleeps, due);
      if (next > targetMs) break;
      // An intent that was due before this player's time began happens now.
      this.nowMs = max(this.nowMs, next);
      if (next === ends) this.moveOn('finished', false);
      else if (next === sleeps) this.sleep();
      else this.apply(this.driver.take());
    }
    this.nowMs = max(this.nowMs, targetMs);
    this.settings.history.advanceTo(this.nowMs);
  }

  /** From now on somebody else is in charge. */
  setDriver(driver: Driver): void {
    this.driver = driver;
  }

  /** Leaves the person to the API: whatever plays goes on, nothing more happens by itself. */
  takeOver(): void {
    this.driver = idleDriver();
  }

  state(): PlayerState {
    const { current } = this;
    return {
      device: this.device,
      item: current?.item ?? null,
      playing: this.playing,
      progressMs: current ? this.position(current) : 0,
      changedAtMs: this.changedAtMs,
      context: this.context,
      repeat: this.repeat,
      shuffle: this.shuffle,
      privateSession: this.privateSession,
      startedAtMs: current?.startedAtMs ?? null,
    };
  }

  upcoming(): Playable[] {
    return this.order?.upcoming(this.repeat) ?? [];
  }

  /** Whether "next" and "previous" would find something. */
  reach(): { next: boolean; previous: boolean; resume: boolean } {
    return {
      next: this.upcoming().length > 0,
      previous: this.order !== null,
      resume: this.current !== null || this.resting !== null,
    };
  }

  /** Does it now, at the time the player has come to. */
  apply(intent: Intent): void {
    switch (intent.kind) {
      case 'play':
        this.play(intent);
        break;
      case 'pause':
        this.pause();
        break;
      case 'resume':
        this.resume();
        break;
      case 'next':
        this.moveOn('skipped', true);
        break;
      case 'previous':
        this.goBack();
        break;
      case 'stop':
        this.stop();
        break;
      case 'seek':
        this.seek(intent.positionMs);
        break;
      case 'repeat':
        this.repeat = intent.mode;
        break;
      case 'shuffle':
        this.shuffle = intent.on;
        this.order?.setShuffle(intent.on);
        break;
      case 'volume':
        if (this.device) this.device.volumePercent = intent.percent;
        break;
      case 'enqueue':
        this.order ??= this.orderOf([], 0);
        this.order.userQueue.push(intent.item);
        break;
      case 'transfer':
        this.transfer(intent.deviceId, intent.play);
        break;
      case 'privateSession':
        this.privateSession = intent.on;
        break;
      default:
        throw new Error(`unknown intent ${JSON.stringify(intent satisfies never)}`);
    }
  }

  private play(intent: PlayIntent): void {
    this.finish('replaced');
    this.device = this.deviceFor(intent.deviceId);
    this.privateSession = intent.privateSession ?? this.privateSession;
    this.repeat = intent.repeat ?? this.repeat;
    this.shuffle = intent.shuffle ?? this.shuffle;
    const kept = this.order?.userQueue ?? [];
    this.context = intent.context;
    const playable = intent.items.filter((item) => item.kind === 'episode' || item.playable);
    const wanted = intent.items[intent.offset ?? 0];
    const offset = max(0, wanted ? playable.indexOf(wanted) : 0);
    this.order = this.orderOf(playable, offset, intent.autoplay);
    this.order.userQueue.push(...kept);
    const first = this.order.current;
    if (first) this.begin(first, intent.positionMs ?? 0);
    else this.playing = false;
  }

  private orderOf(items: readonly Playable[], offset: number, autoplay = false): PlayOrder {
    const seed = `${this.settings.seed}/order/${this.settings.personId}/${this.nowMs}`;
    const related = () => (autoplay ? this.settings.related(items, seed) : []);
    return new PlayOrder(items, offset, this.shuffle, seed, related);
  }

  private deviceFor(id: string | undefined): Device | null {
    const { devices } = this.settings;
    return devices.find((device) => device.id === id) ?? this.device ?? devices[0] ?? null;
  }

  private begin(item: Sounding, positionMs: number): void {
    this.resting = null;
    this.playing = true;
    this.changedAtMs = this.nowMs;
    this.current = {
      item,
      startedAtMs: this.nowMs,
      positionMs: min(positionMs, item.durationMs),
      anchorMs: this.nowMs,
      msPlayed: 0,
      lastHeardMs: this.nowMs,
    };
    if (item.kind !== 'ad') this.driver.itemBegan(item, this.nowMs);
  }

  private pause(): void {
    if (!this.playing || !this.current) return;
    this.settle(this.current);
    this.playing = false;
    this.changedAtMs = this.nowMs;
  }

  private resume(): void {
    if (this.playing) return;
    this.device ??= this.deviceFor(undefined);
    if (this.current) {
      this.current.anchorMs = this.nowMs;
      this.playing = true;
      this.changedAtMs = this.nowMs;
    } else if (this.resting) {
      this.begin(this.resting.item, this.resting.positionMs);
    }
  }

  private seek(positionMs: number): void {
    const { current } = this;
    if (!current) return;
    this.settle(current);
    this.changedAtMs = this.nowMs;
    if (positionMs >= current.item.durationMs) this.moveOn('skipped', true);
    else current.positionMs = positionMs;
  }

  private stop(): void {
    this.finish('stopped');
    this.playing = false;
    this.device = null;
    this.order = null;
    this.context = null;
    this.changedAtMs = this.nowMs;
  }

  private sleep(): void {
    const { current } = this;
    if (current && current.item.kind !== 'ad') {
      this.resting = { item: current.item, positionMs: current.positionMs };
    }
    this.finish('slept');
    this.device = null;
  }

  private transfer(deviceId: string, play: boolean | undefined): void {
    this.device = this.deviceFor(deviceId);
    this.changedAtMs = this.nowMs;
    if (play) this.resume();
  }

  private goBack(): void {
    const item = this.order?.previous(this.repeat) ?? this.order?.current;
    this.finish('skipped');
    if (item) this.begin(item, 0);
  }

  private moveOn(ending: PlayEnding, manual: boolean): void {
    const wasAdvert = this.current?.item.kind === 'ad';
    this.finish(ending);
    const advertEvery = this.settings.advertEvery();
    if (!wasAdvert && advertEvery !== null) {
      this.sinceAdvert += 1;
      if (this.sinceAdvert >= advertEvery) {
        this.sinceAdvert = 0;
        const random = randomFor(this.settings.seed, 'advert', this.settings.personId, this.nowMs);
        this.begin(
          { kind: 'ad', uri: `spotify:ad:${random.hex(32)}`, durationMs: random.int(15, 30) * 1000 },
          0,
        );
        return;
      }
    }
    const next = this.order?.next(this.repeat, manual);
    if (next) {
      this.begin(next.item, 0);
      return;
    }
    // Through: the player stands silent at the first item again.
    this.order?.rewind();
    const first = this.order?.current;
    this.playing = false;
    this.changedAtMs = this.nowMs;
    this.resting = first ? { item: first, positionMs: 0 } : null;
  }

  /** The listen is over; it goes into the history. */
  private finish(endedBy: PlayEnding): void {
    const { current } = this;
    if (!current) return;
    if (this.playing) this.settle(current);
    this.current = null;
    const { item } = current;
    if (item.kind === 'ad') return;
    this.settings.history.record(
      {
        personId: this.settings.personId,
        item,
        startedAtMs: current.startedAtMs,
        endedAtMs: current.lastHeardMs,
        msPlayed: current.msPlayed,
        endedBy,
        contextUri: this.context?.uri ?? null,
        contextKind: this.context?.kind ?? null,
        deviceId: this.device?.id ?? null,
        privateSession: this.privateSession,
      },
      this.nowMs,
    );
  }

  /** Books the time heard since the last change. */
  private settle(current: Current): void {
    if (!this.playing) return;
    const heard = this.nowMs - current.anchorMs;
    current.positionMs = min(current.positionMs + heard, current.item.durationMs);
    current.msPlayed += heard;
    current.anchorMs = this.nowMs;
    current.lastHeardMs = this.nowMs;
  }

  private position(current: Current): number {
    const heard = this.playing ? this.nowMs - current.anchorMs : 0;
    return min(current.positionMs + heard, current.item.durationMs);
  }

  private itemEndsMs(): number {
    const { current } = this;
    if (!current || !this.playing) return NEVER;
    const fade = current.item.kind === 'track' ? this.settings.crossfadeMs : 0;
    const end = max(current.item.durationMs - fade, current.positionMs);
    return current.anchorMs + (end - current.positionMs);
  }

  private sleepsMs(): number {
    if (!this.device || this.playing) return NEVER;
    return this.changedAtMs + this.settings.deviceSleepMs;
  }
}
