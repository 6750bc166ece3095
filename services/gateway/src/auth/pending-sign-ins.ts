import { randomBytes } from 'node:crypto';
import type { Request } from 'express';

/** A sign-in that has left for Spotify and is not back yet. Kept in the browser's own session. */
export interface PendingSignIn {
  readonly state: string;
  /** Which of the instance's Spotify apps the person was sent to. */
  readonly appId: string;
  /** The PKCE verifier; never leaves the server before the code is exchanged. */
  readonly verifier: string;
  readonly redirectUri: string;
  /** A path on this site. */
  readonly returnTo: string;
  /** The invitation that was opened in this browser before. */
  readonly invitationId?: number;
  /** Real time, epoch ms. */
  readonly startedAt: number;
}

declare module 'express-session' {
  interface SessionData {
    pendingSignIns?: PendingSignIn[];
    /** The invitation that was opened here last; `until` is real time, epoch ms. */
    invitation?: { id: number; until: number };
  }
}

/** A consent page that was left open for longer is started anew. Codes live about as long. */
const LIFE_MS = 10 * 60_000;
/** Several tabs may sign in at once. */
const MAX_PENDING = 5;

/** What the sign-in was begun with; passed through passport as its `state` option. */
export interface SignInStart {
  readonly appId: string;
  readonly redirectUri: string;
  readonly returnTo: string;
  readonly invitationId?: number;
}

type Stored = (error: Error | null, state?: string) => void;
type Verified = (
  error: Error | null,
  verifier: string | false,
  about?: PendingSignIn | { message: string },
) => void;

/**
 * The state store of passport-oauth2: each state is random, bound to the browser's session, good once
 * and for ten minutes, and keeps the PKCE verifier beside it.
 *
 * @param now real time in epoch ms: cookies live in it too.
 */
export class PendingSignIns {
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  // passport-oauth2 counts the parameters: five mean "with PKCE verifier, state and meta".
  store(request: Request, verifier: string, start: SignInStart, _meta: unknown, done: Stored): void {
    const state = randomBytes(32).toString('base64url');
    const others = this.#alive(request).slice(-(MAX_PENDING - 1));
    request.session.pendingSignIns = [...others, { ...start, state, verifier, startedAt: this.#now() }];
    done(null, state);
  }

  verify(request: Request, state: string, _meta: unknown, done: Verified): void {
    const pending = this.find(request, state);
    if (pending) {
      this.drop(request, pending);
      done(null, pending.verifier, pending);
    } else {
      done(null, false, { message: 'unknown state' });
    }
  }

  /** Ends a sign-in: its state is good no more. */
  drop(request: Request, pending: PendingSignIn): void {
    request.session.pendingSignIns = this.#alive(request).filter((one) => one.state !== pending.state);
  }

  /** The sign-in that a state belongs to, without using it up. */
  find(request: Request, state: unknown): PendingSignIn | undefined {
    return this.#alive(request).find((one) => one.state === state);
  }

  #alive(request: Request): PendingSignIn[] {
    const after = this.#now() - LIFE_MS;
    return (request.session.pendingSignIns ?? []).filter((one) => one.startedAt > after);
  }
}
