import { randomBytes } from 'node:crypto';
import { createApiToken, type Database } from '@spindle/db';
import { freePort } from '@spindle/testkit';
import { type ServiceProcess, startService } from './service-process.ts';

/** The gateway as a process of its own, without limits of rate. */
export async function startGateway(
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly origin: string; readonly process: ServiceProcess }> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const started = await startService('gateway', port, {
    PORT: String(port),
    PUBLIC_URL: origin,
    RATE_LIMIT_SCALE: '0',
    NODE_ENV: 'production',
    SPOTIFY_CLIENT_ID: 'bench',
    SESSION_SECRET: randomBytes(32).toString('base64url'),
    JWT_SECRET: randomBytes(32).toString('base64url'),
    TOKEN_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    ...environment,
  });
  return { origin, process: started };
}

export async function addListener(db: Database, name: string): Promise<number> {
  const { id } = await db.prisma.user.create({
    data: { accountId: name, spotifyId: name, handle: name, displayName: name, timeZone: 'Europe/Berlin' },
  });
  return id;
}

/** A personal token that may read and write. */
export async function addToken(db: Database, userId: number): Promise<string> {
  const text = `spn_${randomBytes(32).toString('base64url')}`;
  await createApiToken(db, userId, {
    text,
    name: 'bench',
    scopes: ['read', 'write'],
    expiresAt: null,
    now: new Date(),
  });
  return text;
}
