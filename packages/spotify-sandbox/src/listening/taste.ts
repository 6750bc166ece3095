import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Artist, Playable, Show, Track } from '../catalogue/items.ts';
import { randomFor, type SeededRandom } from '../seeded-random.ts';
import type { PlayContext } from './context.ts';
import { albumContext, artistContext, showContext } from './context-resolver.ts';

/** Which music a person likes: a few dozen artists, some much more than others. */
export interface Taste {
  artists: readonly (readonly [Artist, number])[];
  shows: readonly Show[];
}

export function seededTaste(seed: string, personId: string, catalogue: Catalogue): Taste {
  const random = randomFor(seed, 'taste', personId);
  const chosen = random.shuffled(catalogue.artists).slice(0, 36);
  return {
    // Zipf's law: the n-th favourite is heard 1/n as often as the first.
    artists: chosen.map((artist, index) => [artist, 1 / (index + 1) ** 0.8] as const),
    shows: random.shuffled(catalogue.shows).slice(0, 3),
  };
}

/** A track the person likes. */
export function favouriteTrack(random: SeededRandom, taste: Taste): Track {
  return random.pick(random.pick(random.weighted(taste.artists).albums).tracks);
}

export interface Selection {
  context: PlayContext | null;
  items: readonly Playable[];
}

/** What the person's own collection offers to play from. */
export interface OwnMusic {
  playlists(): PlayContext[];
  likedSongs(): PlayContext;
}

/** Something to listen to for the next half hour or so. */
export function chooseSelection(
  random: SeededRandom,
  taste: Taste,
  own: OwnMusic,
  podcastRate: number,
): Selection {
  const from = (context: PlayContext): Selection => ({ context, items: context.items });
  const album = (): Selection => from(albumContext(random.pick(random.weighted(taste.artists).albums)));
  const nonEmpty = (context: PlayContext | undefined): Selection =>
    context && context.items.length > 0 ? from(context) : album();
  if (random.chance(podcastRate) && taste.shows.length > 0)
    return from(showContext(random.pick(taste.shows)));
  return random.weighted<() => Selection>([
    [
      () => {
        const playlists = own.playlists();
        return nonEmpty(playlists.length > 0 ? random.pick(playlists) : undefined);
      },
      40,
    ],
    [album, 25],
    [() => from(artistContext(random.weighted(taste.artists))), 12],
    [() => nonEmpty(own.likedSongs()), 15],
    [() => ({ context: null, items: [favouriteTrack(random, taste)] }), 8],
  ])();
}
