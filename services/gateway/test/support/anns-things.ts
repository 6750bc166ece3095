import { storeLibraryPlaylists, storeScrobbles } from '@spindle/db';
import type { Browser } from './browser.ts';
import { joinAs, openRoom, type RoomClient, seedTracks } from './party.ts';
import type { TestGateway } from './test-gateway.ts';

/** Stands in everything private of Ann's that has words: no answer to anybody else may hold it. */
export const ANNS = 'annsecret';

/** A playlist of Ann's at Spotify. */
export const PLAYLIST = 'own0000000000000000000';

/** A room of Ann's with a guest, a track that waits, and somebody who is signed in. */
export interface AnnsRoom {
  readonly code: string;
  readonly guest: RoomClient;
  readonly guestToken: string;
  /** A room track that Ann proposed. */
  readonly trackId: string;
}

async function must(browser: Browser, path: string, asking: Parameters<Browser['ask']>[1] = {}) {
  const answer = await browser.ask(path, asking);
  if (answer.status >= 300)
    throw new Error(`${asking.method ?? ''} ${path}: ${answer.status} ${answer.text}`);
  return answer.json;
}

let plays = 0;

/** Makes one thing of Ann's and answers what an address names it by. */
const MAKERS = {
  token: async ({ ann }) =>
    (await must(ann, '/api/tokens', { body: { name: `${ANNS} token`, scopes: ['read'] } })).id,
  play: async ({ gateway, ann, annId }) => {
    plays += 1;
    const track = (name: string) => ({
      artist_name: `${ANNS} artist ${name}`,
      track_name: `${ANNS} song ${name}`,
      release_name: `${ANNS} album`,
    });
    const now = Date.now();
    await storeScrobbles(
      gateway.db,
      annId,
      ['a', 'b'].map((name, index) => ({
        listened_at: Math.floor(now / 1_000) - 600 * (2 * plays + index),
        track_metadata: track(name),
      })),
      new Date(now),
    );
    return (await must(ann, '/api/plays?limit=2')).items[0].id;
  },
  import: async ({ ann }) => {
    const form = new FormData();
    form.append('file', new Blob([`[{"${ANNS}":${Math.random()}}]`]), `${ANNS}.json`);
    return (await must(ann, '/api/imports', { method: 'POST', raw: form })).import.id;
  },
  widget: async ({ ann }) => (await must(ann, '/api/widgets', { body: { name: ANNS } })).id,
  schedule: async ({ ann }) =>
    (
      await must(ann, '/api/playlist/schedules', {
        body: { request: { kind: 'shuffle', playlistId: PLAYLIST }, pattern: '0 7 * * *' },
      })
    ).id,
  exclusion: async ({ ann, things }) => {
    const [artistId] = await things.artists();
    return (await must(ann, '/api/exclusions', { body: { kind: 'artist', artistId } })).id;
  },
  relay: async ({ ann }) => {
    const url = `https://${ANNS}.example/listens`;
    await must(ann, '/api/relay', { method: 'PUT', body: { url, token: `${ANNS}-relay-token` } });
    return '';
  },
  notices: async ({ ann }) => {
    const url = `https://hooks.example/${ANNS}`;
    await must(ann, '/api/notices', { method: 'PUT', body: { kind: 'webhook', url } });
    return '';
  },
  merge: async ({ ann, things }) => {
    const [track = '', into] = await things.tracks();
    await must(ann, '/api/merges', { body: { trackIds: [track], intoId: into } });
    return track;
  },
  alias: async ({ ann, things }) => {
    const [artist = '', into] = await things.artists();
    await must(ann, '/api/artist-aliases', { body: { artistId: artist, intoId: into } });
    return artist;
  },
  /** Made by the admin. */
  invitation: async ({ ada }) => (await must(ada, '/api/admin/invitations', { body: {} })).id,
  job: async ({ ann }) => (await must(ann, '/spotify/sync-favorites', { method: 'POST' })).job.id,
} satisfies Record<string, (parts: Parts) => Promise<string>>;

type Named = keyof typeof MAKERS;

