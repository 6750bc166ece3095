import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTokenBox, sealingKey, type TokenBox } from '@spindle/service-kit';
import { createTestDatabase, type TestDatabase, waitFor } from '@spindle/testkit';
import {
  createCredentials,
  createDatabase,
  type Database,
  noticeAddressContext,
  relayTokenContext,
  resealAll,
  SEALED_COLUMNS,
  saveConsent,
  saveNoticeTarget,
  saveRelay,
  signInUser,
} from '../src/index.ts';

const NOW = new Date('2026-06-01T12:00:00Z');
const key = (id: string) => ({ id, key: randomBytes(32) });
const [k1, k2, lost] = [key('k1'), key('k2'), key('lost')];
const before = createTokenBox([k1]);
const ring = createTokenBox([k2, k1]);
const after = createTokenBox([k2]);

let store: TestDatabase;
let db: Database;
let users: number[];

beforeAll(async () => {
  store = await createTestDatabase();
  db = createDatabase({ url: store.url, poolSize: 4 });
});
afterAll(async () => {
  await db.close();
  await store.drop();
});

const granted = (name: string) => ({
  accessToken: `access of ${name}`,
  refreshToken: `refresh of ${name}`,
  expiresInS: 3_600,
  scope: '',
});

/** Somebody with everything that is sealed. */
async function person(name: string, box: TokenBox): Promise<number> {
  const account = { accountId: name, spotifyId: name, displayName: name, imageUrl: null };
  const userId = await db.transaction(async (tx) => {
    const outcome = await signInUser(tx, account, NOW);
    if (!outcome.ok) throw new Error(outcome.reason);
    const consent = { appId: 'app', tokens: granted(name), authorizedAt: NOW };
    await saveConsent(tx, box, outcome.userId, consent);
    return outcome.userId;
  });
  await saveRelay(db, userId, {
    url: 'https://listens.example',
    token: box.seal(`relay of ${name}`, relayTokenContext(userId)),
    enabled: true,
    now: NOW,
  });
  const url = box.seal(`https://ntfy.example/${name}`, noticeAddressContext(userId));
  await saveNoticeTarget(db, userId, { kind: 'ntfy', host: 'ntfy.example', url });
  return userId;
}

beforeEach(async () => {
  await db.prisma.user.deleteMany();
  users = [];
  for (let n = 0; n < 5; n += 1) users.push(await person(`person-${n}`, before));
});

/** Everything that is sealed, opened. */
async function opened(box: TokenBox): Promise<string[]> {
  const all: string[] = [];
  for (const { table, column, context } of SEALED_COLUMNS) {
    const { rows } = await db.pool.query<{ user_id: number; value: Uint8Array }>(
      `SELECT user_id, ${column} AS value FROM ${table} ORDER BY user_id`,
    );
    all.push(...rows.map((row) => box.open(row.value, context(row.user_id))));
  }
  return all;
}

const sums = (report: Awaited<ReturnType<typeof resealAll>>) => ({
  resealed: report.columns.reduce((sum, one) => sum + one.resealed, 0),
  current: report.columns.reduce((sum, one) => sum + one.current, 0),
  keys: Object.fromEntries(report.keys),
});

describe('sealing anew', () => {
  it('leaves everything readable with the new key alone, and the second run nothing to do', async () => {
    const was = await opened(before);
    expect(was).toHaveLength(20);
    expect(was).toContain('refresh of person-3');
    const first = await resealAll(db, ring);
    expect(sums(first)).toEqual({ resealed: 20, current: 0, keys: { k2: 20 } });
    expect(first.unopened).toEqual([]);
    expect(await opened(after)).toEqual(was);
    expect(sums(await resealAll(db, ring))).toEqual({ resealed: 0, current: 20, keys: { k2: 20 } });
  });

  it('reports what needs a key that is missing, or is damaged, and leaves it as it is', async () => {
    const [first = 0, second = 0] = users;
    const foreign = createTokenBox([lost]).seal('the only copy', relayTokenContext(first));
    await db.prisma.relay.update({ where: { userId: first }, data: { token: foreign } });
    await db.prisma.noticeTarget.update({ where: { userId: second }, data: { url: Buffer.from('no box') } });
    const report = await resealAll(db, ring);
    expect(report.unopened).toEqual([
      {
        ...{ table: 'relays', column: 'token', userId: first, keyId: 'lost' },
        reason: 'The key "lost" of this token is not in TOKEN_KEYS.',
      },
      {
        ...{ table: 'notice_targets', column: 'url', userId: second, keyId: null },
        reason: 'This is not an encrypted token.',
      },
    ]);
    expect(sums(report)).toEqual({ resealed: 18, current: 0, keys: { k2: 18, lost: 1, '': 1 } });
    const kept = await db.prisma.relay.findUniqueOrThrow({ where: { userId: first } });
    expect(Buffer.from(kept.token).equals(Buffer.from(foreign))).toBe(true);
    // With its key it can be had again.
    expect((await resealAll(db, createTokenBox([k2, lost]))).unopened.map((one) => one.keyId)).toEqual([
      null,
    ]);
  });

  it('never overwrites a token that was refreshed meanwhile', async () => {
    const [userId = 0] = users;
    const credentials = createCredentials({ db, box: before, now: () => NOW });
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    // A process that does not know the new key yet holds the row while Spotify is asked.
    const refreshing = credentials.refresh(userId, 'access of person-0', async () => {
      asked.resolve();
      await answer.promise;
      return granted('the refresh');
    });
    await asked.promise;
    const resealing = resealAll(db, ring);
    await waitFor(
      async () => {
        const { rows } = await db.pool.query(
          "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        );
        return rows.length > 0;
      },
      { what: 'the two to meet' },
    );
    answer.resolve();
    await refreshing;
    expect(sums(await resealing)).toEqual({ resealed: 20, current: 0, keys: { k2: 20 } });
    const row = await db.prisma.spotifyCredential.findUniqueOrThrow({ where: { userId } });
    expect(after.open(row.accessToken ?? new Uint8Array(), `user:${userId}`)).toBe('access of the refresh');
    expect(after.open(row.refreshToken ?? new Uint8Array(), `user:${userId}`)).toBe('refresh of the refresh');
    expect(sealingKey(row.refreshToken ?? new Uint8Array())).toBe('k2');
  });
});

describe('the list of what is sealed', () => {
  /** Bytes that are no secret, or only the hash of one. */
  const PLAIN = new Set([
    'api_tokens.hash',
    'invitations.hash',
    'room_participants.token_hash',
    'import_files.sha256',
    'import_chunks.data',
  ]);

  it('names every column of bytes that is not known to be something else', async () => {
    const { rows } = await db.pool.query<{ name: string }>(
      `SELECT table_name || '.' || column_name AS name FROM information_schema.columns
        WHERE table_schema = 'public' AND data_type = 'bytea' ORDER BY 1`,
    );
    const sealed = SEALED_COLUMNS.map(({ table, column }) => `${table}.${column}`);
    expect(rows.map(({ name }) => name)).toEqual([...PLAIN, ...sealed].toSorted());
  });
});
