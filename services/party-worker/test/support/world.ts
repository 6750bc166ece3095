import { randomBytes } from 'node:crypto';
import {
  createDatabase,
  type Database,
  type Participant,
  proposeTrack,
  type Room,
  saveConsent,
  signInUser,
  startCapture,
  upsertTracks,
} from '@spindle/db';
import {
  type Clock,
  closeRedis,
  createRedis,
  createTokenBox,
  type Logger,
  silentLogger,
  type TokenKey,
} from '@spindle/service-kit';
import { createHttp, createOAuth, SCOPES } from '@spindle/spotify';
import { createSandbox, type PersonOptions, type Sandbox } from '@spindle/spotify-sandbox';
import { createTestDatabase, testRedis } from '@spindle/testkit';
import type { Redis } from 'ioredis';

const APP = { id: 'main', clientId: 'test-client', clientSecret: 'test-secret', account: 'developer' };
const REDIRECT = 'http://127.0.0.1/auth/callback';
/** A Friday, 19:00 UTC. */
export const START_MS = Date.UTC(2026, 10, 6, 19);
export const HOST = 'host';

/** What a party needs: a host in the sandbox who is signed in, PostgreSQL and Redis. */
export interface World<C extends Clock> {
  readonly sandbox: Sandbox;
  readonly hostId: number;
  readonly redisUrl: string;
  /** What the contexts of workers are made of. */
  readonly parts: {
    readonly db: Database;
    readonly redis: Redis;
    readonly prefix: string;
    readonly clock: C;
    readonly logger: Logger;
    readonly tokenKeys: readonly TokenKey[];
    readonly spotify: {
      readonly apps: readonly (typeof APP)[];
      readonly dailyAllowance: number;
      readonly accountsUrl: string;
      readonly apiUrl: string;
      readonly windowLimit: number;
    };
  };
  close(): Promise<void>;
}

/** @param seed one by which the host has several devices that take commands */
export async function openWorld<C extends Clock>(
  clock: C,
  host: Partial<PersonOptions> = {},
  seed = 'party1',
  dailyAllowance = 0,
): Promise<World<C>> {
  const sandbox = await createSandbox({
    seed,
    clock,
    rateLimit: null,
    quota: null,
    people: [{ id: HOST, listening: 'quiet', historyDays: 0, ...host }],
    apps: [{ clientId: APP.clientId, clientSecret: APP.clientSecret, redirectUris: [REDIRECT] }],
  });
  const store = await createTestDatabase();
  const db = createDatabase({ url: store.url, poolSize: 8 });
  const { url: redisUrl, prefix } = testRedis();
  const logger = silentLogger();
  const redis = createRedis(redisUrl, 'general', logger);
  const tokenKeys: TokenKey[] = [{ id: 'test', key: randomBytes(32) }];
  const { accountsUrl, apiUrl } = sandbox;
  const spotify = { apps: [APP], dailyAllowance, accountsUrl, apiUrl, windowLimit: 10_000 };
  return {
    sandbox,
    redisUrl,
    hostId: await signIn(sandbox, db, clock, tokenKeys),
    parts: { db, redis, prefix, clock, logger, tokenKeys, spotify },
    async close() {
      await closeRedis(redis);
      await db.close();
      await sandbox.close();
      await store.drop();
    },
  };
}

/** Proposes a track of the sandbox; its id in the room. */
export async function proposeIn(
  { sandbox, parts: { db, clock } }: World<Clock>,
  room: Room,
  guest: Participant,
  spotifyId: string,
): Promise<number> {
  const track = sandbox.catalogue.track(spotifyId);
  if (!track) throw new Error(`no track ${spotifyId}`);
  const now = clock.now();
  const item = {
    spotifyId,
    name: track.name,
    durationMs: track.durationMs,
    explicit: track.explicit,
    isrc: null,
    discNumber: null,
    trackNumber: null,
    album: null,
    artists: track.artists.map((artist) => ({ spotifyId: artist.id, name: artist.name })),
  };
  const ids = await db.transaction((tx) => upsertTracks(tx, [item], now));
  const proposal = {
    roomId: room.id,
    participantId: guest.id,
    trackId: ids.get(spotifyId) ?? 0,
    most: null,
  };
  const outcome = await proposeTrack(db, proposal, now);
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome.roomTrackId;
}

async function signIn(
  sandbox: Sandbox,
  db: Database,
  clock: Clock,
  tokenKeys: readonly TokenKey[],
): Promise<number> {
  const query = new URLSearchParams({
    client_id: APP.clientId,
    response_type: 'code',
    redirect_uri: REDIRECT,
    scope: SCOPES.join(' '),
    state: 'test',
  });
  const consent = await fetch(`${sandbox.accountsUrl}/authorize?${query}`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ person: HOST, decision: 'approve' }),
  });
  const code = new URL(consent.headers.get('location') ?? 'error:').searchParams.get('code') ?? '';
  const { accountsUrl } = sandbox;
  const oauth = createOAuth({ http: createHttp(), accountsUrl, nowMs: () => clock.nowMs() });
  const tokens = await oauth.exchangeCode(APP, { code, redirectUri: REDIRECT });
  return db.transaction(async (tx) => {
    const account = { accountId: HOST, spotifyId: HOST, displayName: 'The host', imageUrl: null };
    const outcome = await signInUser(tx, account, clock.now());
    if (!outcome.ok) throw new Error(`sign-in: ${outcome.reason}`);
    const consented = { appId: APP.id, tokens, authorizedAt: clock.now() };
    await saveConsent(tx, createTokenBox(tokenKeys), outcome.userId, consented);
    await startCapture(tx, outcome.userId, clock.now());
    return outcome.userId;
  });
}
