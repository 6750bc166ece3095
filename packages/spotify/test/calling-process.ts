import { closeRedis, createRedis, RetryLater, silentLogger, systemClock } from '@spindle/service-kit';
import { classify, Governor } from '../src/index.ts';

// One of several processes that call as fast as the governor lets them, for a test of the governor.
const {
  CALLER_REDIS = '',
  CALLER_PREFIX = '',
  CALLER_ALLOWANCE = '0',
  CALLER_WISH = '0',
  CALLER_API,
  CALLER_TOKEN,
} = process.env;

const redis = createRedis(CALLER_REDIS, 'general', silentLogger());
const governor = new Governor({
  redis,
  prefix: CALLER_PREFIX,
  clock: systemClock,
  apps: [{ id: 'one', clientId: 'c1', account: 'dev' }],
  dailyAllowance: Number(CALLER_ALLOWANCE),
  windowLimit: 1_000,
});

await redis.ping();
process.send?.('ready');
await new Promise((resolve) => process.once('message', resolve));

let granted = 0;
let refusedBySpotify = 0;
while (granted < Number(CALLER_WISH)) {
  try {
    const grant = await governor.acquire({ appId: 'one', bucket: 'player', lane: 'history' });
    granted += 1;
    if (!CALLER_API) continue;
    const path = '/v1/me/player';
    const answer = await fetch(`${CALLER_API}${path}`, {
      headers: { authorization: `Bearer ${CALLER_TOKEN}` },
    });
    const text = await answer.text();
    const failed = answer.status >= 300;
    const headers = Object.fromEntries(answer.headers);
    const error = failed
      ? classify({ path, status: answer.status, headers, text, bucket: 'player', nowMs: Date.now() })
      : undefined;
    if (answer.status === 429) refusedBySpotify += 1;
    await governor.report(grant, failed ? { error } : {});
  } catch (error) {
    if (error instanceof RetryLater) break;
    throw error;
  }
}
await closeRedis(redis);
process.send?.({ granted, refusedBySpotify });
process.disconnect?.();
