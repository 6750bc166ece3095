import { z } from 'zod';
import { trackSummarySchema } from './catalogue.ts';
import { madePlaylistSchema, playlistSourceSchema } from './playlists.ts';
import { idSchema, pageOf, pageQueryShape, timestampSchema } from './primitives.ts';
import type { Problem } from './problem.ts';
import { defineRoute } from './route.ts';

// ── Rooms, and who is in them ───────────────────────────────────────────────────────────────────

/** Letters and digits that nobody takes for one another: no 0 and O, no 1, I and L, no U and V. */
export const ROOM_CODE_ALPHABET = '23456789ABCDEFGHJKMNPQRSTWXYZ';
export const ROOM_CODE_LENGTH = 6;
/** A code as it is typed: small letters and blanks are forgiven. */
export const roomCodeSchema = z
  .string()
  .max(20)
  .transform((text) => text.toUpperCase().replace(/[\s-]/g, ''))
  .pipe(
    z
      .string()
      .regex(new RegExp(`^[${ROOM_CODE_ALPHABET}]{${ROOM_CODE_LENGTH}}$`), 'must be the code of a room'),
  );

/** Where the web app shows a room, before its code; `/rooms/…` itself is the API's. */
export const ROOM_PAGE = '/party/';

export const ROOM_MODES = ['threshold', 'queue'] as const;
export type RoomModeName = (typeof ROOM_MODES)[number];

/** What plays when nobody has proposed anything. */
export const roomFallbackSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  /** Tracks of a playlist (or the Liked Songs) of the host, in random order. */
  z.strictObject({ kind: z.literal('playlist'), source: playlistSourceSchema }),
  /** A random track of the playlists or Liked Songs of a random participant who signed in with Spotify. */
  z.strictObject({ kind: z.literal('participants') }),
]);
export type RoomFallback = z.infer<typeof roomFallbackSchema>;

const name = z.string().trim().min(1).max(60);

/** What a host decides; null: no limit. */
export const roomSettingsShape = {
  name,
  /** `threshold`: what reaches so many likes is played. `queue`: whatever has the most votes comes next. */
  mode: z.enum(ROOM_MODES),
  likeThreshold: z.int().min(1).max(1_000),
  allowExplicit: z.boolean(),
  /** Longest track, ms. */
  maxTrackMs: z.int().min(60_000).max(3_600_000).nullable(),
  /** Tracks that one guest has waiting at the same time. */
  proposalsPerGuest: z.int().min(1).max(50).nullable(),
  /** Tracks of one guest that are played in a row while others wait. */
  inARow: z.int().min(1).max(20).nullable(),
  /** `search`: guests propose anything. `pick`: only from what the fallback holds. */
  guestsMay: z.enum(['search', 'pick']),
  /** Guests may join with a nickname alone. */
  anonymous: z.boolean(),
  /** So many votes skip what plays. */
  skipThreshold: z.int().min(1).max(1_000).nullable(),
  fallback: roomFallbackSchema,
};
export const roomSettingsSchema = z.object(roomSettingsShape);
export type RoomSettings = z.infer<typeof roomSettingsSchema>;

/** What a room is unless its host says otherwise. */
export const ROOM_DEFAULTS: RoomSettings = {
  name: 'Party',
  mode: 'queue',
  likeThreshold: 3,
  allowExplicit: true,
  maxTrackMs: null,
  proposalsPerGuest: 5,
  inARow: 2,
  guestsMay: 'search',
  anonymous: true,
  skipThreshold: null,
  fallback: { kind: 'none' },
};

/** Shown to everybody in the room; never an e-mail, never an id of Spotify's. */
export const participantSchema = z.object({
  id: idSchema,
  displayName: z.string(),
  isHost: z.boolean(),
  /** Signed in with Spotify, rather than by a nickname. */
  isListener: z.boolean(),
  joinedAt: timestampSchema,
  /** Has the room open at this moment. */
  present: z.boolean(),
});
export type RoomParticipantView = z.infer<typeof participantSchema>;

export const ROOM_TRACK_STATES = ['proposed', 'promoted', 'playing', 'played', 'skipped', 'removed'] as const;

