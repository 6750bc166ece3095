import { expect, it } from '@jest/globals';
import { waitFor } from '@spindle/testkit';
import { startGateway } from './support/test-gateway.ts';

it('a stop waits for what was begun for somebody who has left', async () => {
  const gateway = await startGateway();
  const ann = await gateway.signedIn('ann');
  const { json } = await ann.ask('/api/tokens', { body: { name: 'leaving', scopes: ['read', 'write'] } });
  // The request comes as far as the users, and waits there.
  const lock = await gateway.db.pool.connect();
  await lock.query('BEGIN');
  await lock.query('LOCK TABLE users IN ACCESS EXCLUSIVE MODE');
  const leaving = new AbortController();
  const asked = fetch(`${gateway.url}/api/user`, {
    headers: { authorization: `Bearer ${json.token}` },
    signal: leaving.signal,
  }).catch(() => null);
  const waiting = async () => {
    const { rows } = await lock.query(
      "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    );
    return rows.length > 0;
  };
  await waitFor(waiting, { what: 'the request to wait for the users' });
  leaving.abort();
  await asked;
  const stopping = gateway.stopServing();
  await waitFor(
    () =>
      fetch(`${gateway.url}/healthz`).then(
        () => false,
        () => true,
      ),
    {
      what: 'the port to be closed',
    },
  );
  // Time enough to close the rest, if nothing kept it from that.
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(gateway.context.redis.status).toBe('ready');
  await lock.query('ROLLBACK');
  lock.release();
  await stopping;
  expect(gateway.logs()).toContain('stopped');
  expect(gateway.logs()).not.toContain('a request failed');
  await gateway.stop();
}, 30_000);
