import type { Request } from 'express';
import type { DeveloperApp } from '../apps/developer-apps.ts';
import type { Person } from '../people/person.ts';
import type { World } from '../world.ts';
import type { WireObjects } from './wire/wire-objects.ts';

export type Method = 'get' | 'post' | 'put' | 'delete';

/** A call that has passed the gate: who calls, for whom, and with which field set to answer. */
export interface ApiCall {
  request: Request;
  world: World;
  app: DeveloperApp;
  wire: WireObjects;
  scopes: ReadonlySet<string>;
  /** The person whose player has been brought up to now. @throws ApiError 401 for a token of the app alone. */
  person(): Person;
  /** The same, or null for a token of the app alone. */
  personIfAny: Person | null;
  /** By the sandbox's clock (ms since the epoch). */
  nowMs: number;
}

export type Reply =
  | { status: number; json: unknown }
  | { status: number; text: string; type?: string }
  | { status: 204 | 200 | 201 | 202; empty: true };

/** One operation of the Web API. */
export interface Endpoint {
  method: Method;
  /** In Express form: `/v1/playlists/:id/items`. */
  path: string;
  /** The token must carry one scope of each group. */
  scopes?: readonly (readonly string[])[];
  /** How a missing scope is told: player endpoints say it with 401. */
  missingScope?: 401 | 403;
  /** Gone in development mode: 403 there. */
  removedInDevelopment?: boolean;
  handle(call: ApiCall): Reply | Promise<Reply>;
}

export const json = (value: unknown, status = 200): Reply => ({ status, json: value });
export const noContent = (): Reply => ({ status: 204, empty: true });
/** 200 or 201 with nothing in it. */
export const empty = (status: 200 | 201 | 202 = 200): Reply => ({ status, empty: true });
