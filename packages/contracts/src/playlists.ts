import { z } from 'zod';
import {
  idSchema,
  imageSchema,
  pageOf,
  pageQueryShape,
  queryFlagSchema,
  timestampSchema,
} from './primitives.ts';
import { defineRoute } from './route.ts';
import { MEASURES, rangeShape } from './statistics.ts';

// ── What a playlist is made of, and what came of it ─────────────────────────────────────────────

/** Why an item of the source is not in the playlist. */
export const LEFT_OUT_REASONS = [
  /** A file on the listener's own device: Spotify's API takes none. */
  'local',
  /** Music that was taken off Spotify. */
  'removed',
  'episode',
  /** Spotify says that it cannot be played. */
  'unplayable',
  /** Known by name only. */
  'no-spotify-id',
  /** Spotify did not take it. */
  'refused',
  // The filters:
  'artist',
  'added',
  'released',
  'played',
  'explicit',
  /** Behind the number of tracks or the time that was asked for. */
  'limit',
  /** Behind the 10,000 that a playlist holds. */
  'cut',
] as const;
export type LeftOutReason = (typeof LEFT_OUT_REASONS)[number];

/** After a number: "3 podcast episodes". */
export const LEFT_OUT_WORDS: Readonly<Record<LeftOutReason, readonly [one: string, many: string]>> = {
  local: ['file on your own device', 'files on your own device'],
  removed: ['track that is no longer on Spotify', 'tracks that are no longer on Spotify'],
  episode: ['podcast episode', 'podcast episodes'],
  unplayable: ['track that cannot be played', 'tracks that cannot be played'],
  'no-spotify-id': ['known by name only', 'known by name only'],
  refused: ['not accepted by Spotify', 'not accepted by Spotify'],
  artist: ['by other artists', 'by other artists'],
  added: ['added earlier', 'added earlier'],
  released: ['of other years', 'of other years'],
  played: ['played lately', 'played lately'],
  explicit: ['explicit', 'explicit'],
  limit: ['beyond the length you chose', 'beyond the length you chose'],
  cut: ['beyond the 10,000 that a playlist holds', 'beyond the 10,000 that a playlist holds'],
};

/** How many items were left out, by reason. */
export const leftOutSchema = z.partialRecord(z.enum(LEFT_OUT_REASONS), z.number().int());
export type LeftOut = z.infer<typeof leftOutSchema>;

/** Names of what was left out because it is no music that Spotify plays; not all of a long list. */
export const leftOutNamesSchema = z.array(z.object({ reason: z.enum(LEFT_OUT_REASONS), name: z.string() }));
export type LeftOutNames = z.infer<typeof leftOutNamesSchema>;
/** That many names at most. */
export const LEFT_OUT_NAMES = 50;

/** A playlist that was written at Spotify. */
export const madePlaylistSchema = z.object({
  /** Spotify's id. */
  playlistId: z.string(),
  /** Its address at Spotify. */
  url: z.url(),
  name: z.string(),
  /** Items that it holds now. */
  tracks: z.number().int(),
  /** Items that it does not hold, counted by why not. */
  leftOut: leftOutSchema,
});
export type MadePlaylist = z.infer<typeof madePlaylistSchema>;

/** Longest name that is taken. */
export const PLAYLIST_NAME_LENGTH = 100;
/** Items that a playlist holds at most: Spotify's documented limit. */
export const PLAYLIST_ITEMS = 10_000;

export const SHUFFLE_MODES = ['uniform', 'spread', 'unheard'] as const;
export type ShuffleModeName = (typeof SHUFFLE_MODES)[number];

