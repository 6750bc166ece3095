import type { Playable } from '../../catalogue/items.ts';
import { findContext, findPlayable } from '../../control/script-steps.ts';
import { intentDetails } from '../../ledger/command-ledger.ts';
import type { PlayContext } from '../../listening/context.ts';
import type { Device } from '../../listening/device.ts';
import type { Intent, PlayIntent } from '../../listening/intent.ts';
import type { Person } from '../../people/person.ts';
import { randomFor } from '../../seeded-random.ts';
import { badRequest, notFound, playerError } from '../api-error.ts';
import { type ApiCall, type Endpoint, type Method, noContent, type Reply } from '../endpoint.ts';
import { jsonBody, queryBoolean, queryInteger, queryText, textList, wholeNumber } from '../request-input.ts';

const SCOPES = [['user-modify-playback-state']];

function command(method: Method, path: string, handle: (call: ApiCall) => Reply): Endpoint {
  return { method, path: `/v1/me/player${path}`, scopes: SCOPES, missingScope: 401, handle };
}

export const playerCommandEndpoints: readonly Endpoint[] = [
  command('put', '', transfer),
  command('put', '/play', (call) => {
    const body = jsonBody(call.request);
    return body && Object.keys(body).length > 0 ? startPlaying(call, body) : resume(call);
  }),
  command('put', '/pause', (call) => {
    const target = targetOf(call);
    if (!target.person.player.state().playing) throw playerError(403, 'ALREADY_PAUSED', 'Already paused');
    return carryOut(call, target, { kind: 'pause' });
  }),
  command('post', '/next', (call) => {
    const target = targetOf(call);
    if (!target.person.player.reach().next) throw playerError(403, 'NO_NEXT_TRACK', 'No next track');
    return carryOut(call, target, { kind: 'next' });
  }),
  command('post', '/previous', (call) => {
    const target = targetOf(call);
    if (!target.person.player.reach().previous) throw playerError(403, 'NO_PREV_TRACK', 'No previous track');
    return carryOut(call, target, { kind: 'previous' });
  }),
  command('put', '/seek', (call) => {
    const positionMs = requiredInteger(call, 'position_ms', Number.MAX_SAFE_INTEGER);
    const target = targetOf(call);
    const { item } = target.person.player.state();
    if (!item) throw playerError(403, 'NOT_PLAYING_TRACK', 'Not playing a track');
    if (item.kind === 'ad') throw playerError(403, 'CONTEXT_DISALLOW', 'Restriction violated');
    return carryOut(call, target, { kind: 'seek', positionMs });
  }),
  command('put', '/repeat', (call) => {
    const mode = queryText(call.request, 'state');
    if (mode !== 'off' && mode !== 'context' && mode !== 'track') throw badRequest('Invalid state');
    return carryOut(call, targetOf(call), { kind: 'repeat', mode });
  }),
  command('put', '/shuffle', (call) => {
    const on = queryBoolean(call.request, 'state');
    return carryOut(call, targetOf(call), { kind: 'shuffle', on });
  }),
  command('put', '/volume', (call) => {
    const percent = requiredInteger(call, 'volume_percent', 100);
    const target = targetOf(call);
    if (!target.device.supportsVolume) {
      throw playerError(403, 'VOLUME_CONTROL_DISALLOW', 'Cannot control device volume');
    }
    return carryOut(call, target, { kind: 'volume', percent });
  }),
  command('post', '/queue', (call) => {
    const item = playableOf(call, queryText(call.request, 'uri') ?? '');
    return carryOut(call, targetOf(call), { kind: 'enqueue', item });
  }),
];

interface Target {
  person: Person;
  device: Device;
}

/** Whom and which device a command is for. @throws ApiError 403 or 404 with the player's `reason`. */
function targetOf(call: ApiCall, deviceId = queryText(call.request, 'device_id')): Target {
  const person = call.person();
  if (person.product === 'free') throw playerError(403, 'PREMIUM_REQUIRED', 'Premium required');
  const device =
    deviceId === undefined
      ? person.player.state().device
      : person.devices.find((candidate) => candidate.id === deviceId);
  if (deviceId !== undefined && !device) throw notFound('Device not found');
  if (!device) throw playerError(404, 'NO_ACTIVE_DEVICE', 'No active device found');
  if (device.restricted) throw playerError(403, 'DEVICE_NOT_CONTROLLABLE', 'Restricted device');
  return { person, device };
}

/** Commands after which the person no longer lives by their habits. */
const TAKING_OVER = new Set<Intent['kind']>([
  'play',
  'pause',
  'resume',
  'next',
  'previous',
  'seek',
  'transfer',
]);