/** A track in a room. The same track may come again in a later round, as another one of these. */
export const roomTrackSchema = z.object({
  id: idSchema,
  uri: z.string(),
  track: trackSummarySchema,
  state: z.enum(ROOM_TRACK_STATES),
  likes: z.number().int(),
  dislikes: z.number().int(),
  /** Who proposed it; null: the fallback. */
  proposedBy: z.object({ id: idSchema, displayName: z.string() }).nullable(),
  /** Tracks of the same guest that come before it in their turn: among equal votes, fewer go first. */
  turn: z.number().int(),
  proposedAt: timestampSchema,
  promotedAt: timestampSchema.nullable(),
  playedAt: timestampSchema.nullable(),
  /** Grows with every change of this track: of two views the one with the greater is newer. */
  rev: z.number().int(),
});
export type RoomTrackView = z.infer<typeof roomTrackSchema>;

/** How playback does, with words for people where something is to be done. */
export const ROOM_PLAYBACK_STATES = [
  /** Nothing was begun yet, or nothing is left to play. */
  'idle',
  'playing',
  'paused',
  /** The host plays something of their own. */
  'host-plays',
  'no-device',
  'premium-required',
  'restricted-device',
  'reauth-needed',
  /** Spotify does not answer, or asks to wait. */
  'waiting',
] as const;
export type RoomPlaybackState = (typeof ROOM_PLAYBACK_STATES)[number];

export const roomPlaybackSchema = z.object({
  state: z.enum(ROOM_PLAYBACK_STATES),
  /** What to do, for the host; null when all is well. */
  message: z.string().nullable(),
  /** What plays: a track of the room, or the host's own choice. */
  roomTrackId: idSchema.nullable(),
  track: trackSummarySchema.nullable(),
  /** When it would have begun had it run without a pause; progress = now - this while it plays. */
  startedAt: timestampSchema.nullable(),
  progressMs: z.number().int().nullable(),
  durationMs: z.number().int().nullable(),
  /** Handed over to Spotify already: it comes next whatever is voted. */
  nextRoomTrackId: idSchema.nullable(),
  skipVotes: z.number().int(),
  device: z.object({ id: z.string(), name: z.string() }).nullable(),
  rev: z.number().int(),
});
export type RoomPlaybackView = z.infer<typeof roomPlaybackSchema>;

/** What only the one who asks may know of themselves. */
export const roomMeSchema = z.object({
  participantId: idSchema,
  displayName: z.string(),
  isHost: z.boolean(),
  /** My votes by id of the room's track. */
  votes: z.record(z.string(), z.boolean()),
  /** Id of the track for whose skip I voted. */
  skipVote: idSchema.nullable(),
});

export const roomSchema = z.object({
  code: z.string(),
  settings: roomSettingsSchema,
  /** Address to join at. */
  url: z.string(),
  host: z.object({ displayName: z.string() }),
  createdAt: timestampSchema,
  endedAt: timestampSchema.nullable(),
  /** How many joined and have not left, and how many of them have it open. */
  guests: z.object({ joined: z.number().int(), present: z.number().int() }),
  /** Null for who has not joined. */
  me: roomMeSchema.nullable(),
  rev: z.number().int(),
});
export type RoomView = z.infer<typeof roomSchema>;

/** Everything that a page shows of a room. */
export const roomStateSchema = z.object({
  room: roomSchema,
  playback: roomPlaybackSchema,
  /** What waits, in the order in which it comes. */
  queue: z.array(roomTrackSchema),
  /** What was played last, newest first. */
  played: z.array(roomTrackSchema),
});
export type RoomState = z.infer<typeof roomStateSchema>;

// ── Live ────────────────────────────────────────────────────────────────────────────────────────

/** What changes of a track while it is there: a tenth of the bytes of the whole. */
export const roomTrackCountsSchema = roomTrackSchema.pick({
  id: true,
  state: true,
  likes: true,
  dislikes: true,
  turn: true,
  promotedAt: true,
  playedAt: true,
  rev: true,
});
export type RoomTrackCounts = z.infer<typeof roomTrackCountsSchema>;

