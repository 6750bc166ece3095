import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@spindle/testkit';
import { startOtlpReceiver } from '../otlp-receiver.ts';
import { type Family, lintMetric, parseMetrics } from '../prometheus-text.ts';
import { type System, signIn, startSystem } from '../system.ts';

const CRON_SECRET = 'the-secret-of-whoever-sweeps';
const ALLOWANCE = 1_000;

let system: System;
let collector: Awaited<ReturnType<typeof startOtlpReceiver>>;
let cookie: string;
let person: { id: string; displayName: string };
let playlistId: string;

beforeAll(async () => {
  collector = await startOtlpReceiver();
  system = await startSystem({
    environment: {
      CRON_SECRET,
      LOG_LEVEL: 'debug',
      SPOTIFY_DAILY_ALLOWANCE: String(ALLOWANCE),
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    },
  });
  const { control, catalogue } = system.sandbox;
  const [someone] = control.people();
  if (!someone) throw new Error('the sandbox has nobody');
  person = someone;
  const tracks = catalogue.tracks.filter(({ playable }) => playable).slice(0, 70);
  playlistId = control.givePlaylist(person.id, { name: 'Road trip', uris: tracks.map(({ uri }) => uri) });
  cookie = await signIn(system, person.id);
}, 60_000);
afterAll(async () => {
  await system?.stop();
  collector?.close();
}, 40_000);

async function ask(path: string, requestId: string, options: RequestInit = {}): Promise<Response> {
  return fetch(`${system.url}${path}`, {
    ...options,
    headers: {
      cookie,
      'sec-fetch-site': 'same-origin',
      'content-type': 'application/json',
      'x-request-id': requestId,
      ...options.headers,
    },
  });
}

/** Shuffles the playlist and waits until it stands. */
async function shuffle(requestId: string): Promise<void> {
  const answer = await ask('/api/playlist/shuffle', requestId, {
    method: 'POST',
    headers: { prefer: 'wait=30' },
    body: JSON.stringify({ playlistId }),
  });
  expect({ status: answer.status, id: answer.headers.get('x-request-id') }).toEqual({
    status: 200,
    id: requestId,
  });
}

/** What a process logged of a request, line by line. */
function linesOf(service: string, requestId: string): Record<string, unknown>[] {
  return system.processes
    .filter(({ name }) => name === service)
    .flatMap(({ log }) => log().split('\n'))
    .filter((line) => line.includes(requestId))
    .map((line) => JSON.parse(line));
}

describe('a request', () => {
  it('can be followed by its id through the logs of every process that it reaches', async () => {
    await shuffle('follow-me-1');
    const answered = await waitFor(
      () => linesOf('gateway', 'follow-me-1').find(({ msg }) => msg === 'answered'),
      { what: 'the log of the gateway' },
    );
    expect(answered).toMatchObject({ requestId: 'follow-me-1', status: 200 });
    const works = await waitFor(
      () => {
        const lines = linesOf('playlist-worker', 'follow-me-1');
        return lines.some(({ msg }) => msg === 'job done') && lines;
      },
      { what: 'the log of the worker' },
    );
    expect(works.every(({ requestId }) => requestId === 'follow-me-1')).toBe(true);
    expect(works.filter(({ msg }) => msg === 'called Spotify').map(({ method }) => method)).toEqual(
      expect.arrayContaining(['GET', 'POST']),
    );
  }, 60_000);

  it('keeps its id in the jobs that its job begins', async () => {
    const swept = await ask('/api/cron/sync-spotify', 'follow-me-2', {
      headers: { cookie: '', authorization: `Bearer ${CRON_SECRET}` },
    });
    expect(swept.status).toBe(200);
    const lines = await waitFor(
      () => {
        const seen = linesOf('sync-worker', 'follow-me-2');
        return seen.some(({ msg, job }) => msg === 'job done' && job === 'sync-all') && seen;
      },
      { what: 'the log of the sweep' },
    );
    expect(new Set(lines.map(({ job }) => job))).toEqual(new Set(['sync-all', 'history', undefined]));
    expect(lines.find(({ msg }) => msg === 'called Spotify')).toMatchObject({
      path: '/v1/me/player/recently-played',
    });
  }, 60_000);

  it('is one trace, from the gateway through the queue and the worker to Spotify and PostgreSQL', async () => {
    await shuffle('follow-me-3');
    const spans = await waitFor(
      () => {
        const begun = collector.spans.find((span) => span.attributes['spindle.request_id'] === 'follow-me-3');
        const all = collector.spans.filter(({ traceId }) => traceId === begun?.traceId);
        return all.some(({ name }) => name === 'process shuffle-playlist') && all;
      },
      { what: 'the trace', timeoutMs: 20_000 },
    );
    const named = (name: string | RegExp) => {
      const found = spans.find((span) =>
        typeof name === 'string' ? span.name === name : name.test(span.name),
      );
      if (!found) throw new Error(`no span ${name} among ${spans.map((span) => span.name).join(', ')}`);
      return found;
    };
    const request = named('POST /api/playlist/shuffle');
    const added = named('add shuffle-playlist.shuffle');
    const worked = named('process shuffle-playlist');
    const called = named(/^Spotify P(OS|U)T .v1.playlists.{id}.items$/);
    expect([request, added, worked, called].map(({ service }) => service)).toEqual([
      'gateway',
      'gateway',
      'playlist-worker',
      'playlist-worker',
    ]);
    expect(request.parentSpanId).toBe('');
    expect(added.parentSpanId).toBe(request.spanId);
    expect(worked.parentSpanId).toBe(added.spanId);
    expect(called.attributes).toMatchObject({
      'http.response.status_code': expect.anything(),
      'spindle.spotify.bucket': 'playlists',
    });
    expect(
      spans.filter(({ name }) => /^(INSERT|UPDATE|SELECT|WITH)/.test(name)).map(({ service }) => service),
    ).toEqual(expect.arrayContaining(['gateway', 'playlist-worker']));
    // Every log line of it can be found by the trace, too.
    expect(linesOf('playlist-worker', 'follow-me-3').at(-1)).toMatchObject({ traceId: request.traceId });
  }, 60_000);

  it('leaves nothing of the listener in traces', () => {
    const text = collector.text();
    for (const secret of [
      person.id,
      person.displayName,
      playlistId,
      'Bearer',
      'Road trip',
      cookie.split('=')[1] ?? '?',
    ])
      expect({ secret, isTold: text.includes(secret) }).toEqual({ secret, isTold: false });
  });
});

