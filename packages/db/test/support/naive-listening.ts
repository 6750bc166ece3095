import { type Database, PLAY_FLAGS } from '../../src/index.ts';
import { calendar } from './naive-count.ts';

/** A play that counts, with everything that a statistic may ask of it, by JavaScript's own calendar. */
export interface Heard {
  readonly at: number;
  readonly day: string;
  readonly hour: number;
  /** 0 Monday. */
  readonly weekday: number;
  readonly track: number;
  readonly artists: readonly number[];
  readonly albums: readonly number[];
  /** Once for each artist that has it. */
  readonly genres: readonly string[];
  readonly ms: number;
  readonly assumed: number;
}

export interface NaiveFigures {
  plays: number;
  msPlayed: number;
  msAssumed: number;
}

export type Key = string | number;

/** Every counted play of a listener, oldest first. */
export async function listenNaively(db: Database, userId: number): Promise<Heard[]> {
  const where = { userId };
  const user = await db.prisma.user.findUniqueOrThrow({ where: { id: userId } });
  const tracks = new Map((await db.prisma.track.findMany()).map((one) => [one.id, one]));
  const genres = new Map((await db.prisma.artist.findMany()).map((one) => [one.id, one.genres]));
  const links = await db.prisma.trackArtist.findMany();
  const merges = new Map((await db.prisma.trackMerge.findMany({ where })).map((one) => [one.trackId, one]));
  const aliases = new Map(
    (await db.prisma.artistAlias.findMany({ where })).map((one) => [one.artistId, one]),
  );
  const excluded = new Set((await db.prisma.exclusionRule.findMany({ where })).map((rule) => rule.artistId));
  const namesOf = (track: number) =>
    links.filter((link) => link.trackId === track).map((link) => link.artistId);
  const local = calendar(user.timeZone);
  const plays = await db.prisma.play.findMany({
    where,
    orderBy: [{ playedAt: 'asc' }, { trackId: 'asc' }],
  });
  return plays.flatMap((play) => {
    if ((play.flags & PLAY_FLAGS.hidden) !== 0) return [];
    if (namesOf(play.trackId).some((artist) => excluded.has(artist))) return [];
    if (play.msPlayed !== null && play.msPlayed < user.minPlayMs) return [];
    const track = merges.get(play.trackId)?.rootId ?? play.trackId;
    const artists = [...new Set(namesOf(track).map((artist) => aliases.get(artist)?.rootId ?? artist))];
    const album = tracks.get(track)?.albumId ?? null;
    const assumed = play.msPlayed === null ? (tracks.get(play.trackId)?.durationMs ?? 0) : 0;
    return [
      {
        at: play.playedAt.getTime(),
        ...local(play.playedAt.getTime()),
        track,
        artists,
        albums: album === null ? [] : [album],
        genres: artists.flatMap((artist) => genres.get(artist) ?? []),
        ms: (play.msPlayed ?? 0) + assumed,
        assumed,
      },
    ];
  });
}

export const KEYS_OF = {
  tracks: (one: Heard): readonly Key[] => [one.track],
  artists: (one: Heard): readonly Key[] => one.artists,
  albums: (one: Heard): readonly Key[] => one.albums,
  genres: (one: Heard): readonly Key[] => one.genres,
} as const;

export const within = (heard: readonly Heard[], { from, to }: { from: string; to: string }): Heard[] =>
  heard.filter(({ day }) => day >= from && day <= to);

export function figuresOf(heard: readonly Heard[]): NaiveFigures {
  return heard.reduce(
    (sum, one) => ({
      plays: sum.plays + 1,
      msPlayed: sum.msPlayed + one.ms,
      msAssumed: sum.msAssumed + one.assumed,
    }),
    { plays: 0, msPlayed: 0, msAssumed: 0 },
  );
}

/** Figures by whatever a play belongs to; a play may belong to several. */
export function figuresBy(
  heard: readonly Heard[],
  keysOf: (one: Heard) => readonly Key[],
): Map<Key, NaiveFigures> {
  const groups = new Map<Key, Heard[]>();
  for (const one of heard) for (const key of keysOf(one)) groups.set(key, [...(groups.get(key) ?? []), one]);
  return new Map([...groups].map(([key, plays]) => [key, figuresOf(plays)]));
}

export function distinctOf(heard: readonly Heard[]) {
  const count = (kind: 'tracks' | 'artists' | 'albums') => figuresBy(heard, KEYS_OF[kind]).size;
  return { tracks: count('tracks'), artists: count('artists'), albums: count('albums') };
}

/** What was heard for the first time in a range. */
export function discoveredIn(heard: readonly Heard[], range: { from: string; to: string }) {
  const before = heard.filter(({ day }) => day < range.from);
  const inside = within(heard, range);
  const count = (kind: 'tracks' | 'artists' | 'albums') => {
    const known = figuresBy(before, KEYS_OF[kind]);
    return [...figuresBy(inside, KEYS_OF[kind]).keys()].filter((key) => !known.has(key)).length;
  };
  return { tracks: count('tracks'), artists: count('artists'), albums: count('albums') };
}
