import { ANNS, type AnnsThings, PLAYLIST } from './anns-things.ts';
import type { Asking } from './browser.ts';
import { uri } from './party.ts';
import { ADMIN_PASSWORD, SERVICE_SECRET } from './test-gateway.ts';

/** What an operation is asked: what its address names, and what it carries. */
export interface ExampleRequest {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly asking?: Asking;
}

type Example = (things: AnnsThings) => ExampleRequest | Promise<ExampleRequest>;

const body =
  (value: unknown): Example =>
  () => ({ asking: { body: value } });
const id =
  (name: Parameters<AnnsThings['id']>[0]): Example =>
  async (things) => ({ params: { id: await things.id(name) } });
/** For addresses that name nothing, since everybody has at most one of the thing. */
const theOne =
  (name: Parameters<AnnsThings['id']>[0]): Example =>
  async (things) => {
    await things.id(name);
    return {};
  };
const inRoom =
  (more: (room: Awaited<ReturnType<AnnsThings['room']>>) => ExampleRequest = () => ({})): Example =>
  async (things) => {
    const room = await things.room();
    const { params, ...rest } = more(room);
    return { params: { code: room.code, ...params }, ...rest };
  };
const ofAnn: Example = () => ({ params: { handle: 'ann' } });
const key: Example = async (things) => ({ params: { key: await things.widgetKey(), kind: 'now-playing' } });
const form =
  (fields: Record<string, string>): Example =>
  () => ({
    asking: {
      raw: new URLSearchParams(fields).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    },
  });
const shuffle = { playlistId: PLAYLIST, evenIfShort: true };

