import { setTimeout as sleep } from 'node:timers/promises';
import { type AnyRoute, ApiError, type CallOptions, type Client, createClient } from '@spindle/contracts';
import { type System, signIn } from '../system.ts';
import type { Records } from './records.ts';

/** Longer than any answer takes. */
const ANSWER_MS = 15_000;
/** Nobody asks for longer than this. */
const PATIENCE_MS = 180_000;
const AGAIN_MS = 300;

/** What came of a request that was sent until it was answered. */
export interface Answered<T> {
  readonly value: T;
  /** Some sending of it was left without an answer, or with one that leaves open whether it was done. */
  readonly isDoubtful: boolean;
}

/** Whether it is worth sending again: no answer, or one that says "not now". */
function isPassing(error: unknown): boolean {
  if (!(error instanceof ApiError)) return true;
  const { status } = error.problem;
  return status >= 500 || status === 429 || status === 408;
}

/** Sends a request until it is answered, as the web app does. @throws what refuses it for good */
export async function persist<T>(
  records: Records,
  what: string,
  send: (signal: AbortSignal) => Promise<T>,
): Promise<Answered<T>> {
  const until = Date.now() + PATIENCE_MS;
  let isDoubtful = false;
  records.requests += 1;
  for (;;) {
    try {
      return { value: await send(AbortSignal.timeout(ANSWER_MS)), isDoubtful };
    } catch (error) {
      if (!isPassing(error)) throw Object.assign(error as Error, { isDoubtful });
      if (Date.now() > until) {
        records.complaints.push(`${what}: no answer within ${PATIENCE_MS / 1_000} s: ${String(error)}`);
        throw error;
      }
      if (!isDoubtful) records.repeated += 1;
      isDoubtful = true;
      await sleep(AGAIN_MS);
    }
  }
}

/** One person in front of the web app: signed in, and patient. */
export class Caller {
  readonly personId: string;
  readonly #system: Pick<System, 'url' | 'sandbox'>;
  readonly #records: Records;
  readonly #address: string;
  #cookie = '';
  #client: Client;
  #keys = 0;

  /** @param place among all callers: each calls from an address of their own, as people do */
  constructor(system: Pick<System, 'url' | 'sandbox'>, records: Records, personId: string, place: number) {
    this.personId = personId;
    this.#address = `10.0.${Math.trunc(place / 250)}.${(place % 250) + 1}`;
    this.#system = system;
    this.#records = records;
    this.#client = createClient({ baseUrl: system.url });
  }

  async signIn(): Promise<void> {
    const { value } = await persist(this.#records, `sign-in of ${this.personId}`, () =>
      signIn(this.#system, this.personId, { headers: { 'x-forwarded-for': this.#address } }),
    );
    this.#cookie = value;
    this.#client = createClient({ baseUrl: this.#system.url, headers: this.headers() });
  }

  /** What a browser of this person sends. */
  headers(): Record<string, string> {
    return { cookie: this.#cookie, origin: this.#system.url, 'x-forwarded-for': this.#address };
  }

  /** A key under which a request may be sent again. */
  newKey(): string {
    this.#keys += 1;
    return `${this.personId}-${this.#keys}`;
  }

  /** Sends until it is answered. Whose session is gone signs in again. @throws ApiError what refuses it */
  async ask<T>(
    what: string,
    send: (client: Client, options: CallOptions) => Promise<T>,
    options: CallOptions = {},
  ): Promise<Answered<T>> {
    const once = () =>
      persist(this.#records, `${this.personId}: ${what}`, (signal) =>
        send(this.#client, { ...options, signal }),
      );
    try {
      return await once();
    } catch (error) {
      if (!(error instanceof ApiError) || error.problem.status !== 401) throw error;
      await this.signIn();
      return once();
    }
  }

  /** Asks for work, once, and notes that it was accepted. Null: it was refused. */
  async enqueue(
    route: Pick<AnyRoute, 'id'>,
    send: (client: Client, options: CallOptions) => Promise<{ job: { id: string } | null }>,
  ): Promise<string | null> {
    try {
      const { value } = await this.ask(route.id, send, { idempotencyKey: this.newKey() });
      if (!value.job) throw new Error(`${route.id} answered no job`);
      this.#records.jobs.push({ personId: this.personId, jobId: value.job.id, route: route.id });
      return value.job.id;
    } catch (error) {
      if (error instanceof ApiError && error.problem.status === 422) return null;
      throw error;
    }
  }
}