/**
 * What has changed in a room; parts that are left out are as before. Sent to all who have joined, once
 * for all that happened together: at most twenty times a second from each gateway.
 *
 * How a page merges it: `room`, `playback`, and each track by its id replace what the page has, unless
 * their `rev` is less than the one it has (changes come in any order when several processes speak; of the
 * same `rev`, what is heard last holds, for a track's `turn` also follows from others). `counts` do so
 * for the fields they have; of a track that the page does not know, it asks for the state. A track waits
 * while its state is `proposed` or `promoted`; one that is not `removed` and has `playedAt` was played.
 * What is mine follows from `participants`: whoever finds themselves there as `left` is out, and
 * `isHost` says who is the host.
 */
export const roomChangeSchema = z.object({
  code: z.string(),
  room: roomSchema.omit({ me: true }).optional(),
  playback: roomPlaybackSchema.optional(),
  /** Tracks that are new, or were to be told of as a whole. */
  tracks: z.array(roomTrackSchema).optional(),
  /** Tracks whose votes, state or turn changed. */
  counts: z.array(roomTrackCountsSchema).optional(),
  /** Participants who came, changed or left; at most twice a second. */
  participants: z.array(participantSchema.extend({ left: z.boolean() })).optional(),
});
export type RoomChange = z.infer<typeof roomChangeSchema>;

/**
 * Said by a page that shows a room, with `{ code, token? }`: the cookie of a guest comes with the
 * handshake, programs give the token. Acknowledged with `{ ok: true, state }`, the whole `RoomState` as it
 * is after the page began to hear `room` events, or with `{ ok: false, problem }`. Say it again after
 * every connect whose `socket.recovered` is not true, and put the state in the place of what was there; a
 * connection that was recovered gets what it missed by itself. Where the feed is closed to visitors, a
 * program of a guest also gives its token in the handshake (`auth: { token }`).
 */
export const ROOM_EVENT = 'room';
/** What is answered to it. */
export type RoomAnswer =
  | { readonly ok: true; readonly state: RoomState }
  | { readonly ok: false; readonly problem: Problem };
/** Said by it when it no longer does, with `{ code }`. */
export const LEAVE_ROOM_EVENT = 'leave-room';

// ── Endpoints ───────────────────────────────────────────────────────────────────────────────────

const tag = 'Rooms';
const inRoom = { params: z.object({ code: roomCodeSchema }) };
/** Who has joined: by a session, a token, or the cookie or token of a guest. */
const guest = { tag, auth: 'guest', ...inRoom } as const;
const asks = { ...guest, limit: 'read' } as const;
const acts = { ...guest, limit: 'room' } as const;

export const openRoom = defineRoute({
  id: 'openRoom',
  method: 'post',
  path: '/rooms',
  tag,
  summary: 'Open a room on my device; I am its host',
  auth: 'user',
  scope: 'write',
  limit: 'write',
  status: 201,
  body: z.strictObject({ ...roomSettingsShape }).partial(),
  response: roomStateSchema,
});

export const listRooms = defineRoute({
  id: 'listRooms',
  method: 'get',
  path: '/rooms',
  tag,
  summary: 'Rooms that I host or was in, newest first',
  auth: 'user',
  scope: 'read',
  limit: 'read',
  query: z.strictObject(pageQueryShape),
  response: pageOf(
    z.object({
      code: z.string(),
      name: z.string(),
      isHost: z.boolean(),
      createdAt: timestampSchema,
      endedAt: timestampSchema.nullable(),
      guests: z.number().int(),
      played: z.number().int(),
    }),
  ),
});

/** What a visitor with the code may know before joining. */
export const roomDoorSchema = z.object({
  code: z.string(),
  name: z.string(),
  host: z.object({ displayName: z.string() }),
  guests: z.number().int(),
  anonymous: z.boolean(),
  endedAt: timestampSchema.nullable(),
  /** I have joined already, as this. */
  joinedAs: z.string().nullable(),
});

