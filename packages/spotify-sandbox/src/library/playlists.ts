import type { Catalogue } from '../catalogue/catalogue.ts';
import { playlistName } from '../catalogue/invented-names.ts';
import { spotifyId } from '../catalogue/spotify-ids.ts';
import { favouriteTrack, type Taste } from '../listening/taste.ts';
import { randomFor, type SeededRandom } from '../seeded-random.ts';
import { Playlist, type PlaylistDetails, type PlaylistEntry } from './playlist.ts';

const DAY_MS = 86_400_000;

/** Every playlist, and who has which in their library. */
export class Playlists {
  private readonly seed: string;
  private readonly byId = new Map<string, Playlist>();
  /** Person id → ids of the playlists in their library, newest first. */
  private readonly libraries = new Map<string, string[]>();
  private made = 0;

  constructor(seed: string) {
    this.seed = seed;
  }

  find(id: string): Playlist | undefined {
    return this.byId.get(id);
  }

  all(): Playlist[] {
    return [...this.byId.values()];
  }

  add(playlist: Playlist): Playlist {
    this.byId.set(playlist.id, playlist);
    return playlist;
  }

  create(ownerId: string, details: PlaylistDetails, nowMs: number): Playlist {
    this.made += 1;
    const random = randomFor(this.seed, 'made-playlist', ownerId, this.made, nowMs);
    const playlist = this.add(
      new Playlist({
        id: spotifyId(random),
        ownerId,
        imageKey: random.hex(24),
        details,
        entries: [],
        createdAtMs: nowMs,
      }),
    );
    this.follow(ownerId, playlist.id);
    return playlist;
  }

  /** The person's library, newest first. */
  of(personId: string): Playlist[] {
    return this.library(personId).flatMap((id) => this.byId.get(id) ?? []);
  }

  follow(personId: string, playlistId: string): void {
    const library = this.library(personId);
    if (!library.includes(playlistId)) library.unshift(playlistId);
  }

  /** Spotify's "delete": the playlist is gone from the library and stays in the world. */
  unfollow(personId: string, playlistId: string): void {
    this.libraries.set(
      personId,
      this.library(personId).filter((id) => id !== playlistId),
    );
  }

  isFollowing(personId: string, playlistId: string): boolean {
    return this.library(personId).includes(playlistId);
  }

  followerCount(playlistId: string): number {
    let count = 0;
    for (const library of this.libraries.values()) if (library.includes(playlistId)) count += 1;
    return count;
  }

  private library(personId: string): string[] {
    let library = this.libraries.get(personId);
    if (!library) {
      library = [];
      this.libraries.set(personId, library);
    }
    return library;
  }
}

/**
 * Gives a person the playlists they have had all along: a few of their own (one shared for editing; one with local
 * files, a podcast episode, a repeated song and a removed one) and the editorial one that everybody has.
 */
export function seedPlaylists(
  playlists: Playlists,
  world: { seed: string; catalogue: Catalogue; startMs: number },
  person: { id: string; taste: Taste },
): void {
  const random = randomFor(world.seed, 'playlists', person.id);
  const count = random.int(4, 7);
  for (let index = 0; index < count; index += 1) {
    const made = seededPlaylist(random, world, person, index);
    playlists.add(made);
    playlists.follow(person.id, made.id);
  }
  const editorial = editorialPlaylist(playlists, world);
  playlists.follow(person.id, editorial.id);
}

function seededPlaylist(
  random: SeededRandom,
  world: { catalogue: Catalogue; startMs: number },
  person: { id: string; taste: Taste },
  index: number,
): Playlist {
  const createdAtMs = world.startMs - random.int(30, 1500) * DAY_MS;
  const length = index === 1 ? random.int(110, 260) : random.int(8, 70);
  const entries = Array.from({ length }, (_, place): PlaylistEntry => {
    const old = index === 2 && place < 3;
    return {
      item: favouriteTrack(random, person.taste),
      addedAtMs: old ? null : createdAtMs + Math.floor((place / length) * (world.startMs - createdAtMs)),
      addedById: old ? null : person.id,
    };
  });
  if (index === 2) addOddEntries(random, world.catalogue, entries, person.id, createdAtMs);
  return new Playlist({
    id: spotifyId(random),
    ownerId: person.id,
    imageKey: random.hex(24),
    details: {
      name: playlistName(random),
      description: random.chance(0.4) ? 'Made on a slow afternoon &amp; never finished' : '',
      public: index !== 0 && index !== 3,
      collaborative: index === 3,
    },
    entries,
    createdAtMs,
  });
}

function addOddEntries(
  random: SeededRandom,
  catalogue: Catalogue,
  entries: PlaylistEntry[],
  personId: string,
  atMs: number,
): void {
  const entry = (item: PlaylistEntry['item']): PlaylistEntry => ({
    item,
    addedAtMs: atMs,
    addedById: personId,
  });
  const insert = (item: PlaylistEntry['item']): void => {
    entries.splice(random.int(3, entries.length), 0, entry(item));
  };
  insert({
    kind: 'local',
    uri: 'spotify:local:My+Cousin%27s+Band:Rehearsal+Tape:Take+4+%28final%29:187',
    name: 'Take 4 (final)',
    artist: "My Cousin's Band",
    album: 'Rehearsal Tape',
    durationMs: 187_000,
  });
  const show = catalogue.shows[0];
  if (show) insert(random.pick(show.episodes));
  insert(null);
  insert(entries[4]?.item ?? null);
}

/** What the service itself publishes; apps may not read it. */
function editorialPlaylist(
  playlists: Playlists,
  world: { seed: string; catalogue: Catalogue; startMs: number },
): Playlist {
  const random = randomFor(world.seed, 'editorial');
  const id = `37i9dQZF1DX${spotifyId(random).slice(0, 11)}`;
  return (
    playlists.find(id) ??
    playlists.add(
      new Playlist({
        id,
        ownerId: 'spotify',
        editorial: true,
        imageKey: random.hex(24),
        details: {
          name: "Today's Inventions",
          description: 'Fifty songs nobody wrote.',
          public: true,
          collaborative: false,
        },
        entries: random
          .shuffled(world.catalogue.tracks)
          .slice(0, 50)
          .map((item) => ({ item, addedAtMs: world.startMs - DAY_MS, addedById: 'spotify' })),
        createdAtMs: world.startMs - 900 * DAY_MS,
      }),
    )
  );
}
