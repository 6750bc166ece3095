import type { Listen } from '@spindle/contracts';
import type { TrackNames } from '../catalogue/items.ts';
import { ensureNamedTracks } from '../catalogue/named-tracks.ts';
import { ensureTracksByName } from '../catalogue/tracks-by-name.ts';
import type { Database, Transaction } from '../client.ts';
import { deviceIds } from '../plays/devices.ts';
import { type IngestResult, ingestPlays } from '../plays/ingest.ts';
import { contentOfListen, type ListenContent } from './listen-content.ts';

/** No scrobbler is older; ListenBrainz takes no older listens either (its `LISTEN_MINIMUM_TS`). */
const EARLIEST_MS = Date.UTC(2002, 9, 1);
/** How far the clock of a player may be ahead, ms. */
const AHEAD_MS = 10 * 60_000;
/** Players stamp the start to the second, and some a little late, ms. */
const START_UNCERTAINTY_MS = 15_000;

/** A submission with a listen that cannot be; nothing of it was stored. */
export class ScrobbleRefused extends Error {
  override readonly name = 'ScrobbleRefused';
  /** Where the listen stands in the submission, from 0. */
  readonly index: number;
  readonly field: 'listened_at' | 'track_metadata';

  /** @param message completes the name of the field, as in "is missing". */
  constructor(index: number, field: 'listened_at' | 'track_metadata', message: string) {
    super(message);
    this.index = index;
    this.field = field;
  }
}

interface Scrobble {
  readonly content: ListenContent;
  /** Epoch ms. */
  readonly startedAt: number;
}

function read(listen: Listen, index: number, now: Date): Scrobble {
  if (listen.listened_at === undefined)
    throw new ScrobbleRefused(index, 'listened_at', 'is missing: when did this listen start?');
  const startedAt = listen.listened_at * 1_000;
  if (startedAt < EARLIEST_MS)
    throw new ScrobbleRefused(
      index,
      'listened_at',
      'lies before 2002-10-01 (expected seconds since 1970, UTC)',
    );
  if (startedAt > now.getTime() + AHEAD_MS)
    throw new ScrobbleRefused(index, 'listened_at', 'lies in the future (expected seconds since 1970, UTC)');
  const content = contentOfListen(listen);
  if (!content) throw new ScrobbleRefused(index, 'track_metadata', 'must name the track and its artist');
  return { content, startedAt };
}

function namesOf({ name, artist, artistNames, album, durationMs, isrc }: ListenContent): TrackNames {
  const [first] = artistNames;
  return {
    name,
    artist: first ?? artist,
    album,
    durationMs,
    isrc,
    ...(first !== undefined && { artists: artistNames.map((one) => ({ name: one, spotifyId: null })) }),
  };
}

/** Rows of the tracks of scrobbles, in their order. */
async function trackIds(
  tx: Transaction,
  userId: number,
  contents: readonly ListenContent[],
): Promise<number[]> {
  const byId = await ensureNamedTracks(
    tx,
    contents.flatMap((one) =>
      one.spotifyId === null ? [] : [{ ...namesOf(one), spotifyId: one.spotifyId }],
    ),
  );
  const named = contents.filter((one) => one.spotifyId === null);
  const found = await ensureTracksByName(tx, userId, named.map(namesOf));
  const byContent = new Map(named.map((one, place) => [one, found[place]]));
  return contents.map((one) => {
    const id = one.spotifyId === null ? byContent.get(one) : byId.get(one.spotifyId);
    if (id === undefined) throw new Error('a track that was just made is not there');
    return id;
  });
}

/** Lengths, ms, of the tracks of which they are known. */
async function knownLengths(tx: Transaction, ids: readonly number[]): Promise<Map<number, number>> {
  const { rows } = await tx.query<{ id: number; duration_ms: number }>(
    'SELECT id, duration_ms FROM tracks WHERE id = ANY($1::int[]) AND duration_ms IS NOT NULL',
    [[...new Set(ids)]],
  );
  return new Map(rows.map((row) => [row.id, row.duration_ms]));
}

/**
 * Stores what players submitted of one listener's listening, all of it or nothing, without asking
 * anybody. A listen that another source told too is one play. Submitting again changes nothing.
 *
 * @param listens at most a thousand, so that it is one short transaction.
 * @throws ScrobbleRefused for the first listen that cannot be.
 */
export async function storeScrobbles(
  db: Database,
  userId: number,
  listens: readonly Listen[],
  now: Date,
): Promise<IngestResult> {
  const scrobbles = listens.map((listen, index) => read(listen, index, now));
  const result = await db.transaction(async (tx) => {
    const contents = scrobbles.map((one) => one.content);
    const tracks = await trackIds(tx, userId, contents);
    const lengths = await knownLengths(tx, tracks);
    const devices = await deviceIds(
      tx,
      contents.flatMap((one) => one.device ?? []),
    );
    const observations = scrobbles.flatMap(({ content, startedAt }, place) => {
      const trackId = tracks[place];
      if (trackId === undefined) return [];
      const durationMs = content.durationMs ?? lengths.get(trackId) ?? null;
      return {
        trackId,
        source: 'scrobble' as const,
        startedAt,
        // Nobody stamps the end: it is the start and what was heard, or else the whole track.
        endedAt: startedAt + (content.msPlayed ?? durationMs ?? 0),
        msPlayed: content.msPlayed,
        durationMs,
        uncertaintyMs: START_UNCERTAINTY_MS,
        deviceId: content.device === null ? null : (devices.get(content.device) ?? null),
      };
    });
    return ingestPlays(tx, userId, observations);
  });
  db.measures.playsStored('scrobble', result.stored);
  return result;
}
