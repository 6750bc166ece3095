import { existsSync, readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import type { AppMode } from '../../src/index.ts';

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Checks answers against Spotify's own OpenAPI description. */
export interface OfficialContract {
  /** What is wrong with an answer; null when nothing is or the description says nothing of it. */
  complaint(method: string, path: string, status: number, json: unknown): string | null;
  /** Operations that have been checked so far. */
  checked: Set<string>;
}

/** The description's place, from `SPOTIFY_OPENAPI` (https://developer.spotify.com/reference/web-api/open-api-schema.yaml). Null where there is none. */
export function officialFile(): string | null {
  const file = process.env.SPOTIFY_OPENAPI;
  return file !== undefined && existsSync(file) ? file : null;
}

/** Development mode answers without these, though the description requires some. */
const REMOVED_IN_DEVELOPMENT = [
  'available_markets',
  'linked_from',
  'popularity',
  'album_group',
  'label',
  'followers',
  'publisher',
  'tracks',
];

export function loadOfficialContract(file: string, mode: AppMode): OfficialContract {
  const document = parse(readFileSync(file, 'utf8')) as Json;
  const schema = adapt(document, mode) as Json;
  const ajv = new Ajv({ strict: false, logger: false, validateFormats: false });
  ajv.addSchema(schema, 'official');
  const compiled = new Map<string, ValidateFunction | null>();
  const paths = document.paths as Record<string, Record<string, { responses?: Json }>>;
  const checked = new Set<string>();

  function validatorOf(method: string, path: string, status: number): ValidateFunction | null {
    const official = officialPath(path);
    const answer = paths[official]?.[method.toLowerCase()]?.responses?.[String(status)];
    if (!isObject(answer)) return null;
    const pointer =
      typeof answer.$ref === 'string'
        ? answer.$ref.replace('#', '')
        : `/paths/${official.replaceAll('~', '~0').replaceAll('/', '~1')}/${method.toLowerCase()}/responses/${status}`;
    const target = pointer
      .slice(1)
      .split('/')
      .reduce<unknown>(
        (node, key) => (isObject(node) ? node[key.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined),
        schema,
      );
    const content = isObject(target) ? target.content : undefined;
    if (!isObject(content) || !isObject(content['application/json'])) return null;
    const encoded = pointer.split('/').map(encodeURIComponent).join('/');
    return ajv.compile({ $ref: `official#${encoded}/content/application~1json/schema` });
  }

  return {
    checked,
    complaint: (method, path, status, json) => {
      const key = `${method} ${path} ${status}`;
      let validate = compiled.get(key);
      if (validate === undefined) {
        validate = validatorOf(method, path, status);
        compiled.set(key, validate);
      }
      if (!validate || json === undefined) return null;
      checked.add(key);
      // For /me/library the description leaves out the object that every error really is wrapped in.
      const bare = path.startsWith('/v1/me/library') && status === 400 && isObject(json);
      if (validate(bare ? json.error : json)) return null;
      const [error] = validate.errors ?? [];
      return `official ${key}: ${error?.instancePath} ${error?.message} ${JSON.stringify(error?.params)} (${error?.schemaPath})`;
    },
  };
}

/** `/v1/playlists/:id/items` → `/playlists/{playlist_id}/items`, as the description names its parameters. */
function officialPath(path: string): string {
  return path
    .replace(/^\/v1/, '')
    .replace(/\/(\w+?)s\/:id/, (_whole, kind: string) =>
      kind === 'playlist' || kind === 'user' ? `/${kind}s/{${kind}_id}` : `/${kind}s/{id}`,
    );
}

/** OpenAPI 3.0 to JSON Schema, with the gaps of the description filled in. */
function adapt(node: unknown, mode: AppMode, key = ''): unknown {
  if (Array.isArray(node)) return node.map((entry) => adapt(entry, mode));
  if (!isObject(node)) return node;
  const { nullable, example: _example, ...rest } = node;
  const adapted = Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [name, adapt(value, mode, name)]),
  );
  if (mode === 'development' && Array.isArray(adapted.required)) {
    adapted.required = adapted.required.filter((name) => !REMOVED_IN_DEVELOPMENT.includes(String(name)));
  }
  if (key === 'schemas') patch(adapted);
  if (MANY.has(key)) patchMany(adapted);
  if (nullable !== true) return adapted;
  if (typeof adapted.type === 'string' && !('enum' in adapted)) {
    return { ...adapted, type: [adapted.type, 'null'] };
  }
  return { anyOf: [adapted, { type: 'null' }] };
}

/** Answers for several ids: an unknown id gets null. */
const MANY = new Set(['ManyTracks', 'ManyAlbums', 'ManyArtists', 'ManyEpisodes', 'ManySimplifiedShows']);

function patchMany(node: Json): void {
  for (const value of Object.values(node)) {
    if (!isObject(value)) continue;
    if (value.type === 'array') value.items = { anyOf: [value.items, { type: 'null' }] };
    else patchMany(value);
  }
}

/** What the real service answers and the description does not admit. */
function patch(schemas: Json): void {
  const nullable = (schema: unknown): Json => ({ anyOf: [schema, { type: 'null' }] });
  const change = (name: string, properties: readonly string[]): void => {
    const parts: unknown[] = [
      schemas[name],
      ...((isObject(schemas[name]) && (schemas[name].allOf as unknown[])) || []),
    ];
    for (const part of parts) {
      if (!isObject(part) || !isObject(part.properties)) continue;
      for (const property of properties) {
        if (property in part.properties) part.properties[property] = nullable(part.properties[property]);
      }
    }
  };
  // Genres come back as null in new apps.
  change('ArtistObject', ['genres']);
  // A local file is a track without ids, in an album without any.
  change('TrackObject', ['id', 'href']);
  change('SimplifiedArtistObject', ['id', 'href', 'uri']);
  change('AlbumBase', ['album_type', 'id', 'href', 'uri', 'release_date', 'release_date_precision']);
  const base = schemas.AlbumBase;
  if (isObject(base) && Array.isArray(base.required)) {
    base.required = base.required.filter((name) => name !== 'total_tracks');
  }
  // An item may be gone; currently-playing and the queue show nothing during an advert.
  change('PlaylistTrackObject', ['item', 'track', 'added_at', 'added_by']);
  change('CurrentlyPlayingContextObject', ['item', 'context']);
  change('CurrentlyPlayingObject', ['item', 'context']);
  change('QueueObject', ['currently_playing']);
  change('PlayHistoryObject', ['context']);
  change('CursorPagingObject', ['cursors', 'next']);
  // The last page has no cursor.
  change('CursorObject', ['after']);
}