const SPOTIFY_ID = /^[A-Za-z0-9]{16,64}$/;
/** A playlist's id at Spotify, or its URI or address. */
export const playlistIdSchema = z
  .string()
  .max(300)
  .transform((text) =>
    text
      .replace(/^spotify:playlist:/, '')
      .replace(/^https:\/\/open\.spotify\.com\/(?:intl-\w+\/)?playlist\/([^/?#]+).*$/, '$1'),
  )
  .pipe(z.string().regex(SPOTIFY_ID, 'must be the id, the URI or the address of a playlist at Spotify'));

/** Liked Songs, as a source. */
export const LIKED = 'liked';
/** `liked`, or a playlist's id, URI or address. */
export const playlistSourceSchema = z.union([z.literal(LIKED), playlistIdSchema]);

/** Which items of the source come into the playlist. */
export const shuffleFilterSchema = z.strictObject({
  /** By any of these artists (ids of this instance). */
  artists: z.array(idSchema).min(1).max(50).optional(),
  /** Added to the source on this day or later (UTC). */
  addedSince: z.iso.date().optional(),
  /** Years, both included. What has no known date does not pass. */
  releasedFrom: z.int().min(1000).max(9999).optional(),
  releasedTo: z.int().min(1000).max(9999).optional(),
  /** Not played by me for so many days, or never. */
  notPlayedForDays: z.int().min(1).max(36_500).optional(),
  withoutExplicit: z.boolean().optional(),
});
export type ShuffleFilterView = z.infer<typeof shuffleFilterSchema>;

export const shuffleLimitSchema = z.strictObject({
  tracks: z.int().min(1).max(PLAYLIST_ITEMS).optional(),
  minutes: z.int().min(1).max(60_000).optional(),
});

/** 128 bits, hexadecimal. */
export const seedSchema = z.string().regex(/^[0-9a-f]{32}$/, 'must be 32 hexadecimal digits');

/**
 * Where it is written: `refresh`, the playlist that was last made of the same source, which keeps its link
 * and name (a new one when there is none any more); `new`; or the Spotify id of one that was made here.
 */
const targetSchema = z.union([z.literal(['refresh', 'new']), playlistIdSchema]).default('refresh');
/** What becomes of a list of more than {@link PLAYLIST_ITEMS}: several playlists, or the first so many. */
const overflowSchema = z.enum(['split', 'cut']).optional();
const nameSchema = z.string().trim().min(1).max(PLAYLIST_NAME_LENGTH).optional();

const shuffleShape = {
  playlistId: playlistSourceSchema,
  mode: z.enum(SHUFFLE_MODES).default('uniform'),
  /** Of a new playlist; unless told, it says what it was made of. */
  name: nameSchema,
  target: targetSchema,
  filter: shuffleFilterSchema.optional(),
  limit: shuffleLimitSchema.optional(),
  overflow: overflowSchema,
  /** That of an earlier shuffle, to get its order again from the same source; a new one unless told. */
  seed: seedSchema.optional(),
};
const shareShape = { name: nameSchema, target: targetSchema, overflow: overflowSchema };

/** What the worker is told to do: kept with the operation and with a schedule. */
export const playlistRequestSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('shuffle'), ...shuffleShape }),
  z.strictObject({ kind: z.literal('share-liked'), ...shareShape }),
]);
export type PlaylistRequest = z.output<typeof playlistRequestSchema>;

const evenIfShort = {
  /** Begin although the quota does not suffice: the job waits for Spotify and goes on by itself. */
  evenIfShort: z.boolean().default(false),
};
export const shuffleBody = z.strictObject({ ...shuffleShape, ...evenIfShort });
export const shareLikedBody = z.strictObject({ ...shareShape, ...evenIfShort });

/** One playlist of a finished shuffle. */
const partSchema = madePlaylistSchema.omit({ leftOut: true });

/** What a shuffle or a shared list came to. */
export const shuffleResultSchema = z.object({
  /** Id of the operation, as in the list of recent ones. */
  id: idSchema,
  /** More than one where a long list was split. */
  playlists: z.array(partSchema),
  /** Items in all of them. */
  tracks: z.number().int(),
  /** Items that the source held. */
  sourceTracks: z.number().int(),
  leftOut: leftOutSchema,
  leftOutNames: leftOutNamesSchema,
  /** Empty for a shared list, whose order is that of the source. */
  seed: z.string(),
  /** It went into the playlist that was there before. */
  refreshed: z.boolean(),
});
export type ShuffleResult = z.infer<typeof shuffleResultSchema>;

// ── My playlists ────────────────────────────────────────────────────────────────────────────────