interface Parts {
  readonly gateway: TestGateway;
  readonly ann: Browser;
  readonly annId: number;
  /** The admin. */
  readonly ada: Browser;
  readonly things: AnnsThings;
}

/** What Ann owns; each thing is made when it is first asked for, and again when it was used up. */
export class AnnsThings {
  readonly #parts: Omit<Parts, 'things'>;
  readonly #made = new Map<Named, string>();
  #room: AnnsRoom | undefined;

  private constructor(parts: Omit<Parts, 'things'>) {
    this.#parts = parts;
  }

  static async make(parts: Omit<Parts, 'things'>): Promise<AnnsThings> {
    const { gateway, annId } = parts;
    await seedTracks(gateway.db, 5);
    const { spotifyId } = await gateway.db.prisma.user.findUniqueOrThrow({ where: { id: annId } });
    await storeLibraryPlaylists(
      gateway.db,
      annId,
      [
        {
          ...{ playlistId: PLAYLIST, name: `${ANNS} road`, itemCount: 100, ownerId: spotifyId, images: [] },
          ...{ description: null, ownerName: null, snapshotId: null, collaborative: false, public: null },
        },
      ],
      new Date(),
    );
    const things = new AnnsThings(parts);
    await things.forget();
    await things.id('play');
    return things;
  }

  async id(name: Named): Promise<string> {
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    const made = await MAKERS[name]({ ...this.#parts, things: this });
    this.#made.set(name, made);
    return made;
  }

  async widgetKey(): Promise<string> {
    const id = await this.id('widget');
    const { items } = await must(this.#parts.ann, '/api/widgets');
    return items.find((one: { id: string }) => one.id === id).key;
  }

  /** Ids of two tracks that Ann heard. */
  async tracks(): Promise<string[]> {
    const { items } = await must(this.#parts.ann, '/api/plays?limit=2');
    return items.map((play: { track: { id: string } }) => play.track.id);
  }

  /** Ids of two artists that Ann heard. */
  async artists(): Promise<string[]> {
    const { items } = await must(this.#parts.ann, '/api/plays?limit=2');
    return items.map((play: { track: { artists: { id: string }[] } }) => play.track.artists[0]?.id);
  }

  get annId(): string {
    return String(this.#parts.annId);
  }

  /** The token of a new invitation. */
  async invitationToken(): Promise<string> {
    const { url } = await must(this.#parts.ada, '/api/admin/invitations', { body: {} });
    return new URL(url).hash.slice(1);
  }

  /** An album that Ann heard. */
  async album(): Promise<string> {
    const { items } = await must(this.#parts.ann, '/api/plays?limit=1');
    return items[0].track.album.id;
  }

  /** Where the gateway is. */
  get url(): string {
    return this.#parts.gateway.url;
  }

  async room(): Promise<AnnsRoom> {
    this.#room ??= await this.openRoom();
    return this.#room;
  }

  async openRoom(): Promise<AnnsRoom> {
    const { gateway, ann } = this.#parts;
    const { code, propose } = await openRoom(ann, { anonymous: true, likeThreshold: 5 });
    const guest = await joinAs(gateway.url, code, 'Gus');
    const trackId = (await propose(1)).json.id;
    return { code, guest, guestToken: guest.token, trackId };
  }

  /** Something was done to what Ann owns: it may be gone. */
  async forget(): Promise<void> {
    const { gateway, annId } = this.#parts;
    await gateway.db.prisma.trackMerge.deleteMany({ where: { userId: annId } });
    await gateway.db.prisma.artistAlias.deleteMany({ where: { userId: annId } });
    await gateway.db.prisma.exclusionRule.deleteMany({ where: { userId: annId } });
    await gateway.db.prisma.playlistSchedule.deleteMany({ where: { userId: annId } });
    // There may be only so many.
    await gateway.db.prisma.widgetLink.deleteMany({ where: { userId: annId } });
    // Where others are told, and pass plays on to, is not to depend on who came before.
    await gateway.db.prisma.noticeTarget.deleteMany({ where: { userId: { not: annId } } });
    await gateway.db.prisma.relay.deleteMany({ where: { userId: { not: annId } } });
    this.#made.clear();
    this.#room = undefined;
  }
}