export const getRoom = defineRoute({
  id: 'getRoom',
  method: 'get',
  path: '/rooms/:code',
  tag,
  summary: 'What a room is, before joining',
  auth: 'public',
  limit: 'room-code',
  ...inRoom,
  response: roomDoorSchema,
});

export const joinRoom = defineRoute({
  id: 'joinRoom',
  method: 'post',
  path: '/rooms/:code/join',
  tag,
  summary: 'Join by a nickname, or as who is signed in',
  auth: 'public',
  limit: 'room-code',
  ...inRoom,
  /** Of 1 to 24 visible characters; who is signed in may leave it out and goes by their name. */
  body: z.strictObject({ nickname: z.string().trim().min(1).max(200).optional() }).prefault({}),
  response: roomStateSchema.extend({
    /** Shown once, for programs; browsers get it as a cookie. Null for who is signed in. */
    token: z.string().nullable(),
  }),
});

export const leaveRoom = defineRoute({
  ...acts,
  id: 'leaveRoom',
  method: 'post',
  path: '/rooms/:code/leave',
  summary: 'Leave',
});

export const getRoomState = defineRoute({
  ...asks,
  id: 'getRoomState',
  method: 'get',
  path: '/rooms/:code/state',
  summary: 'Everything that a page shows of the room',
  response: roomStateSchema,
});

export const listParticipants = defineRoute({
  ...asks,
  id: 'listParticipants',
  method: 'get',
  path: '/rooms/:code/participants',
  summary: 'Who is in the room',
  response: z.object({ items: z.array(participantSchema) }),
});

export const searchInRoom = defineRoute({
  ...guest,
  limit: 'room-search',
  id: 'searchInRoom',
  method: 'get',
  path: '/rooms/:code/search',
  summary: 'Tracks to propose, by words; with the setting `pick`, of what the fallback holds',
  query: z.strictObject({ q: z.string().trim().min(1).max(100) }),
  response: z.object({
    items: z.array(
      z.object({
        uri: z.string(),
        track: trackSummarySchema,
        /** Why it cannot be proposed; null: it can. */
        refused: z.string().nullable(),
      }),
    ),
  }),
});

const trackUri = z.string().regex(/^spotify:track:[A-Za-z0-9]{16,64}$/, 'must be a track of Spotify’s');

export const proposeTrack = defineRoute({
  ...acts,
  id: 'proposeTrack',
  method: 'post',
  path: '/rooms/:code/tracks',
  summary: 'Propose a track; it carries my like. `random`: one of a random participant',
  status: 201,
  body: z.strictObject({ trackUri: z.union([trackUri, z.literal('random')]) }),
  response: roomTrackSchema,
});

export const removeProposal = defineRoute({
  ...acts,
  id: 'removeProposal',
  method: 'delete',
  path: '/rooms/:code/tracks/:id',
  summary: 'Take back what I proposed; the host takes back anything that waits',
  params: z.object({ code: roomCodeSchema, id: idSchema }),
});

export const voteInRoom = defineRoute({
  ...acts,
  id: 'voteInRoom',
  method: 'post',
  path: '/rooms/:code/vote',
  summary: 'Like, dislike, or take my vote back; one vote each',
  body: z.strictObject({
    trackUri,
    /** Null: take it back. */
    isLike: z.boolean().nullable(),
  }),
  response: z.object({
    status: z.literal('vote_registered'),
    likes: z.number().int(),
    dislikes: z.number().int(),
    likeThreshold: z.number().int(),
    /** It will be played, or plays. */
    play: z.boolean(),
  }),
});

export const voteSkip = defineRoute({
  ...acts,
  id: 'voteSkip',
  method: 'post',
  path: '/rooms/:code/skip-vote',
  summary: 'Vote for skipping what plays',
  response: z.object({
    votes: z.number().int(),
    threshold: z.number().int().nullable(),
    skipped: z.boolean(),
  }),
});

export const getNextTrack = defineRoute({
  ...asks,
  id: 'getNextTrack',
  method: 'get',
  path: '/rooms/:code/next-track',
  summary: 'What is ready to play next',
  response: z.object({ next: roomTrackSchema.nullable() }),
});

