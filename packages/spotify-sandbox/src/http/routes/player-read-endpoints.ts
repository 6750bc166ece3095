import type { Playable } from '../../catalogue/items.ts';
import { badRequest } from '../api-error.ts';
import { type ApiCall, type Endpoint, json, noContent, type Reply } from '../endpoint.ts';
import { queryInteger, queryText, wantsEpisodes } from '../request-input.ts';
import { contextObject, deviceObject, playingObject } from '../wire/player-object.ts';

const STATE = [['user-read-playback-state']];
const CURRENT = [['user-read-currently-playing', 'user-read-playback-state']];

export const playerReadEndpoints: readonly Endpoint[] = [
  { method: 'get', path: '/v1/me/player', scopes: STATE, missingScope: 401, handle: playbackState },
  {
    method: 'get',
    path: '/v1/me/player/currently-playing',
    scopes: CURRENT,
    missingScope: 401,
    handle: currentlyPlaying,
  },
  { method: 'get', path: '/v1/me/player/devices', scopes: STATE, missingScope: 401, handle: devices },
  {
    method: 'get',
    path: '/v1/me/player/queue',
    scopes: [['user-read-currently-playing'], ['user-read-playback-state']],
    missingScope: 401,
    handle: queue,
  },
  {
    method: 'get',
    path: '/v1/me/player/recently-played',
    scopes: [['user-read-recently-played']],
    missingScope: 401,
    handle: recentlyPlayed,
  },
];

/** The person's player, or null when the API shows nothing of it. */
function visiblePlayer(call: ApiCall): ReturnType<ApiCall['person']>['player'] | null {
  const { player } = call.person();
  const state = player.state();
  if (!state.device) return null;
  return state.privateSession && call.world.settings.privateSession === 'withheld' ? null : player;
}

function playbackState(call: ApiCall): Reply {
  const player = visiblePlayer(call);
  const state = player?.state();
  if (!player || !state?.device) return noContent();
  return json({
    device: deviceObject(state.device, true, state.privateSession),
    repeat_state: state.repeat,
    shuffle_state: state.shuffle,
    smart_shuffle: false,
    ...playingObject(call.wire, state, player.reach(), wantsEpisodes(call.request)),
  });
}

function currentlyPlaying(call: ApiCall): Reply {
  const player = visiblePlayer(call);
  const state = player?.state();
  // A player that stands silent with nothing in it is nothing to this endpoint.
  if (!player || !state || (state.item === null && !state.playing)) return noContent();
  return json(playingObject(call.wire, state, player.reach(), wantsEpisodes(call.request)));
}

function devices(call: ApiCall): Reply {
  const person = call.person();
  const state = person.player.state();
  return json({
    devices: person.devices.map((device) =>
      deviceObject(device, device.id === state.device?.id, state.privateSession),
    ),
  });
}

function queue(call: ApiCall): Reply {
  const player = visiblePlayer(call);
  const item = player?.state().item ?? null;
  const show = (playable: Playable): unknown =>
    playable.kind === 'track' ? call.wire.track(playable) : call.wire.episode(playable);
  return json({
    currently_playing: item && item.kind !== 'ad' ? show(item) : null,
    queue: (player?.upcoming() ?? []).map(show),
  });
}

/** `after` and `before` are milliseconds, both exclusive; one of them at most. */
function recentlyPlayed(call: ApiCall): Reply {
  const { request, wire } = call;
  const limit = queryInteger(request, 'limit', { min: 1, max: 50, fallback: 20 });
  const bound = (name: string): number | null =>
    queryText(request, name) === undefined
      ? null
      : queryInteger(request, name, { min: 0, max: Number.MAX_SAFE_INTEGER, fallback: 0 });
  const [after, before] = [bound('after'), bound('before')];
  if (after !== null && before !== null) throw badRequest('Only one of after and before can be specified');
  const matching = call
    .person()
    .history.recent()
    .filter((play) => {
      const at = play.playedAtMs ?? 0;
      return (after === null || at > after) && (before === null || at < before);
    });
  const plays = matching.slice(0, limit);
  const [newest, oldest] = [plays[0]?.playedAtMs, plays.at(-1)?.playedAtMs];
  const href = wire.href('me/player/recently-played');
  const cursor = after !== null ? `after=${after}&` : before !== null ? `before=${before}&` : '';
  return json({
    href: `${href}?${cursor}limit=${limit}`,
    limit,
    next: matching.length > plays.length ? `${href}?before=${oldest}&limit=${limit}` : null,
    cursors: plays.length > 0 ? { after: String(newest), before: String(oldest) } : null,
    items: plays.map((play) => ({
      track: play.item.kind === 'track' ? wire.track(play.item) : null,
      played_at: new Date(play.playedAtMs ?? 0).toISOString(),
      context: contextObject(
        wire,
        play.contextUri !== null && play.contextKind !== null
          ? { uri: play.contextUri, kind: play.contextKind }
          : null,
      ),
    })),
  });
}