/** By operation of the OpenAPI document, a request that is right in every way; none: nothing needs to be told. */
export const EXAMPLES: Readonly<Record<string, Example>> = {
  'POST /api/spotify/auth/code': body({ code: 'no-code', state: 'no-state' }),
  'POST /token': form({
    grant_type: 'client_credentials',
    client_id: 'backup',
    client_secret: SERVICE_SECRET,
  }),
  'POST /api/tokens': body({ name: 'of a walk', scopes: ['read'] }),
  'DELETE /api/tokens/{id}': id('token'),
  'PATCH /api/user': body({ minPlayMs: 20_000 }),
  'GET /api/users/{handle}/now-playing': ofAnn,
  'POST /share/start': body({}),
  'PATCH /api/admin/settings': body({ feedPublic: true }),
  'POST /auth/operator/password': body({ password: ADMIN_PASSWORD }),
  'POST /api/invitations/open': async (things) => ({
    asking: { body: { token: await things.invitationToken() } },
  }),
  'DELETE /api/admin/invitations/{id}': id('invitation'),
  'POST /api/admin/invitations': body({}),
  'PATCH /api/admin/users/{id}': (things) => ({
    params: { id: things.annId },
    asking: { body: { disabled: false } },
  }),
  'DELETE /api/admin/users/{id}': (things) => ({ params: { id: things.annId }, query: { confirm: 'ann' } }),
  'POST /api/admin/users/{id}/sign-out': (things) => ({ params: { id: things.annId } }),
  'PATCH /api/admin/queues/{queue}': () => ({
    params: { queue: 'imports' },
    asking: { body: { paused: false } },
  }),
  'GET /api/admin/queues/{queue}/failed': () => ({ params: { queue: 'sync' } }),
  'POST /api/admin/queues/{queue}/failed/retry': () => ({
    params: { queue: 'imports' },
    asking: { body: {} },
  }),
  'POST /api/admin/queues/{queue}/failed/drop': () => ({
    params: { queue: 'imports' },
    asking: { body: {} },
  }),
  'DELETE /api/plays/{id}': id('play'),
  'GET /api/stats/compare': () => ({ query: { range: 'week', otherRange: 'month' } }),
  'GET /api/stats/top/{kind}': () => ({ params: { kind: 'tracks' } }),
  'GET /api/stats/wrapped/{year}': () => ({ params: { year: '2026' } }),
  'GET /api/stats/wrapped/{year}/card.svg': () => ({ params: { year: '2026' } }),
  'GET /api/albums/{id}': async (things) => ({ params: { id: await things.album() } }),
  'GET /api/artists/{id}': async (things) => ({ params: { id: (await things.artists())[0] ?? '' } }),
  'GET /api/tracks/{id}': async (things) => ({ params: { id: (await things.tracks())[0] ?? '' } }),
  'GET /api/search': () => ({ query: { q: ANNS } }),
  'POST /api/plays/changes': async (things) => ({
    asking: { body: { action: 'hide', ids: [await things.id('play')] } },
  }),
  'POST /api/artist-aliases': async (things) => {
    const [artistId, intoId] = await things.artists();
    return { asking: { body: { artistId, intoId } } };
  },
  'POST /api/exclusions': body({ kind: 'hours', fromHour: 1, toHour: 2 }),
  'POST /api/merges': async (things) => {
    const [track, intoId] = await things.tracks();
    return { asking: { body: { trackIds: [track], intoId } } };
  },
  'DELETE /api/artist-aliases/{id}': id('alias'),
  'DELETE /api/exclusions/{id}': id('exclusion'),
  'DELETE /api/merges/{id}': id('merge'),
  'GET /api/users/{handle}': ofAnn,
  'GET /api/users/{handle}/stats/clock': ofAnn,
  'GET /api/users/{handle}/plays': ofAnn,
  'GET /api/users/{handle}/stats/summary': ofAnn,
  'GET /api/users/{handle}/stats/timeline': ofAnn,
  'GET /api/users/{handle}/stats/top/{kind}': () => ({ params: { handle: 'ann', kind: 'tracks' } }),
  'PATCH /api/playlist/schedules/{id}': async (things) => ({
    params: { id: await things.id('schedule') },
    asking: { body: { enabled: false } },
  }),
  'POST /api/playlist/schedules': body({
    request: { kind: 'share-liked' },
    pattern: '0 8 * * *',
  }),
  'POST /api/stats/top/tracks/playlist': body({ range: 'all' }),
  'DELETE /api/playlist/schedules/{id}': id('schedule'),
  'POST /api/playlist/shuffle/estimate': body(shuffle),
  'POST /api/playlist/schedules/{id}/run': id('schedule'),
  'POST /api/playlist/share/liked-tracks': body({ evenIfShort: true }),
  'POST /api/playlist/shuffle': body(shuffle),
  'GET /api/library/export': () => ({ query: { source: PLAYLIST, format: 'csv' } }),
  'GET /api/library/findings': () => ({ query: { source: PLAYLIST } }),
  'POST /api/library/read': body({ source: PLAYLIST }),
  'PATCH /rooms/{code}': inRoom(() => ({ asking: { body: { maxTrackMs: 600_000 } } })),
  'DELETE /rooms/{code}': inRoom(),
  'GET /rooms/{code}/next-track': inRoom(),
  'GET /rooms/{code}/random-track': inRoom(),
  'GET /rooms/{code}': inRoom(),
  'GET /rooms/{code}/results': inRoom(),
  'GET /rooms/{code}/state': inRoom(),
  'POST /rooms/{code}/hand-over': inRoom(({ guest }) => ({ asking: { body: { participantId: guest.id } } })),
  'POST /rooms/{code}/join': inRoom(() => ({ asking: { body: { nickname: 'Somebody' } } })),
  'POST /rooms/{code}/leave': inRoom(),
  'GET /rooms/{code}/participants': inRoom(),
  'POST /rooms/{code}/devices': inRoom(),
  'POST /rooms': body({ name: 'Of a walk' }),
  'POST /rooms/{code}/pause': inRoom(),
  'POST /rooms/{code}/play': inRoom(({ trackId }) => ({ asking: { body: { roomTrackId: trackId } } })),
  'POST /rooms/{code}/tracks': inRoom(() => ({ asking: { body: { trackUri: uri(2) } } })),
  'DELETE /rooms/{code}/participants/{id}': inRoom(({ guest }) => ({ params: { id: guest.id } })),
  'DELETE /rooms/{code}/tracks/{id}': inRoom(({ trackId }) => ({ params: { id: trackId } })),
  'POST /rooms/{code}/resume': inRoom(),
  'POST /rooms/{code}/playlist': inRoom(),
  'GET /rooms/{code}/search': inRoom(() => ({ query: { q: 'song' } })),
  'POST /rooms/{code}/device': inRoom(() => ({ asking: { body: { deviceId: 'a-device' } } })),
  'POST /rooms/{code}/volume': inRoom(() => ({ asking: { body: { percent: 50 } } })),
  'POST /rooms/{code}/skip': inRoom(),
  'POST /rooms/{code}/vote': inRoom(() => ({ asking: { body: { trackUri: uri(1), isLike: true } } })),
  'POST /rooms/{code}/skip-vote': inRoom(),
  'POST /api/imports': () => {
    const upload = new FormData();
    upload.append('file', new Blob([`[{"walk":${Math.random()}}]`]), 'walk.json');
    return { asking: { raw: upload } };
  },
  'GET /api/imports/{id}/report': id('import'),
  'GET /api/imports/{id}': id('import'),
  'DELETE /api/imports/{id}': id('import'),
  'POST /1/submit-listens': () => ({
    asking: {
      body: {
        listen_type: 'single',
        payload: [
          {
            listened_at: Math.floor(Date.now() / 1_000) - 90_000,
            track_metadata: { artist_name: 'Walker', track_name: 'A walk' },
          },
        ],
      },
    },
  }),
  'DELETE /api/relay': theOne('relay'),
  'GET /api/relay': theOne('relay'),
  'DELETE /api/notices': theOne('notices'),
  'GET /api/notices': theOne('notices'),
  'POST /api/notices/test': theOne('notices'),
  'PUT /api/relay': body({ url: 'https://listens.example', token: 'a-token-of-a-walk' }),
  'PUT /api/notices': body({ kind: 'ntfy', url: 'https://ntfy.example/a-walk' }),
  'GET /api/jobs/{id}': id('job'),
  'DELETE /api/widgets/{id}': id('widget'),
  'POST /api/widgets': body({ name: 'of a walk' }),
  'GET /embed/{key}/{kind}': key,
  'GET /oembed': async (things) => ({
    query: { url: `${things.url}/embed/${await things.widgetKey()}/now-playing` },
  }),
  'GET /api/users/{handle}/{kind}.svg': () => ({ params: { handle: 'ann', kind: 'now-playing' } }),
  'GET /api/widgets/{key}/{kind}.svg': key,
  'GET /api/widgets/{key}/now-playing': async (things) => ({ params: { key: await things.widgetKey() } }),
};

/** The address that a request is sent to. @throws Error when the example does not say what the address names */
export function addressOf(path: string, { params = {}, query }: ExampleRequest): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined) throw new Error(`the example of ${path} lacks ${name}`);
    return encodeURIComponent(value);
  });
  return query ? `${filled}?${new URLSearchParams(query)}` : filled;
}