function carryOut(call: ApiCall, { person, device }: Target, intent: Intent): Reply {
  const { player } = person;
  if (TAKING_OVER.has(intent.kind)) player.takeOver();
  if (intent.kind !== 'transfer' && player.state().device !== device) {
    player.apply({ kind: 'transfer', deviceId: device.id });
  }
  player.apply(intent);
  call.world.commands.record({
    atMs: call.nowMs,
    personId: person.id,
    action: `player.${intent.kind}`,
    details: intentDetails(intent),
  });
  return acknowledged(call, person);
}

/** Since 2024 the real service answers most commands with an opaque text in the place of the documented 204. */
function acknowledged(call: ApiCall, person: Person): Reply {
  const token = randomFor(call.world.settings.seed, 'command', person.id, call.nowMs).hex(48);
  return { status: 200, text: Buffer.from(token, 'hex').toString('base64') };
}

function resume(call: ApiCall): Reply {
  const target = targetOf(call);
  const { player } = target.person;
  const elsewhere = player.state().device !== target.device;
  if (player.state().playing && !elsewhere) throw playerError(403, 'ALREADY_PLAYING', 'Already playing');
  if (!player.reach().resume) throw playerError(404, 'NO_SPECIFIC_TRACK', 'Nothing to resume');
  return carryOut(call, target, { kind: 'resume' });
}

function startPlaying(call: ApiCall, body: Record<string, unknown>): Reply {
  const positionMs = wholeNumber(body.position_ms, 'position_ms');
  const uris = textList(body.uris, 'uris');
  const contextUri = body.context_uri;
  if (contextUri !== undefined && typeof contextUri !== 'string') throw badRequest('Invalid context uri');
  if (contextUri !== undefined && uris !== undefined) {
    throw badRequest("Can't have both context_uri and uris");
  }
  if (contextUri === undefined && uris === undefined) {
    // A bare position is a resume that jumps.
    return resume(call);
  }
  const person = call.person();
  const context = contextUri === undefined ? null : contextOf(call, person, contextUri);
  const items = context?.items ?? (uris ?? []).map((uri) => playableOf(call, uri));
  if (items.length === 0) throw badRequest('Invalid uris');
  const offset = offsetOf(body.offset, items, context);
  const intent: PlayIntent = {
    kind: 'play',
    context,
    items,
    ...(offset !== undefined && { offset }),
    ...(positionMs !== undefined && { positionMs }),
  };
  const target = targetOf(call);
  return carryOut(call, target, { ...intent, deviceId: target.device.id });
}

function contextOf(call: ApiCall, person: Person, uri: string): PlayContext {
  if (!/^spotify:(album|artist|playlist|show|user):/.test(uri)) throw badRequest('Invalid context uri');
  const context = findContext(call.world, person, uri);
  if (!context || context.items.length === 0) throw notFound();
  return context;
}

function playableOf(call: ApiCall, uri: string): Playable {
  if (!/^spotify:(track|episode):[0-9A-Za-z]{22}$/.test(uri)) throw badRequest(`Invalid track uri: ${uri}`);
  const item = findPlayable(call.world, uri);
  if (!item) throw notFound();
  return item;
}

/** `{position}` or `{uri}` as a place in the items. */
function offsetOf(
  value: unknown,
  items: readonly Playable[],
  context: PlayContext | null,
): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (context?.kind === 'artist') throw badRequest("Can't have offset for context type: ARTIST");
  if (typeof value !== 'object') throw badRequest('Invalid offset');
  const { position, uri } = value as { position?: unknown; uri?: unknown };
  const place =
    typeof uri === 'string'
      ? items.findIndex((item) => item.uri === uri)
      : (wholeNumber(position, 'offset.position') ?? 0);
  if (place < 0 || place >= items.length)
    throw playerError(404, 'NO_SPECIFIC_TRACK', 'No such track in context');
  return place;
}

function transfer(call: ApiCall): Reply {
  const body = jsonBody(call.request) ?? {};
  const ids = textList(body.device_ids, 'device_ids');
  if (!ids || ids.length === 0) throw badRequest('Missing required field: device_ids');
  if (ids.length > 1) throw badRequest('Only one device_id is currently supported');
  if (body.play !== undefined && typeof body.play !== 'boolean') throw badRequest('Invalid play');
  const target = targetOf(call, ids[0]);
  carryOut(call, target, {
    kind: 'transfer',
    deviceId: target.device.id,
    ...(body.play === true && { play: true }),
  });
  return noContent();
}

function requiredInteger(call: ApiCall, name: string, max: number): number {
  if (queryText(call.request, name) === undefined) throw badRequest(`Missing required field: ${name}`);
  return queryInteger(call.request, name, { min: 0, max, fallback: 0 });
}
