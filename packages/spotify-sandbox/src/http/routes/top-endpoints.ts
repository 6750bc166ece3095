import { randomFor } from '../../seeded-random.ts';
import { badRequest } from '../api-error.ts';
import { type ApiCall, type Endpoint, json, type Reply } from '../endpoint.ts';
import { queryText } from '../request-input.ts';
import { pageObject, requestedPage } from '../wire/paging.ts';

const RANGES = ['short_term', 'medium_term', 'long_term'];
const SCOPES = [['user-top-read']];
const PAGE = { max: 50, fallback: 20 };

function timeRange(call: ApiCall): string {
  const range = queryText(call.request, 'time_range') ?? 'medium_term';
  if (!RANGES.includes(range)) throw badRequest('Invalid time range');
  return range;
}

/** Favourites by weight, each period seeing them a little differently. */
function topArtists(call: ApiCall): Reply {
  const range = timeRange(call);
  const person = call.person();
  const random = randomFor(call.world.settings.seed, 'top', person.id, range);
  const ranked = person.taste.artists
    .map(([artist, weight]) => ({ artist, rank: weight * random.between(0.5, 1.5) }))
    .sort((a, b) => b.rank - a.rank)
    .map(({ artist }) => artist);
  return json(
    pageObject(
      `${call.wire.href('me/top/artists')}?time_range=${range}`,
      requestedPage(call.request, PAGE),
      ranked,
      (artist) => call.wire.artist(artist),
    ),
  );
}

function topTracks(call: ApiCall): Reply {
  const range = timeRange(call);
  const person = call.person();
  const random = randomFor(call.world.settings.seed, 'top-tracks', person.id, range);
  const ranked = person.taste.artists
    .flatMap(([artist, weight]) =>
      artist.albums.flatMap((album) =>
        album.tracks.map((track) => ({ track, rank: weight * random.between(0, 1) })),
      ),
    )
    .sort((a, b) => b.rank - a.rank)
    .slice(0, 99)
    .map(({ track }) => track);
  return json(
    pageObject(
      `${call.wire.href('me/top/tracks')}?time_range=${range}`,
      requestedPage(call.request, PAGE),
      ranked,
      (track) => call.wire.track(track),
    ),
  );
}

export const topEndpoints: readonly Endpoint[] = [
  { method: 'get', path: '/v1/me/top/artists', scopes: SCOPES, handle: topArtists },
  { method: 'get', path: '/v1/me/top/tracks', scopes: SCOPES, handle: topTracks },
];