export const libraryPlaylistSchema = z.object({
  /** Spotify's id; `liked` for Liked Songs. */
  id: z.string(),
  name: z.string(),
  url: z.string(),
  owner: z.string().nullable(),
  own: z.boolean(),
  collaborative: z.boolean(),
  /** Null where Spotify does not tell. */
  public: z.boolean().nullable(),
  images: z.array(imageSchema),
  /** Null where Spotify does not tell: playlists of others. */
  tracks: z.number().int().nullable(),
  /** Spotify lets its items be read: own and collaborative ones. */
  readable: z.boolean(),
  /** We made it: of what, and when it was last written. */
  made: z.object({ mode: z.string(), sourceName: z.string(), at: timestampSchema }).nullable(),
});
export type LibraryPlaylistView = z.infer<typeof libraryPlaylistSchema>;

const work = { auth: 'user', scope: 'write', limit: 'enqueue', enqueues: true, tag: 'Playlists' } as const;

export const getMyPlaylists = defineRoute({
  id: 'getMyPlaylists',
  method: 'get',
  path: '/api/playlist/me',
  tag: 'Playlists',
  summary: 'My playlists as last read from Spotify, Liked Songs first; read anew when that is long ago',
  auth: 'user',
  scope: 'read',
  limit: 'read',
  query: z.strictObject({
    ...pageQueryShape,
    /** Words in the name. */
    q: z.string().trim().max(100).optional(),
  }),
  response: pageOf(libraryPlaylistSchema).extend({
    /** When they were read; null: never yet. */
    readAt: timestampSchema.nullable(),
    /** The job that reads them anew at this moment. */
    refreshing: z.string().nullable(),
  }),
});

export const readPlaylists = defineRoute({
  ...work,
  id: 'readPlaylists',
  method: 'post',
  path: '/api/playlist/read',
  summary: 'Read the list of my playlists from Spotify',
  response: z.object({ playlists: z.number().int(), likedTracks: z.number().int() }),
});

// ── Shuffles ────────────────────────────────────────────────────────────────────────────────────

/** What a shuffle costs at Spotify, before it begins. */
export const shuffleEstimateSchema = z.object({
  sourceName: z.string().nullable(),
  /** Items of the source; null: not known before it is read. */
  sourceTracks: z.number().int().nullable(),
  /** Calls at most; filters and limits may save some. Null: not known before the source is read. */
  calls: z
    .object({
      read: z.number().int(),
      write: z.number().int(),
      other: z.number().int(),
      total: z.number().int(),
    })
    .nullable(),
  /** Calls that this account may still make now; null: unlimited. */
  left: z.number().int().nullable(),
  enough: z.boolean(),
  /** When it will suffice; null: it does, or nobody knows. */
  enoughAt: timestampSchema.nullable(),
  /** In words, when it is not enough. */
  reason: z.string().nullable(),
  /** More than one playlist would be needed, or the list cut. */
  tooLong: z.boolean(),
  /** The playlist that is refreshed, unless a new one is asked for; null: there is none. */
  refreshes: z.object({ playlistId: z.string(), name: z.string() }).nullable(),
});
export type ShuffleEstimate = z.infer<typeof shuffleEstimateSchema>;

export const estimateShuffle = defineRoute({
  id: 'estimateShuffle',
  method: 'post',
  path: '/api/playlist/shuffle/estimate',
  tag: 'Playlists',
  summary: 'What a shuffle would cost in calls to Spotify; changes nothing',
  auth: 'user',
  scope: 'read',
  limit: 'read',
  body: shuffleBody,
  response: shuffleEstimateSchema,
});

export const shufflePlaylist = defineRoute({
  ...work,
  id: 'shufflePlaylist',
  method: 'post',
  path: '/api/playlist/shuffle',
  summary: 'Shuffle a playlist or my Liked Songs into a playlist of its own; the source is never written',
  body: shuffleBody,
  response: shuffleResultSchema,
});

export const shareLiked = defineRoute({
  ...work,
  id: 'shareLiked',
  method: 'post',
  path: '/api/playlist/share/liked-tracks',
  summary: 'My Liked Songs as a playlist that can be shared; asked for again, the same one is refreshed',
  body: shareLikedBody.prefault({}),
  response: shuffleResultSchema,
});

/** What taking every playlist away came to. */
export const deletedPlaylistsSchema = z.object({
  deleted: z.number().int(),
  /** Until then they can be put back. */
  restorableUntil: timestampSchema.nullable(),
});
export const restoredPlaylistsSchema = z.object({ restored: z.number().int() });

export const deletePlaylists = defineRoute({
  ...work,
  id: 'deletePlaylists',
  method: 'delete',
  path: '/api/playlist/delete',
  summary: 'Take every playlist that was made here, and no other, out of my library',
  response: deletedPlaylistsSchema,
});

