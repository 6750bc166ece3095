import { type SignInRefusal, type SpotifyAccount, saveConsent, signInUser, startCapture } from '@spindle/db';
import { type AppError, problems, type SpotifyApp, type TokenBox } from '@spindle/service-kit';
import type { SpotifyProfile } from '@spindle/spotify';
import type { Request, Response } from 'express';
import { type AuthenticateOptions, Passport } from 'passport';
import type { GatewayContext } from '../context.ts';
import type { LiveSockets } from '../live/socket.ts';
import { PendingSignIns, type SignInStart } from './pending-sign-ins.ts';
import {
  accountDisabled,
  beingErased,
  declined,
  invitationNeeded,
  invitationOver,
  refusedBySpotify,
  registrationClosed,
  toSignInProblem,
  unknownState,
} from './sign-in-problems.ts';
import { type Consent, type SpotifyAuthenticateOptions, SpotifyStrategy } from './spotify-strategy.ts';

/** The schedule takes over this long after a sign-in, should the first readings not have come through. */
const SCHEDULE_AFTER_MS = 60_000;

/** Nobody stays signed in for longer without consenting anew; Spotify's consents end about then, too. */
const LONGEST_SESSION_MS = 180 * 86_400_000;

export interface SignIn {
  /** The address of the consent page; the session remembers where to go on. */
  begin(request: Request, response: Response, start: SignInStart): Promise<string>;
  /**
   * Takes the answer of Spotify (`code` and `state`, or `error`) in the query or body of the request.
   *
   * @throws AppError that says what to do.
   */
  finish(request: Request, response: Response): Promise<Consent>;
  /** Stores the consent, signs the browser in under a new session id, and starts the first readings. */
  admit(request: Request, consent: Consent, requestId: string): Promise<number>;
  /** The app with this id, or the one that newcomers are sent to. @throws AppError 400 */
  appFor(id: string | undefined): SpotifyApp;
}

/** An account as the database knows it, from what `GET /v1/me` told. */
export function toAccount(profile: SpotifyProfile): SpotifyAccount {
  return {
    accountId: profile.account_id ?? null,
    spotifyId: profile.id,
    displayName: profile.display_name ?? null,
    imageUrl: profile.images?.[0]?.url ?? null,
  };
}

const REFUSALS: Readonly<Record<SignInRefusal, () => AppError>> = {
  'registration-closed': registrationClosed,
  'invitation-needed': invitationNeeded,
  'invitation-over': invitationOver,
  erasing: beingErased,
  disabled: accountDisabled,
};

/**
 * A new session under a new id: one that somebody planted before the sign-in must not be worth anything after
 * it, and pages that were open under the old one hear no more of whom it belonged to.
 */
export async function renewSession(
  request: Request,
  sockets: Pick<LiveSockets, 'endSession'>,
): Promise<void> {
  const before = request.sessionID;
  await new Promise<void>((resolve, reject) => {
    request.session.regenerate((error: unknown) => (error ? reject(error) : resolve()));
  });
  sockets.endSession(before);
}

export function save(request: Request): Promise<void> {
  return new Promise((resolve, reject) => {
    request.session.save((error: unknown) => (error ? reject(error) : resolve()));
  });
}

export function createSignIn(
  context: Pick<GatewayContext, 'config' | 'db' | 'clock' | 'producer' | 'spotify' | 'sockets' | 'logger'>,
  box: TokenBox,
): SignIn {
  const { config, db, clock, producer, spotify } = context;
  const { apps, accountsUrl } = config.spotify;
  const pendingSignIns = new PendingSignIns(() => Date.now());
  const passport = new Passport();
  for (const app of apps) {
    passport.use(app.id, new SpotifyStrategy({ app, accountsUrl, spotify, pending: pendingSignIns }));
  }

  /** passport as a promise: the consent, or nothing when the strategy refused. */
  function authenticate(
    request: Request,
    response: Response,
    appId: string,
    options: SpotifyAuthenticateOptions,
  ): Promise<Omit<Consent, 'pending'> | null> {
    return new Promise((resolve, reject) => {
      const done = (error: unknown, user?: object | false | null) => {
        if (error) reject(error);
        else resolve(user ? (user as Omit<Consent, 'pending'>) : null);
      };
      const run = passport.authenticate(appId, options as AuthenticateOptions, done) as (
        request: Request,
        response: Response,
        next: (error?: unknown) => void,
      ) => void;
      run(request, response, (error) => done(error));
    });
  }

  async function store(consent: Consent): Promise<number> {
    const now = clock.now();
    const outcome = await db.transaction(async (tx) => {
      const signedIn = await signInUser(
        tx,
        toAccount(consent.profile),
        now,
        consent.pending.invitationId ?? null,
      );
      if (!signedIn.ok) return signedIn;
      await saveConsent(tx, box, signedIn.userId, {
        appId: consent.appId,
        tokens: consent.tokens,
        authorizedAt: now,
      });
      await startCapture(tx, signedIn.userId, new Date(now.getTime() + SCHEDULE_AFTER_MS));
      return signedIn;
    });
    if (outcome.ok) return outcome.userId;
    throw REFUSALS[outcome.reason]();
  }

  return {
    appFor(id) {
      const app = id === undefined ? apps[0] : apps.find((one) => one.id === id);
      if (app) return app;
      throw problems.validation('There is no such Spotify app on this instance.', {
        errors: [{ path: 'query.app', message: 'must be one of the apps that /api/instance lists' }],
      });
    },

    async begin(request, response, start) {
      const address = await new Promise<string>((resolve, reject) => {
        authenticate(request, response, start.appId, {
          session: false,
          callbackURL: start.redirectUri,
          state: start,
          tellAddress: resolve,
        }).catch(reject);
      });
      await save(request);
      return address;
    },

    async finish(request, response) {
      const answer: Record<string, unknown> = { ...request.query, ...request.body };
      const pending = pendingSignIns.find(request, answer.state);
      if (!pending) throw unknownState();
      if (typeof answer.error === 'string') {
        pendingSignIns.drop(request, pending);
        throw answer.error === 'access_denied' ? declined() : refusedBySpotify(answer.error);
      }
      if (typeof answer.code !== 'string') throw unknownState();
      try {
        const consent = await authenticate(request, response, pending.appId, {
          session: false,
          callbackURL: pending.redirectUri,
        });
        if (!consent) throw unknownState();
        return { ...consent, pending };
      } catch (error) {
        throw toSignInProblem(error);
      } finally {
        // Used up even when Spotify refused: a code is good once.
        await save(request);
      }
    },

    async admit(request, consent, requestId) {
      const userId = await store(consent);
      await renewSession(request, context.sockets);
      request.session.userId = userId;
      request.session.until = Date.now() + LONGEST_SESSION_MS;
      await save(request);
      const options = { requestId, ownerId: userId };
      await producer.add('sync', 'history', { userId, reason: 'sign-in' }, options);
      await producer.add('sync', 'playback', { userId, reason: 'sign-in' }, options);
      await producer.add('sync', 'playlists', { userId }, options);
      context.logger.info({ requestId, userId, app: consent.appId }, 'signed in');
      return userId;
    },
  };
}
