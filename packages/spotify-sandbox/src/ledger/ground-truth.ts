import type { Playlist } from '../library/playlist.ts';
import type { Play } from '../listening/play.ts';
import type { World } from '../world.ts';

/** A play as the control API tells it: {@link Play} with its item and all times (ms since the epoch) spelt out. */
export interface TruePlay extends Omit<Play, 'item'> {
  kind: 'track' | 'episode';
  itemId: string;
  uri: string;
  name: string;
  /** First artist, or the show. */
  by: string;
  durationMs: number;
}

/** What is really in somebody's player at the moment. */
export interface TruePlayback {
  personId: string;
  atMs: number;
  kind: 'track' | 'episode' | 'ad' | null;
  itemId: string | null;
  uri: string | null;
  name: string | null;
  playing: boolean;
  progressMs: number;
  startedAtMs: number | null;
  changedAtMs: number;
  contextUri: string | null;
  deviceId: string | null;
  privateSession: boolean;
  upcomingUris: string[];
}

export interface TruePlaylist {
  id: string;
  uri: string;
  ownerId: string;
  name: string;
  public: boolean;
  collaborative: boolean;
  snapshotId: string;
  items: { uri: string | null; addedAtMs: number | null; addedById: string | null }[];
}

/** Times in ms since the epoch or as Date. `from` inclusive, `to` exclusive, both by the end of the play. */
export interface PlaySpan {
  from?: Date | number;
  to?: Date | number;
}

/** What really happened, to compare with what a program found out. */
export interface GroundTruth {
  /** Every finished play, oldest first. @throws Error when there is nobody of that id. */
  plays(personId: string, span?: PlaySpan): TruePlay[];
  /**
   * The plays that recently-played has shown at some time until `asOf` (default now), oldest first: what a perfect
   * observer can have stored. A play that came so late that 50 newer ones were there already is not among them.
   */
  offeredPlays(personId: string, asOf?: Date | number): TruePlay[];
  /** The plays that recently-played shows now, newest first. */
  window(personId: string): TruePlay[];
  nowPlaying(personId: string): TruePlayback;
  likedSongs(personId: string): { id: string; addedAtMs: number }[];
  playlists(personId: string): TruePlaylist[];
  playlist(playlistId: string): TruePlaylist | null;
}

export function groundTruth(world: World): GroundTruth {
  const historyOf = (personId: string) => world.upToNow(world.people.get(personId)).history;
  return {
    plays: (personId, span = {}) =>
      historyOf(personId)
        .between(
          span.from === undefined ? Number.NEGATIVE_INFINITY : Number(span.from),
          span.to === undefined ? Number.POSITIVE_INFINITY : Number(span.to),
        )
        .map(tellPlay),
    offeredPlays: (personId, asOf = world.clock.nowMs()) =>
      historyOf(personId)
        .plays.filter(
          (play) =>
            play.offeredFromMs !== null &&
            play.offeredFromMs <= Number(asOf) &&
            play.offeredUntilMs !== play.offeredFromMs,
        )
        .map(tellPlay),
    window: (personId) => historyOf(personId).recent().map(tellPlay),
    nowPlaying: (personId) => {
      const { player } = world.upToNow(world.people.get(personId));
      const state = player.state();
      const { item } = state;
      return {
        personId,
        atMs: player.timeMs,
        kind: item?.kind ?? null,
        itemId: item && item.kind !== 'ad' ? item.id : null,
        uri: item?.uri ?? null,
        name: item && item.kind !== 'ad' ? item.name : null,
        playing: state.playing,
        progressMs: state.progressMs,
        startedAtMs: state.startedAtMs,
        changedAtMs: state.changedAtMs,
        contextUri: state.context?.uri ?? null,
        deviceId: state.device?.id ?? null,
        privateSession: state.privateSession,
        upcomingUris: player.upcoming().map(({ uri }) => uri),
      };
    },
    likedSongs: (personId) => [...world.people.get(personId).liked.list()],
    playlists: (personId) => {
      world.people.get(personId);
      return world.playlists.of(personId).map(tellPlaylist);
    },
    playlist: (playlistId) => {
      const playlist = world.playlists.find(playlistId);
      return playlist ? tellPlaylist(playlist) : null;
    },
  };
}

function tellPlay({ item, ...play }: Play): TruePlay {
  return {
    ...play,
    kind: item.kind,
    itemId: item.id,
    uri: item.uri,
    name: item.name,
    by: item.kind === 'track' ? (item.artists[0]?.name ?? '') : item.show.name,
    durationMs: item.durationMs,
  };
}

function tellPlaylist(playlist: Playlist): TruePlaylist {
  return {
    id: playlist.id,
    uri: playlist.uri,
    ownerId: playlist.ownerId,
    name: playlist.details.name,
    public: playlist.details.public,
    collaborative: playlist.details.collaborative,
    snapshotId: playlist.snapshotId,
    items: playlist.entries.map((entry) => ({
      uri: entry.item?.uri ?? null,
      addedAtMs: entry.addedAtMs,
      addedById: entry.addedById,
    })),
  };
}