export const restorePlaylists = defineRoute({
  ...work,
  id: 'restorePlaylists',
  method: 'post',
  path: '/api/playlist/restore',
  summary: 'Put back what was deleted within the last hour',
  response: restoredPlaylistsSchema,
});

export const OPERATION_STATES = ['queued', 'running', 'succeeded', 'failed'] as const;

/** One operation: a shuffle, a shared list, a top list. */
export const shuffleSchema = z.object({
  id: idSchema,
  source: z.object({ id: z.string(), name: z.string() }),
  /** `liked`: Liked Songs to share. `tops`: a top list. `room`: what a party room played. */
  mode: z.enum([...SHUFFLE_MODES, 'liked', 'tops', 'room']),
  state: z.enum(OPERATION_STATES),
  /** Why it failed. */
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  playlists: z.array(partSchema.extend({ deleted: z.boolean() })),
  tracks: z.number().int(),
  sourceTracks: z.number().int().nullable(),
  leftOut: leftOutSchema,
  leftOutNames: leftOutNamesSchema,
  seed: z.string(),
  refreshed: z.boolean(),
  /** What was asked for, to ask for it again; null for top lists. */
  request: playlistRequestSchema.nullable(),
  scheduled: z.boolean(),
  jobId: z.string().nullable(),
  createdAt: timestampSchema,
  finishedAt: timestampSchema.nullable(),
});
export type ShuffleView = z.infer<typeof shuffleSchema>;

export const recentShuffles = defineRoute({
  id: 'recentShuffles',
  method: 'get',
  path: '/api/user/shuffle/recent',
  tag: 'Playlists',
  summary: 'My last shuffles with their playlists, newest first',
  auth: 'user',
  scope: 'read',
  limit: 'read',
  query: z.strictObject(pageQueryShape),
  response: pageOf(shuffleSchema).extend({
    /** Playlists that were made here and are in my library. */
    made: z.number().int(),
    /** Playlists that can be put back, and until when. */
    restorable: z.object({ playlists: z.number().int(), until: timestampSchema }).nullable(),
  }),
});

// ── Schedules ───────────────────────────────────────────────────────────────────────────────────

export const playlistScheduleSchema = z.object({
  id: idSchema,
  sourceName: z.string(),
  request: playlistRequestSchema,
  /** Five fields of cron, in my time zone. */
  pattern: z.string(),
  enabled: z.boolean(),
  nextAt: timestampSchema.nullable(),
  lastRunAt: timestampSchema.nullable(),
  /** Failed runs since the last good one. */
  failures: z.number().int(),
  lastFailure: z.object({ code: z.string(), message: z.string() }).nullable(),
  playlist: z.object({ playlistId: z.string(), url: z.url() }).nullable(),
});
export type PlaylistScheduleView = z.infer<typeof playlistScheduleSchema>;

/** Minute, hour, day of the month, month, day of the week; at most once an hour. */
const patternSchema = z.string().trim().min(9).max(100);
const scheduled = { tag: 'Playlists', auth: 'user' } as const;

export const listSchedules = defineRoute({
  ...scheduled,
  id: 'listSchedules',
  method: 'get',
  path: '/api/playlist/schedules',
  summary: 'My recurring shuffles and shared lists',
  scope: 'read',
  limit: 'read',
  response: z.object({ items: z.array(playlistScheduleSchema), timeZone: z.string() }),
});

export const createSchedule = defineRoute({
  ...scheduled,
  id: 'createSchedule',
  method: 'post',
  path: '/api/playlist/schedules',
  summary: 'Let a shuffle or a shared list recur; each run refreshes the same playlist',
  scope: 'write',
  limit: 'write',
  status: 201,
  body: z.strictObject({ request: playlistRequestSchema, pattern: patternSchema }),
  response: playlistScheduleSchema,
});

const ofSchedule = { params: z.object({ id: idSchema }) };

export const changeSchedule = defineRoute({
  ...scheduled,
  ...ofSchedule,
  id: 'changeSchedule',
  method: 'patch',
  path: '/api/playlist/schedules/:id',
  summary: 'Change when it recurs, or let it rest',
  scope: 'write',
  limit: 'write',
  body: z.strictObject({ pattern: patternSchema, enabled: z.boolean() }).partial(),
  response: playlistScheduleSchema,
});

