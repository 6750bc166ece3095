import {
  currentRequestId,
  Histogram,
  inSpan,
  type Logger,
  metricOnce,
  type Registry,
  SpanKind,
} from '@spindle/service-kit';
import type { Bucket } from './governor/buckets.ts';
import type { Lane } from './governor/lanes.ts';

/** A call as it may be told of. */
export interface WatchedCall {
  readonly method: string;
  /** Without its query; ids of items are taken out. */
  readonly path: string;
  readonly bucket: Bucket;
  readonly lane: Lane;
}

/** Makes a call, and tells of it by metric, log and trace. */
export type CallWatch = <T>(
  call: WatchedCall,
  make: () => Promise<T>,
  statusOf?: (answer: T) => number,
) => Promise<T>;

const BUCKETS_S = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15];

/** `/v1/playlists/{id}/items`: what endpoint it is, but not whose playlist. */
function templateOf(path: string): string {
  return path.replaceAll(/\/[A-Za-z0-9]{20,}(?=\/|$)/g, '/{id}');
}

export function createCallWatch(options: {
  readonly metrics?: Registry;
  readonly logger: Logger;
}): CallWatch {
  const { metrics, logger } = options;
  const duration =
    metrics &&
    metricOnce(
      metrics,
      'spindle_spotify_call_duration_seconds',
      () =>
        new Histogram({
          name: 'spindle_spotify_call_duration_seconds',
          help: 'How long Spotify took to answer, or to fail to.',
          labelNames: ['bucket', 'lane'],
          buckets: BUCKETS_S,
          registers: [metrics],
        }),
    );
  return ({ method, path, bucket, lane }, make, statusOf) => {
    const template = templateOf(path);
    const requestId = currentRequestId();
    return inSpan(
      {
        name: `Spotify ${method} ${template}`,
        kind: SpanKind.CLIENT,
        attributes: {
          'http.request.method': method,
          'url.template': template,
          'spindle.spotify.bucket': bucket,
          'spindle.spotify.lane': lane,
        },
      },
      async (span) => {
        const startedAt = performance.now();
        let status: number | undefined;
        try {
          const answer = await make();
          status = statusOf?.(answer);
          if (status !== undefined) span.setAttribute('http.response.status_code', status);
          return answer;
        } finally {
          const ms = performance.now() - startedAt;
          duration?.observe({ bucket, lane }, ms / 1_000);
          logger.debug(
            { requestId, method, path: template, bucket, lane, status, ms: Math.round(ms) },
            'called Spotify',
          );
        }
      },
    );
  };
}