describe('/metrics', () => {
  const scrapes = new Map<string, Map<string, Family>>();
  let all: string;

  beforeAll(async () => {
    const texts: string[] = [];
    for (const { name, port } of system.processes) {
      const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
      expect(answer.headers.get('content-type')).toContain('text/plain');
      const text = await answer.text();
      texts.push(text);
      scrapes.set(name, parseMetrics(text));
    }
    all = texts.join('\n');
  });

  const sum = (service: string, name: string, labels: Record<string, string> = {}) =>
    (scrapes.get(service)?.get(name)?.samples ?? [])
      .filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
      .reduce((total, { value }) => total + value, 0);

  it('is well formed in every process, and well named', () => {
    expect(scrapes.size).toBe(7);
    for (const [service, families] of scrapes) {
      const own = [...families.values()].filter(({ name }) => name.startsWith('spindle_'));
      expect(own.flatMap(lintMetric)).toEqual([]);
      expect({ service, build: sum(service, 'spindle_build_info') }).toEqual({ service, build: 1 });
      expect(families.has('process_cpu_seconds_total')).toBe(true);
    }
    for (const service of [
      'sync-worker',
      'playlist-worker',
      'stats-worker',
      'party-worker',
      'import-worker',
      'gateway',
    ]) {
      expect(sum(service, 'spindle_redis_connected')).toBeGreaterThan(0);
      expect(scrapes.get(service)?.has('spindle_db_pool_waiting')).toBe(true);
      expect(sum(service, 'spindle_db_statement_duration_seconds')).toBeGreaterThan(0);
    }
  });

  it('tells what was done', () => {
    expect(
      sum('playlist-worker', 'spindle_job_runs_total', { job_name: 'shuffle', outcome: 'succeeded' }),
    ).toBe(2);
    expect(sum('playlist-worker', 'spindle_spotify_calls_total', { outcome: 'ok' })).toBeGreaterThan(4);
    const latencies =
      scrapes.get('playlist-worker')?.get('spindle_spotify_call_duration_seconds')?.samples ?? [];
    expect(latencies.filter(({ name }) => name.endsWith('_count')).length).toBeGreaterThan(0);
    const asked = scrapes.get('gateway')?.get('spindle_http_request_duration_seconds')?.samples ?? [];
    expect(asked).toContainEqual(
      expect.objectContaining({
        name: 'spindle_http_request_duration_seconds_count',
        labels: { method: 'POST', route: '/api/playlist/shuffle', status: '2xx', service: 'gateway' },
        value: 2,
      }),
    );
    expect(sum('sync-worker', 'spindle_db_statement_duration_seconds')).toBeGreaterThan(0);
  });

  it('tells of the whole instance at the gateway only', async () => {
    for (const [service, families] of scrapes) {
      const isGateway = service === 'gateway';
      expect({ service, tells: families.has('spindle_queue_jobs') }).toEqual({ service, tells: isGateway });
      expect({ service, tells: families.has('spindle_capture_lag_seconds') }).toEqual({
        service,
        tells: isGateway,
      });
    }
    // What it looked up before the sign-in may still be remembered.
    const figures = await waitFor(
      async () => {
        const { port } = system.processes.find(({ name }) => name === 'gateway') ?? { port: 0 };
        const families = parseMetrics(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
        return families.get('spindle_users')?.samples[0]?.value === 1 && families;
      },
      { what: 'the figures of the instance', timeoutMs: 20_000, everyMs: 500 },
    );
    scrapes.set('gateway', figures);
    expect(sum('gateway', 'spindle_consents', { band: 'good' })).toBe(1);
    expect(sum('gateway', 'spindle_spotify_quota_allowance')).toBe(ALLOWANCE);
    const left = sum('gateway', 'spindle_spotify_quota_left', { lane: 'interactive' });
    expect(left).toBeLessThan(ALLOWANCE);
    expect(left).toBeGreaterThan(ALLOWANCE / 2);
    expect(sum('gateway', 'spindle_listener_consent_left_seconds')).toBeGreaterThan(150 * 86_400);
    expect(sum('gateway', 'spindle_postgres_connections')).toBeGreaterThan(5);
    expect(sum('gateway', 'spindle_redis_memory_used_bytes')).toBeGreaterThan(100_000);
  }, 40_000);

  it('holds nothing of anybody, and no secret', () => {
    for (const secret of [
      person.id,
      person.displayName,
      playlistId,
      'Road trip',
      CRON_SECRET,
      'e2e-secret',
      '127.0.0.1',
    ])
      expect({ secret, isTold: all.includes(secret) }).toEqual({ secret, isTold: false });
  });
});
