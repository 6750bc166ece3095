import type { RoomAnswer, RoomChange } from '@spindle/contracts';
import { connect, type Socket } from 'socket.io-client';
import { type BenchGuest, nowMs, type ScreensAnswer, type ScreensRequest } from './messages.ts';

// Screens of guests, each a websocket of its own, as a process of its own: notes when each of them showed
// how many votes of which track. Talks with its parent over IPC.

/** Connections made at the same time. */
const AT_ONCE = 40;
/** Longest that is told apart, ms. */
const MOST_MS = 10_000;

/** What one screen showed of one track: totals that grow, and when each of them came. */
interface Shown {
  readonly totals: number[];
  readonly at: number[];
  rev: number;
}

class Screen {
  readonly guest: BenchGuest;
  readonly socket: Socket;
  readonly tracks = new Map<string, Shown>();
  readonly ready: Promise<boolean>;

  constructor(origin: string, guest: BenchGuest) {
    this.guest = guest;
    this.socket = connect(origin, {
      transports: ['websocket'],
      forceNew: true,
      auth: { token: guest.token },
      reconnectionDelay: 100,
      reconnectionDelayMax: 500,
    });
    this.socket.on('room', (change: RoomChange) => this.hear(change));
    this.ready = new Promise((resolve) => {
      let isFirst = true;
      this.socket.on('connect', async () => {
        if (!isFirst) counters.reconnects++;
        isFirst = false;
        if (this.socket.recovered) counters.recovered++;
        else resolve(await this.enter());
      });
    });
  }

  async enter(): Promise<boolean> {
    try {
      const answer: RoomAnswer = await this.socket
        .timeout(30_000)
        .emitWithAck('room', { code: this.guest.code });
      if (!answer.ok) return false;
      for (const track of [...answer.state.queue, ...answer.state.played]) this.note(track, nowMs());
      return true;
    } catch {
      return this.socket.connected ? this.enter() : false;
    }
  }

  hear(change: RoomChange): void {
    const at = nowMs();
    counters.events++;
    if (this === screens[0]) {
      sample.events++;
      sample.bytes += JSON.stringify(change).length;
    }
    for (const track of [...(change.tracks ?? []), ...(change.counts ?? [])]) {
      this.note(track, at);
      if (track.promotedAt !== null && track.state === 'promoted') {
        const known = promotedAt.get(track.id) ?? new Set();
        promotedAt.set(track.id, known.add(track.promotedAt));
      }
    }
  }

  note(track: { id: string; likes: number; dislikes: number; rev: number }, at: number): void {
    let shown = this.tracks.get(track.id);
    if (!shown) {
      shown = { totals: [], at: [], rev: 0 };
      this.tracks.set(track.id, shown);
    }
    if (track.rev < shown.rev) return;
    shown.rev = track.rev;
    const total = track.likes + track.dislikes;
    if (total === shown.totals.at(-1)) return;
    shown.totals.push(total);
    shown.at.push(at);
  }

  /** When it first showed so many votes of a track. */
  since(trackId: string, total: number): number {
    const shown = this.tracks.get(trackId);
    if (!shown) return Number.POSITIVE_INFINITY;
    let low = 0;
    let high = shown.totals.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((shown.totals[middle] ?? 0) >= total) high = middle;
      else low = middle + 1;
    }
    return shown.at[low] ?? Number.POSITIVE_INFINITY;
  }
}

const counters = { events: 0, reconnects: 0, recovered: 0 };
/** Of the first screen alone: what one event has in bytes. */
const sample = { events: 0, bytes: 0 };
const promotedAt = new Map<string, Set<string>>();
const screens: Screen[] = [];
const bare: { socket: Socket; latencies: number[] }[] = [];

async function several<T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const line = async () => {
    while (next < count) {
      const index = next++;
      results[index] = await work(index);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, line));
  return results;
}

async function open(origin: string, guests: readonly BenchGuest[]): Promise<ScreensAnswer> {
  const opened = await several(guests.length, async (index) => {
    const guest = guests[index];
    if (!guest) return false;
    const screen = new Screen(origin, guest);
    screens.push(screen);
    return screen.ready;
  });
  return { opened: opened.filter(Boolean).length };
}

async function openBare(origin: string, count: number): Promise<ScreensAnswer> {
  await several(count, async () => {
    const socket = connect(origin, { transports: ['websocket'], forceNew: true });
    const latencies: number[] = [];
    socket.on('room', ({ sentAt }: { sentAt: number }) => latencies.push(nowMs() - sentAt));
    bare.push({ socket, latencies });
    await new Promise((resolve) => socket.once('connect', () => resolve(null)));
  });
  return { opened: bare.length };
}

/** Counted by ms; the last holds what took longer. */
function count(histogram: number[], ms: number): void {
  const place = Math.min(MOST_MS, Math.max(0, Math.ceil(ms)));
  histogram[place] = (histogram[place] ?? 0) + 1;
}

function measured(histogram: number[]): ScreensAnswer {
  return {
    histogram,
    ...counters,
    bytesOfEvent: sample.bytes / Math.max(1, sample.events),
    eventsOfScreen: sample.events,
    promotedAt: Object.fromEntries([...promotedAt].map(([id, moments]) => [id, [...moments]])),
  };
}

function measure({ votes, guests }: Extract<ScreensRequest, { ask: 'measure' }>): ScreensAnswer {
  const histogram: number[] = new Array(MOST_MS + 1).fill(0);
  const byRoom = Map.groupBy(screens, (screen) => screen.guest.code);
  for (const vote of votes) {
    for (const screen of byRoom.get(guests[vote.guest]?.code ?? '') ?? []) {
      count(histogram, screen.since(vote.roomTrackId, vote.total) - vote.sentAt);
    }
  }
  return measured(histogram);
}

function compare(totals: Readonly<Record<string, Readonly<Record<string, number>>>>): ScreensAnswer {
  let wrong = 0;
  for (const { guest, tracks } of screens) {
    const wanted = Object.entries(totals[guest.code] ?? {});
    if (!wanted.every(([id, total]) => (tracks.get(id)?.totals.at(-1) ?? 0) === total)) wrong++;
  }
  return { wrong, screens: screens.length };
}

async function answer(asked: ScreensRequest): Promise<ScreensAnswer> {
  switch (asked.ask) {
    case 'open':
      return open(asked.origin, asked.guests);
    case 'open-bare':
      return openBare(asked.origin, asked.screens);
    case 'measure':
      return measure(asked);
    case 'compare':
      return compare(asked.totals);
    case 'measure-bare': {
      const histogram: number[] = new Array(MOST_MS + 1).fill(0);
      for (const { latencies } of bare) for (const ms of latencies) count(histogram, ms);
      return measured(histogram);
    }
    case 'close': {
      for (const { socket } of [...screens, ...bare]) socket.disconnect();
      const opened = screens.length + bare.length;
      screens.length = 0;
      bare.length = 0;
      promotedAt.clear();
      Object.assign(counters, { events: 0, reconnects: 0, recovered: 0 });
      Object.assign(sample, { events: 0, bytes: 0 });
      return { opened };
    }
  }
}

process.on('message', async (asked: ScreensRequest) => {
  process.send?.(await answer(asked));
});
process.on('disconnect', () => process.exit());
