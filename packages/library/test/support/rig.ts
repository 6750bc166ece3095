import { randomBytes } from 'node:crypto';
import {
  createCredentials,
  createDatabase,
  type Database,
  loadLikes,
  loadTrackSummaries,
  saveConsent,
  signInUser,
} from '@spindle/db';
import { closeRedis, createRedis, createTokenBox, ManualClock, silentLogger } from '@spindle/service-kit';
import { createHttp, createOAuth, createSpotify, Governor, SCOPES, type TokenStore } from '@spindle/spotify';
import { approveConsent, createSandbox, type Sandbox, type SandboxOptions } from '@spindle/spotify-sandbox';
import { createTestDatabase, testRedis } from '@spindle/testkit';
import { type LibraryAccess, type ReadOptions, readLikedSongs } from '../../src/index.ts';

const REDIRECT = 'http://127.0.0.1/auth/callback';
const APP = { id: 'main', clientId: 'test-client', clientSecret: 'test-secret', account: 'developer' };

/** A liked song, as told and as stored. */
export interface Line {
  readonly id: string;
  /** Seconds. */
  readonly at: number;
}

export interface RigOptions {
  readonly people: readonly string[];
  readonly sandbox?: SandboxOptions;
  /** Calls in 24 h of our own governor; 0 (unless told): no limit. */
  readonly dailyAllowance?: number;
}

/** Libraries on real PostgreSQL and Redis, read from the sandbox over HTTP, on a clock moved by hand. */
export class Rig {
  readonly access: LibraryAccess;
  readonly clock: ManualClock;
  readonly sandbox: Sandbox;
  readonly db: Database;
  readonly #box: ReturnType<typeof createTokenBox>;
  readonly #tokens: TokenStore;
  readonly #close: () => Promise<void>;

  private constructor(
    access: LibraryAccess & { readonly clock: ManualClock },
    sandbox: Sandbox,
    box: ReturnType<typeof createTokenBox>,
    tokens: TokenStore,
    close: () => Promise<void>,
  ) {
    this.access = access;
    this.clock = access.clock;
    this.db = access.db;
    this.sandbox = sandbox;
    this.#box = box;
    this.#tokens = tokens;
    this.#close = close;
  }

  static async start(options: RigOptions): Promise<Rig> {
    const clock = new ManualClock(Date.UTC(2026, 10, 2, 8));
    const sandbox = await createSandbox({
      rateLimit: null,
      quota: null,
      ...options.sandbox,
      clock,
      people: options.people.map((id) => ({
        id,
        listening: 'quiet' as const,
        historyDays: 0,
        likedSongs: 0,
      })),
      apps: [{ clientId: APP.clientId, clientSecret: APP.clientSecret, redirectUris: [REDIRECT] }],
    });
    const store = await createTestDatabase();
    const db = createDatabase({ url: store.url, poolSize: 12 });
    const logger = silentLogger();
    const { url: redisUrl, prefix } = testRedis();
    const redis = createRedis(redisUrl, 'general', logger);
    const box = createTokenBox([{ id: 'test', key: randomBytes(32) }]);
    const tokens = createCredentials({
      db,
      box,
      now: () => clock.now(),
      onReauthNeeded: () => Promise.resolve(),
    });
    const governor = new Governor({
      redis,
      prefix,
      clock,
      apps: [APP],
      dailyAllowance: options.dailyAllowance ?? 0,
      windowLimit: 100_000,
    });
    const { accountsUrl, apiUrl } = sandbox;
    const spotify = createSpotify({ apps: [APP], accountsUrl, apiUrl, tokens, governor, clock, logger });
    return new Rig({ db, spotify, clock }, sandbox, box, tokens, async () => {
      await closeRedis(redis);
      await db.close();
      await sandbox.close();
      await store.drop();
    });
  }

  /** Signs a person of the sandbox in; their user id. */
  async signIn(personId: string): Promise<number> {
    const { accountsUrl } = this.sandbox;
    const code = await approveConsent(accountsUrl, {
      clientId: APP.clientId,
      redirectUri: REDIRECT,
      scopes: SCOPES,
      personId: personId,
    });
    const oauth = createOAuth({ http: createHttp(), accountsUrl, nowMs: () => this.clock.nowMs() });
    const tokens = await oauth.exchangeCode(APP, { code, redirectUri: REDIRECT });
    return this.db.transaction(async (tx) => {
      const account = { accountId: personId, spotifyId: personId, displayName: personId, imageUrl: null };
      const outcome = await signInUser(tx, account, this.clock.now());
      if (!outcome.ok) throw new Error(`sign-in of ${personId}: ${outcome.reason}`);
      await saveConsent(tx, this.#box, outcome.userId, {
        appId: APP.id,
        tokens,
        authorizedAt: this.clock.now(),
      });
      return outcome.userId;
    });
  }

  /** The access token of a listener. */
  async token(userId: number): Promise<string> {
    return (await this.#tokens.current(userId)).accessToken;
  }

  options(more: Partial<ReadOptions> = {}): ReadOptions {
    return { lane: 'interactive', signal: new AbortController().signal, ...more };
  }

  readLiked(userId: number, more: Partial<ReadOptions> & { full?: boolean } = {}) {
    return readLikedSongs(this.access, userId, { ...this.options(), ...more });
  }

  /** Ids of that many tracks of the catalogue. */
  ids(count: number, from = 0): string[] {
    const ids = this.sandbox.catalogue.tracks.slice(from, from + count).map((track) => track.id);
    if (ids.length < count) throw new Error('the catalogue is too small');
    return ids;
  }

  uris(count: number, from = 0): string[] {
    return this.ids(count, from).map((id) => `spotify:track:${id}`);
  }

  /** Likes them one a minute, so that each has a time of its own; the last one is on top. */
  likeEach(personId: string, ids: readonly string[]): void {
    for (const id of ids) {
      this.clock.advance(60_000);
      this.sandbox.control.like(personId, [id]);
    }
  }

  /** Calls to the Web API since the last time they were counted. */
  calls(): number {
    const count = this.sandbox.control.callCount({ pathPrefix: '/v1/' });
    this.sandbox.control.clearCalls();
    return count;
  }

  /** Liked Songs as they really are, newest first. */
  liked(personId: string): Line[] {
    return this.sandbox.groundTruth
      .likedSongs(personId)
      .map(({ id, addedAtMs }) => ({ id, at: Math.floor(addedAtMs / 1000) }));
  }

  /** The same as stored; each with a row of the catalogue that has its id. */
  async stored(userId: number): Promise<Line[]> {
    const likes = await loadLikes(this.db, userId);
    const tracks = await loadTrackSummaries(
      this.db.pool,
      likes.flatMap((like) => like.trackId ?? []),
    );
    return likes.map((like) => {
      const track = like.trackId === null ? null : tracks.get(like.trackId);
      if (track && track.spotifyId !== like.itemKey) throw new Error(`${like.itemKey}: another track`);
      return { id: like.itemKey, at: like.addedAtMs / 1000 };
    });
  }

  close(): Promise<void> {
    return this.#close();
  }
}