export const getRandomTrack = defineRoute({
  ...asks,
  id: 'getRandomTrack',
  method: 'get',
  path: '/rooms/:code/random-track',
  summary: 'A random track of a random participant, who is not named',
  response: z.object({ uri: z.string().nullable(), track: trackSummarySchema.nullable() }),
});

export const getRoomResults = defineRoute({
  ...asks,
  id: 'getRoomResults',
  method: 'get',
  path: '/rooms/:code/results',
  summary: 'Every track of the room with its likes and dislikes',
  response: z.object({ items: z.array(roomTrackSchema) }),
});

// The host's alone:

export const changeRoom = defineRoute({
  ...acts,
  id: 'changeRoom',
  method: 'patch',
  path: '/rooms/:code',
  summary: 'Change the settings (host)',
  body: z.strictObject({ ...roomSettingsShape }).partial(),
  response: roomStateSchema,
});

export const handOverRoom = defineRoute({
  ...acts,
  id: 'handOverRoom',
  method: 'post',
  path: '/rooms/:code/hand-over',
  summary: 'Make another participant the host, who is signed in with Spotify (host)',
  body: z.strictObject({ participantId: idSchema }),
  response: roomStateSchema,
});

export const removeParticipant = defineRoute({
  ...acts,
  id: 'removeParticipant',
  method: 'delete',
  path: '/rooms/:code/participants/:id',
  summary: 'Send somebody out; with `ban` they cannot come back (host)',
  params: z.object({ code: roomCodeSchema, id: idSchema }),
  query: z.strictObject({ ban: z.enum(['true', 'false']).optional() }),
});

const commands = { ...acts, enqueues: true, response: roomPlaybackSchema } as const;

export const playInRoom = defineRoute({
  ...commands,
  id: 'playInRoom',
  method: 'post',
  path: '/rooms/:code/play',
  summary: 'Begin, or play this track of the room now (host)',
  body: z.strictObject({ roomTrackId: idSchema.optional() }).prefault({}),
});
export const pauseRoom = defineRoute({
  ...commands,
  id: 'pauseRoom',
  method: 'post',
  path: '/rooms/:code/pause',
  summary: 'Pause (host)',
});
export const resumeRoom = defineRoute({
  ...commands,
  id: 'resumeRoom',
  method: 'post',
  path: '/rooms/:code/resume',
  summary: 'Go on (host)',
});
export const skipInRoom = defineRoute({
  ...commands,
  id: 'skipInRoom',
  method: 'post',
  path: '/rooms/:code/skip',
  summary: 'Skip what plays (host)',
});
export const setRoomVolume = defineRoute({
  ...commands,
  id: 'setRoomVolume',
  method: 'post',
  path: '/rooms/:code/volume',
  summary: 'How loud (host)',
  body: z.strictObject({ percent: z.int().min(0).max(100) }),
});
export const setRoomDevice = defineRoute({
  ...commands,
  id: 'setRoomDevice',
  method: 'post',
  path: '/rooms/:code/device',
  summary: 'Play on this device (host)',
  body: z.strictObject({ deviceId: z.string().min(1).max(100) }),
});
export const roomDevicesSchema = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      type: z.string().nullable(),
      active: z.boolean(),
      restricted: z.boolean(),
    }),
  ),
});

export const listRoomDevices = defineRoute({
  ...acts,
  id: 'listRoomDevices',
  method: 'post',
  path: '/rooms/:code/devices',
  summary: 'Read which devices there are (host)',
  enqueues: true,
  response: roomDevicesSchema,
});

export const closeRoom = defineRoute({
  ...acts,
  id: 'closeRoom',
  method: 'delete',
  path: '/rooms/:code',
  summary: 'End the room; what it played stays to be seen (host)',
});

export const saveRoomPlaylist = defineRoute({
  ...acts,
  id: 'saveRoomPlaylist',
  method: 'post',
  path: '/rooms/:code/playlist',
  summary: 'What the room played as a playlist of mine at Spotify (who is signed in)',
  enqueues: true,
  response: madePlaylistSchema,
});
