import {
  fallbackSources,
  loadTrackSummaries,
  proposeTrack,
  type Room,
  searchSources,
  sourcesHold,
  trackIdOf,
} from '@spindle/db';
import { proposalRefusal } from '@spindle/rooms';
import { cryptoRandom, problems } from '@spindle/service-kit';
import type { GatewayContext } from '../context.ts';
import { type InRoom, notJoined } from './door.ts';
import { askWorker } from './jobs.ts';
import { randomPick } from './random-pick.ts';
import { isHost } from './views.ts';

/** Results of a search that are shown. */
const MOST_RESULTS = 20;

const refused = (why: string) => problems.unprocessable(why, { code: 'refused' });
const noSuchTrack = () => problems.notFound('Spotify knows no such track.', { code: 'no-such-track' });

/** Whether somebody may propose only what the room falls back on. */
const picksOnly = ({ room, participant }: InRoom): boolean =>
  room.settings.guestsMay === 'pick' && !isHost(room, participant);

const sourcesOf = ({ db }: GatewayContext, { id, hostId, settings }: Room) =>
  fallbackSources(db.pool, { id, hostId, fallback: settings.fallback });

/** Tracks to propose, by words. */
export async function searchTracks(context: GatewayContext, inRoom: InRoom, q: string, requestId: string) {
  const { db } = context;
  const { room } = inRoom;
  const trackIds = picksOnly(inRoom)
    ? await searchSources(db.pool, await sourcesOf(context, room), q, MOST_RESULTS)
    : (await askWorker(context, 'room-search', { roomId: room.id, q }, requestId)).trackIds;
  const summaries = await loadTrackSummaries(db.pool, trackIds);
  return trackIds.slice(0, MOST_RESULTS).flatMap((id) => {
    const track = summaries.get(id);
    if (!track?.spotifyId) return [];
    return [
      { uri: `spotify:track:${track.spotifyId}`, track, refused: proposalRefusal(track, room.settings) },
    ];
  });
}

/** The row id of a track that may be proposed. @throws AppError 404, 422 `refused` */
async function findTrack(
  context: GatewayContext,
  inRoom: InRoom,
  spotifyId: string,
  requestId: string,
): Promise<number> {
  const { db } = context;
  const { room } = inRoom;
  const known = await trackIdOf(db.pool, spotifyId);
  if (picksOnly(inRoom)) {
    if (known !== null && (await sourcesHold(db.pool, await sourcesOf(context, room), known))) return known;
    throw refused(
      'The host lets guests pick only from the music of this party. Search to see what there is.',
    );
  }
  if (known !== null) return known;
  const { trackId } = await askWorker(context, 'room-track', { roomId: room.id, spotifyId }, requestId);
  if (trackId === null) throw noSuchTrack();
  return trackId;
}

/**
 * Puts a track among what waits. Answers its id in the room.
 *
 * @param uri of a track, or `random`
 * @throws AppError 404 `no-such-track`, 422 `refused`
 */
export async function propose(
  context: GatewayContext,
  inRoom: InRoom,
  uri: string,
  requestId: string,
): Promise<{ roomTrackId: number; isNew: boolean }> {
  const { db, clock } = context;
  const { room, participant } = inRoom;
  const { settings } = room;
  const trackId =
    uri === 'random'
      ? await randomPick(db, cryptoRandom, room, picksOnly(inRoom))
      : await findTrack(context, inRoom, uri.slice(uri.lastIndexOf(':') + 1), requestId);
  if (trackId === null) {
    throw refused('There is no music yet to pick from at random: nobody here has playlists that were read.');
  }
  const track = (await loadTrackSummaries(db.pool, [trackId])).get(trackId);
  if (!track?.spotifyId) throw noSuchTrack();
  const refusal = proposalRefusal(track, settings);
  if (refusal !== null) throw refused(refusal);
  const most = isHost(room, participant) ? null : settings.proposalsPerGuest;
  const outcome = await proposeTrack(
    db,
    { roomId: room.id, participantId: participant.id, trackId, most },
    clock.now(),
  );
  if (outcome.ok) return outcome;
  if (outcome.reason === 'not-here') throw notJoined();
  throw refused(
    most === 1
      ? 'One track of yours waits already. Propose the next when it is played, or take it back.'
      : `${most} tracks of yours wait already. Propose more when one is played, or take one back.`,
  );
}
