import { deflateSync } from 'node:zlib';
import type { WidgetKind } from '@spindle/contracts';
import type { CardData, CardUser, NowPlayingCardData } from '../../src/widgets/card-data.ts';

/** A moment: 12 June 2026, 20:15 UTC. */
export const NOW = Date.UTC(2026, 5, 12, 20, 15);

export const ANNA: CardUser = {
  name: 'Anna Lindqvist',
  handle: 'anna',
  url: 'https://spindle.example/u/anna',
};

/** A chunk of a PNG, https://www.w3.org/TR/png-3/#5Chunk-layout. */
function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  let crc = ~0;
  for (const byte of body) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(~crc >>> 0, 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

const SIZE = 160;

/** A cover as a PNG: rings in colours of its own on a slope of two others. */
export function cover(seed: number): string {
  const hue = (shift: number) => 128 + 110 * Math.sin(seed * 1.7 + shift);
  const rows = Array.from({ length: SIZE }, (_, y) => {
    const row = Buffer.alloc(1 + SIZE * 3);
    for (let x = 0; x < SIZE; x += 1) {
      const slope = (x + y) / (2 * SIZE);
      const distance = Math.hypot(x - SIZE * (0.3 + (seed % 3) * 0.2), y - SIZE * 0.6);
      const ring = Math.floor(distance / (14 + (seed % 4) * 6)) % 2 === 0 && distance < 70 ? 70 : 0;
      for (const [channel, shift] of [0, 2.1, 4.2].entries()) {
        row[1 + x * 3 + channel] = Math.min(255, Math.max(0, hue(shift) * (1 - slope * 0.6) + ring));
      }
    }
    return row;
  });
  const header = Buffer.alloc(13);
  header.writeUInt32BE(SIZE, 0);
  header.writeUInt32BE(SIZE, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const png = Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
  return `data:image/png;base64,${png.toString('base64')}`;
}

const TRACKS: readonly (readonly [title: string, artist: string])[] = [
  ['Weird Fishes / Arpeggi', 'Radiohead'],
  ['夜に駆ける', 'YOASOBI'],
  ['نسّم علينا الهوى', 'فيروز'],
  ['The Ecstasy of Gold (From “The Good, the Bad and the Ugly”)', 'Ennio Morricone'],
  ['Party 🎉 4 U', 'Charli xcx'],
  ['Bohemian Rhapsody - Remastered 2011', 'Queen'],
  ['Ágætis byrjun', 'Sigur Rós'],
  ['봄날', 'BTS'],
  ['Águas de Março', 'Elis Regina, Antônio Carlos Jobim'],
  ['4′33″', 'John Cage'],
];
const COVERS = TRACKS.map((_, index) => cover(index + 1));
const url = (kind: 'track' | 'artist', index: number) =>
  `https://open.spotify.com/${kind}/${String(index).padStart(22, '4uLU6hMCjMI75M1A2tKU')}`;

export const PLAYING: NowPlayingCardData = {
  kind: 'now-playing',
  user: ANNA,
  state: 'playing',
  title: 'Weird Fishes / Arpeggi',
  artists: ['Radiohead'],
  album: 'In Rainbows',
  artwork: COVERS[0] ?? null,
  url: url('track', 0),
  durationMs: 318_187,
  progressMs: null,
  startedAt: NOW - 127_400,
  playedAt: null,
  device: 'Kitchen',
  explicit: false,
  itemKind: 'track',
  now: NOW,
};

const week = (): number[] =>
  Array.from({ length: 168 }, (_, cell) => {
    const [day, hour] = [Math.floor(cell / 24), cell % 24];
    const evening = Math.exp(-((hour - 20) ** 2) / 12) * 22;
    const morning = day < 5 ? Math.exp(-((hour - 8) ** 2) / 3) * 14 : 0;
    const weekend = day > 4 ? Math.exp(-((hour - 14) ** 2) / 22) * 16 : 0;
    return Math.round((evening + morning + weekend) * (0.75 + 0.25 * Math.sin(cell * 2.3)));
  });

/** A card of each kind, filled. */
export const EXAMPLES: Readonly<Record<WidgetKind, CardData>> = {
  'now-playing': PLAYING,
  'recently-played': {
    kind: 'recently-played',
    user: ANNA,
    rows: TRACKS.map(([title, artist], index) => ({
      title,
      artists: artist.split(', '),
      artwork: COVERS[index] ?? null,
      url: url('track', index),
      playedAt: NOW - 20_000 * 4.2 ** index,
    })),
    now: NOW,
  },
  'top-tracks': {
    kind: 'top-tracks',
    user: ANNA,
    label: 'this month',
    rows: TRACKS.map(([title, artist], index) => ({
      rank: index + 1,
      title,
      artists: artist.split(', '),
      artwork: COVERS[index] ?? null,
      url: url('track', index),
      plays: Math.round(96 / (index + 1.4)),
      msPlayed: Math.round(96 / (index + 1.4)) * 214_000,
    })),
  },
  'top-artists': {
    kind: 'top-artists',
    user: ANNA,
    label: 'this year',
    rows: TRACKS.map(([, artist], index) => ({
      rank: index + 1,
      title: artist,
      artists: [],
      artwork: COVERS[9 - index] ?? null,
      url: url('artist', index),
      plays: Math.round(1_840 / (index + 1.2)),
      msPlayed: Math.round(1_840 / (index + 1.2)) * 214_000,
    })),
  },
  grid: { kind: 'grid', user: ANNA, cells: week(), label: 'this year' },
  summary: {
    kind: 'summary',
    user: ANNA,
    label: 'this month',
    plays: 1_284,
    msPlayed: 271_000_000,
    tracks: 463,
    artists: 178,
    streakDays: 23,
  },
  streak: { kind: 'streak', user: ANNA, current: 23, longest: 61, plays: 18_312, nextMilestone: 20_000 },
};

/** What a player does besides playing a track. */
export const STATES: Readonly<Record<string, NowPlayingCardData>> = {
  paused: { ...PLAYING, state: 'paused', startedAt: null, progressMs: 200_000 },
  'last played': { ...PLAYING, state: 'last-played', startedAt: null, playedAt: NOW - 3 * 3_600_000 },
  episode: {
    ...PLAYING,
    itemKind: 'episode',
    title: 'A long talk about a short song and everything that was ever said of it',
    artists: ['Song Exploder'],
    album: null,
    durationMs: 5_112_000,
    startedAt: NOW - 3_912_000,
    url: 'https://open.spotify.com/episode/5Xt5DXGzch68nYYamXrNxZ',
  },
  ad: { ...PLAYING, itemKind: 'ad', title: null, artists: [], album: null, artwork: null, url: null },
  local: {
    ...PLAYING,
    itemKind: 'local',
    title: 'Demo 3',
    artists: [],
    album: null,
    artwork: null,
    url: null,
  },
  explicit: {
    ...PLAYING,
    explicit: true,
    title: 'Party 🎉 4 U',
    artists: ['Charli xcx'],
    artwork: COVERS[4] ?? null,
  },
  'right to left': {
    ...PLAYING,
    title: 'نسّم علينا الهوى',
    artists: ['فيروز'],
    album: 'أندلسيات',
    artwork: COVERS[2] ?? null,
  },
  CJK: {
    ...PLAYING,
    title: '夜に駆ける',
    artists: ['YOASOBI'],
    album: 'THE BOOK',
    artwork: COVERS[1] ?? null,
  },
  nothing: {
    ...PLAYING,
    state: 'nothing',
    title: null,
    artists: [],
    album: null,
    artwork: null,
    url: null,
    durationMs: null,
    startedAt: null,
    itemKind: null,
  },
  private: {
    ...PLAYING,
    state: 'private',
    title: null,
    artists: [],
    artwork: null,
    url: null,
    startedAt: null,
  },
};