export const deleteSchedule = defineRoute({
  ...scheduled,
  ...ofSchedule,
  id: 'deleteSchedule',
  method: 'delete',
  path: '/api/playlist/schedules/:id',
  summary: 'End it; its playlist stays',
  scope: 'write',
  limit: 'write',
});

export const runSchedule = defineRoute({
  ...work,
  ...ofSchedule,
  id: 'runSchedule',
  method: 'post',
  path: '/api/playlist/schedules/:id/run',
  summary: 'Run it now',
  response: shuffleResultSchema,
});

// ── Figures ─────────────────────────────────────────────────────────────────────────────────────

export const getOverallStatistics = defineRoute({
  id: 'getOverallStatistics',
  method: 'get',
  path: '/api/statistics/overall',
  tag: 'Playlists',
  summary: 'What this instance has shuffled, in public',
  auth: 'public',
  limit: 'public',
  query: z.strictObject({ full_stats: queryFlagSchema.optional() }),
  response: z.object({
    playlistsShuffled: z.number().int(),
    tracksShuffled: z.number().int(),
    analysesMade: z.number().int(),
    /** With `full_stats`: of listeners whose statistics are public. */
    topTracks: z
      .array(
        z.object({
          name: z.string(),
          artist: z.string().nullable(),
          url: z.string().nullable(),
          times: z.number().int(),
        }),
      )
      .optional(),
    topArtists: z
      .array(z.object({ name: z.string(), url: z.string().nullable(), times: z.number().int() }))
      .optional(),
  }),
});

/** An operation as an admin sees it: whose and how it went, not of which music. */
const adminShuffleSchema = z.object({
  id: idSchema,
  user: z.object({ handle: z.string(), displayName: z.string() }),
  mode: z.string(),
  state: z.enum(OPERATION_STATES),
  failureCode: z.string().nullable(),
  sourceTracks: z.number().int().nullable(),
  tracks: z.number().int(),
  scheduled: z.boolean(),
  createdAt: timestampSchema,
  finishedAt: timestampSchema.nullable(),
});
export type AdminShuffle = z.infer<typeof adminShuffleSchema>;

const forAdmins = { tag: 'Admin', auth: 'admin', limit: 'read' } as const;

export const getRecentShufflesOfAll = defineRoute({
  ...forAdmins,
  id: 'getRecentShufflesOfAll',
  method: 'get',
  path: '/api/admin/shuffles/recent',
  summary: 'The last shuffles of everybody, and how many there were',
  query: z.strictObject(pageQueryShape),
  response: pageOf(adminShuffleSchema).extend({
    /** Of the last 30 days. */
    figures: z.object({
      shuffles: z.number().int(),
      failed: z.number().int(),
      tracks: z.number().int(),
      users: z.number().int(),
      /** Median of those that succeeded, from request to written, ms. */
      medianMs: z.number().int().nullable(),
    }),
  }),
});

export const getFailedShuffles = defineRoute({
  ...forAdmins,
  id: 'getFailedShuffles',
  method: 'get',
  path: '/api/admin/shuffles/failures',
  summary: 'Shuffles that failed, newest first, and why they fail',
  query: z.strictObject(pageQueryShape),
  response: pageOf(adminShuffleSchema).extend({
    /** Of the last 30 days, most frequent first. */
    reasons: z.array(z.object({ code: z.string(), count: z.number().int() })),
  }),
});

// ── Top lists ───────────────────────────────────────────────────────────────────────────────────

export const topPlaylistBody = z.strictObject({
  ...rangeShape,
  by: z.enum(MEASURES).default('plays'),
  limit: z.int().min(1).max(100).default(50),
  /** Of a new playlist; unless told, it says what the list is. */
  name: nameSchema,
  /**
   * Write into the playlist that was made of the same period and measure before, which keeps its link
   * and its name; a new one is made when there is none any more.
   */
  refresh: z.boolean().default(false),
});

export const createTopPlaylist = defineRoute({
  ...work,
  id: 'createTopPlaylist',
  method: 'post',
  path: '/api/stats/top/tracks/playlist',
  summary: 'My most played tracks as a private playlist at Spotify',
  body: topPlaylistBody,
  response: madePlaylistSchema,
});
