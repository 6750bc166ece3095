import { createHash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { LRUCache } from 'lru-cache';
import { markRoute } from '../metrics/http-metrics.ts';

/** Answers kept at most, bytes. */
const KEPT_BYTES = 64_000_000;
/** An answer is given again for this long before it is looked whether something changed, ms. */
const FRESH_MS = { picture: 5_000, data: 1_000 } as const;

/** What image proxies and browsers may do with a card: ask again after so many seconds, by the ETag. */
export type MaxAge = 5 | 20 | 300;

interface Answer {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly freshUntil: number;
}

/**
 * Public answers that many ask for, kept for a moment. The first middleware of all gives them out again,
 * so that a card that is looked at a thousand times a second costs a look into a map.
 */
export interface WidgetAnswers {
  /** Answers from what is kept, or passes on. */
  readonly early: RequestHandler;
  /** Makes the answer of an address, keeps and sends it; those who ask meanwhile wait for the same. */
  send(
    request: Request,
    response: Response,
    answer: {
      readonly type: string;
      readonly maxAge: MaxAge;
      /** Pictures are kept a little longer than data, which pages ask for to be up to date. */
      readonly of?: keyof typeof FRESH_MS;
      readonly headers?: Readonly<Record<string, string>>;
    },
    make: () => Promise<string>,
  ): Promise<void>;
  /** The same for JSON that any page may read. */
  data(
    call: { readonly request: Request; readonly response: Response },
    make: () => Promise<object>,
  ): Promise<void>;
}

export function createWidgetAnswers(nowMs: () => number): WidgetAnswers {
  const kept = new LRUCache<string, Answer>({
    maxSize: KEPT_BYTES,
    sizeCalculation: (answer, key) => answer.body.length + key.length + 500,
  });
  const inTheMaking = new Map<string, Promise<Answer>>();

  function give(request: Request, response: Response, answer: Answer): void {
    for (const name of REPLACED) response.removeHeader(name);
    for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
    if (request.headers['if-none-match'] === answer.headers['etag']) {
      response.removeHeader('content-length');
      response.status(304).end();
    } else response.end(answer.body);
  }

  const answers: WidgetAnswers = {
    early(request, response, next) {
      const answer = request.method === 'GET' ? kept.get(request.url) : undefined;
      if (answer && answer.freshUntil > nowMs()) {
        markRoute(response, 'card that is kept');
        give(request, response, answer);
      } else next();
    },
    async send(request, response, { type, maxAge, of = 'picture', headers = {} }, make) {
      const key = request.originalUrl;
      let making = inTheMaking.get(key);
      if (!making) {
        making = make().then((body) => {
          const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
          const all = {
            ...OPEN,
            'content-type': type,
            'content-length': String(Buffer.byteLength(body)),
            'cache-control': `public, max-age=${maxAge}, s-maxage=${maxAge}, must-revalidate`,
            etag,
            ...headers,
          };
          const answer = { body, headers: all, freshUntil: nowMs() + FRESH_MS[of] };
          kept.set(key, answer);
          return answer;
        });
        inTheMaking.set(key, making);
        making.finally(() => inTheMaking.delete(key)).catch(() => {});
      }
      give(request, response, await making);
    },
    data({ request, response }, make) {
      const json = { type: 'application/json; charset=utf-8', maxAge: 5, of: 'data' } as const;
      return answers.send(request, response, json, async () => JSON.stringify(await make()));
    },
  };
  return answers;
}

/** Anybody may show a card; nothing in it may load or run anything. */
const OPEN = {
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors *",
} as const;

/** Headers of ordinary pages that a card must not have. */
const REPLACED = [
  'x-frame-options',
  'content-security-policy',
  'cross-origin-opener-policy',
  'origin-agent-cluster',
];
