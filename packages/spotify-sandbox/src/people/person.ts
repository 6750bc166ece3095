import type { Catalogue } from '../catalogue/catalogue.ts';
import { inhabitantName } from '../catalogue/invented-names.ts';
import type { Playable } from '../catalogue/items.ts';
import { type Playlists, seedPlaylists } from '../library/playlists.ts';
import { SavedItems } from '../library/saved-items.ts';
import type { PlayContext } from '../listening/context.ts';
import { relatedTracks } from '../listening/context-resolver.ts';
import type { Device } from '../listening/device.ts';
import { idleDriver } from '../listening/intent.ts';
import { type ListeningProfile, listeningModel } from '../listening/listening-model.ts';
import { localDays } from '../listening/local-days.ts';
import { PlayHistory, type RecentlyPlayedRules } from '../listening/play-history.ts';
import { Player } from '../listening/player.ts';
import { favouriteTrack, seededTaste, type Taste } from '../listening/taste.ts';
import { randomFor, type SeededRandom } from '../seeded-random.ts';
import type { PersonOptions } from './person-options.ts';

const DAY_MS = 86_400_000;
/** A free account hears an advert after so many tracks. */
const TRACKS_PER_ADVERT = 4;
const ZONES = [
  ['Europe/Berlin', 'DE'],
  ['Europe/Lisbon', 'PT'],
  ['America/New_York', 'US'],
  ['Europe/London', 'GB'],
  ['Asia/Tokyo', 'JP'],
  ['America/Sao_Paulo', 'BR'],
  ['Africa/Nairobi', 'KE'],
] as const;

/** What all people share. */
export interface PersonSurroundings {
  seed: string;
  catalogue: Catalogue;
  playlists: Playlists;
  /** When the sandbox was started (ms since the epoch). */
  startMs: number;
  historyDays: number;
  recentlyPlayed: RecentlyPlayedRules;
  deviceSleepMs: number;
  /** Position among the people; chooses name and zone. */
  index: number;
}

/** One account: who it is, what it keeps, its devices, its player and its history. */
export interface Person {
  readonly id: string;
  /** Immutable pseudonym that apps should link accounts by. */
  readonly accountId: string;
  readonly displayName: string;
  readonly email: string;
  readonly country: string;
  product: 'premium' | 'free';
  readonly imageKey: string;
  readonly timeZone: string;
  readonly devices: readonly Device[];
  readonly taste: Taste;
  readonly profile: ListeningProfile;
  readonly listening: 'model' | 'quiet';
  readonly liked: SavedItems;
  readonly albums: SavedItems;
  readonly shows: SavedItems;
  readonly episodes: SavedItems;
  readonly artists: SavedItems;
  readonly users: SavedItems;
  readonly history: PlayHistory;
  readonly player: Player;
  likedSongs(): PlayContext;
}

