import { randomBytes } from 'node:crypto';
import { createDatabase, type Database, saveConsent, signInUser, startCapture } from '@spindle/db';
import { createTokenBox, systemClock } from '@spindle/service-kit';
import { createHttp, createOAuth, SCOPES } from '@spindle/spotify';
import { approveConsent, createSandbox, type PersonOptions, type Sandbox } from '@spindle/spotify-sandbox';

const REDIRECT = 'http://127.0.0.1/auth/callback';
const APP = { id: 'default', clientId: 'bench', clientSecret: 'bench-secret', account: 'default' };
/** Listeners who sign in at the same time. */
const AT_ONCE = 20;
const SILENT = { listening: 'quiet', historyDays: 0, likedSongs: 0 } as const;

/** A Spotify that takes its time, and listeners who have consented there. */
export interface SpotifyWorld {
  readonly sandbox: Sandbox;
  readonly db: Database;
  /** What every service is told. */
  readonly environment: Readonly<Record<string, string>>;
  /** User ids, by the person's place. */
  readonly users: readonly number[];
  readonly people: readonly string[];
  /** URIs of tracks that can be played. */
  uris(count: number, from?: number): string[];
  close(): Promise<void>;
}

export async function createWorld(options: {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly prefix: string;
  readonly listeners: number;
  /** What everybody has listened to; unless told, nobody ever heard anything. */
  readonly habits?: Omit<PersonOptions, 'id'>;
  /** What every call to the Web API takes longer, ms. */
  readonly delayMs: number;
}): Promise<SpotifyWorld> {
  const people = Array.from({ length: options.listeners }, (_, index) => `bench-${index}`);
  const sandbox = await createSandbox({
    seed: 'bench',
    mode: 'extended',
    quota: null,
    rateLimit: null,
    catalogue: { artists: 900 },
    people: people.map((id) => ({ id, ...(options.habits ?? SILENT) })),
    apps: [{ clientId: APP.clientId, clientSecret: APP.clientSecret, redirectUris: [REDIRECT] }],
  });
  const db = createDatabase({ url: options.databaseUrl, poolSize: 10 });
  const key = randomBytes(32);
  const box = createTokenBox([{ id: 'k1', key }]);
  const oauth = createOAuth({ http: createHttp(), accountsUrl: sandbox.accountsUrl, nowMs: Date.now });

  async function signIn(personId: string): Promise<number> {
    const code = await approveConsent(sandbox.accountsUrl, {
      clientId: APP.clientId,
      redirectUri: REDIRECT,
      scopes: SCOPES,
      personId,
    });
    const tokens = await oauth.exchangeCode(APP, { code, redirectUri: REDIRECT });
    return db.transaction(async (tx) => {
      const account = { accountId: personId, spotifyId: personId, displayName: personId, imageUrl: null };
      const now = systemClock.now();
      const outcome = await signInUser(tx, account, now);
      if (!outcome.ok) throw new Error(`sign-in of ${personId}: ${outcome.reason}`);
      await saveConsent(tx, box, outcome.userId, { appId: APP.id, tokens, authorizedAt: now });
      await startCapture(tx, outcome.userId, now);
      return outcome.userId;
    });
  }

  const users: number[] = [];
  for (let at = 0; at < people.length; at += AT_ONCE) {
    users.push(...(await Promise.all(people.slice(at, at + AT_ONCE).map(signIn))));
  }
  if (options.delayMs > 0)
    sandbox.control.addFault({ path: '/v1/**', fault: { kind: 'slow', delayMs: options.delayMs } });
  const playable = sandbox.catalogue.tracks.filter((track) => track.playable).map((track) => track.uri);

  return {
    sandbox,
    db,
    users,
    people,
    environment: {
      DATABASE_URL: options.databaseUrl,
      REDIS_URL: options.redisUrl,
      QUEUE_PREFIX: options.prefix,
      PUBLIC_URL: 'http://127.0.0.1',
      SPOTIFY_CLIENT_ID: APP.clientId,
      SPOTIFY_CLIENT_SECRET: APP.clientSecret,
      SPOTIFY_ACCOUNTS_URL: sandbox.accountsUrl,
      SPOTIFY_API_URL: sandbox.apiUrl,
      SPOTIFY_MODE: 'extended',
      SPOTIFY_DAILY_ALLOWANCE: '0',
      SPOTIFY_WINDOW_CALLS: '1000000',
      TOKEN_KEYS: `k1:${key.toString('base64')}`,
    },
    uris: (count, from = 0) =>
      Array.from({ length: count }, (_, index) => playable[(from + index) % playable.length] ?? ''),
    async close() {
      await db.close();
      await sandbox.close();
    },
  };
}