export function createPerson(options: PersonOptions, world: PersonSurroundings): Person {
  const { seed, catalogue, playlists, startMs, index } = world;
  const random = randomFor(seed, 'person', options.id);
  const name = inhabitantName(index);
  const [zone, zoneCountry] = index === 0 ? ZONES[0] : random.pick(ZONES);
  const product = options.product ?? (index > 0 && random.chance(0.25) ? 'free' : 'premium');
  // What people have kept for long is dated from a fixed point, so that it is the same at the next start.
  const libraryMs = startMs - (startMs % (28 * DAY_MS));
  const taste = seededTaste(seed, options.id, catalogue);
  const profile = { ...inventProfile(random, zone), ...options.profile };
  const devices = inventDevices(random, name.given);
  const history = new PlayHistory(seed, { ...world.recentlyPlayed, ...options.recentlyPlayed });
  const liked = new SavedItems(
    inventLikes(random, taste, libraryMs, options.likedSongs ?? random.int(40, 900)),
  );
  const likedSongs = (): PlayContext => ({
    kind: 'collection',
    uri: `spotify:user:${options.id}:collection`,
    items: liked.list().flatMap(({ id }) => catalogue.track(id) ?? []),
  });
  const playlistContexts = (): PlayContext[] =>
    playlists.of(options.id).map((playlist) => ({
      kind: 'playlist',
      uri: playlist.uri,
      items: playlist.entries.flatMap(({ item }): Playable[] =>
        item && item.kind !== 'local' ? [item] : [],
      ),
    }));
  seedPlaylists(playlists, { seed, catalogue, startMs: libraryMs }, { id: options.id, taste });

  const listening = options.listening ?? 'model';
  // From the beginning of a local day on, so that a history does not depend on the hour of the start.
  const days = localDays(profile.timeZone);
  const beginMs = days.startMs(days.dayOf(startMs - (options.historyDays ?? world.historyDays) * DAY_MS));
  const driver =
    listening === 'quiet'
      ? idleDriver()
      : listeningModel({
          seed,
          personId: options.id,
          profile,
          taste,
          own: { playlists: playlistContexts, likedSongs },
          devices: devices.filter((device) => !device.restricted),
          startMs: beginMs,
        });
  const player = new Player({
    personId: options.id,
    seed,
    startMs: listening === 'quiet' ? 0 : beginMs,
    devices,
    history,
    driver,
    deviceSleepMs: world.deviceSleepMs,
    crossfadeMs: options.crossfadeMs ?? 0,
    advertEvery: () => (person.product === 'free' ? TRACKS_PER_ADVERT : null),
    related: (items, name) => {
      const stream = randomFor(name, 'autoplay');
      return relatedTracks(items, stream.pick, catalogue.tracks);
    },
  });
  const saved = (ids: string[]): SavedItems =>
    new SavedItems(ids.map((id, place) => ({ id, addedAtMs: libraryMs - (place + 1) * 3 * DAY_MS })));
  const person: Person = {
    id: options.id,
    accountId: random.hex(32),
    displayName: options.displayName ?? name.full,
    email: options.email ?? `${options.id}@example.com`,
    country: options.country ?? zoneCountry,
    product,
    imageKey: random.hex(24),
    timeZone: profile.timeZone,
    devices,
    taste,
    profile,
    listening,
    liked,
    albums: saved([...new Set(taste.artists.slice(0, 25).flatMap(([artist]) => artist.albums[0]?.id ?? []))]),
    shows: saved(taste.shows.slice(0, 2).map((show) => show.id)),
    episodes: saved(taste.shows.flatMap((show) => show.episodes[0]?.id ?? [])),
    artists: saved(taste.artists.slice(0, random.int(8, 30)).map(([artist]) => artist.id)),
    users: saved([]),
    history,
    player,
    likedSongs,
  };
  return person;
}

function inventProfile(random: SeededRandom, timeZone: string): ListeningProfile {
  return {
    timeZone,
    wakeHour: random.between(6, 9.5),
    sleepHour: random.between(22, 25.5),
    tracksPerDay: Math.round(Math.min(160, Math.max(12, random.logNormal(60, 0.5)))),
    alwaysListening: false,
    skipRate: random.between(0.04, 0.3),
    pauseRate: random.between(0.01, 0.05),
    repeatRate: random.between(0, 0.03),
    privateSessionRate: random.chance(0.3) ? random.between(0.02, 0.15) : 0,
    podcastRate: random.chance(0.4) ? random.between(0.03, 0.2) : 0,
    shuffleRate: random.between(0.2, 0.8),
  };
}

function inventDevices(random: SeededRandom, owner: string): Device[] {
  const make = (name: string, type: Device['type'], restricted = false): Device => ({
    id: random.hex(40),
    name,
    type,
    restricted,
    supportsVolume: type !== 'Smartphone',
    volumePercent: random.int(20, 100),
  });
  const devices = [make(`${owner}'s phone`, 'Smartphone')];
  if (random.chance(0.8)) devices.push(make(`${owner}’s laptop`, 'Computer'));
  if (random.chance(0.5)) devices.push(make('Kitchen speaker', 'Speaker'));
  if (random.chance(0.3)) devices.push(make('Living room TV', 'TV', true));
  return devices;
}

function inventLikes(
  random: SeededRandom,
  taste: Taste,
  newestMs: number,
  count: number,
): { id: string; addedAtMs: number }[] {
  const ids = new Set<string>();
  // A small taste can run out of tracks; a bounded number of draws then gives a shorter list.
  for (let draw = 0; draw < count * 4 && ids.size < count; draw += 1) {
    ids.add(favouriteTrack(random, taste).id);
  }
  let at = newestMs;
  return [...ids].map((id) => {
    at -= Math.round(random.logNormal(14 * 3_600_000, 1.4));
    return { id, addedAtMs: Math.floor(at / 1000) * 1000 };
  });
}
