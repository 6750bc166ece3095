import type { SpotifyApp } from '@spindle/service-kit';
import { SCOPES, type Spotify, type SpotifyProfile, type TokenGrant } from '@spindle/spotify';
import type { Request } from 'express';
import OAuth2Strategy from 'passport-oauth2';
import type { PendingSignIn, PendingSignIns, SignInStart } from './pending-sign-ins.ts';

/** What a finished consent brings. */
export interface Consent {
  readonly appId: string;
  readonly tokens: TokenGrant;
  readonly profile: SpotifyProfile;
  readonly pending: PendingSignIn;
}

/** How passport is asked to authenticate by this strategy. */
export interface SpotifyAuthenticateOptions {
  readonly session: false;
  readonly callbackURL: string;
  readonly state?: SignInStart;
  /** Gets the address of the consent page instead of the browser being sent there. */
  readonly tellAddress?: (url: string) => void;
}

type TokensDone = (error: unknown, accessToken?: string, refreshToken?: string, grant?: TokenGrant) => void;
type Verified = (error: unknown, user?: object | false) => void;

/**
 * Sign-in with one Spotify app: the authorization code flow with state and PKCE (S256) of
 * passport-oauth2, in which the two calls to Spotify are made by our own client, so that they have its
 * time-outs and error classes and are counted by the governor.
 */
export class SpotifyStrategy extends OAuth2Strategy {
  // Passport runs a strategy through an object derived from it, which private names (#) do not survive.
  private readonly app: SpotifyApp;
  private readonly spotify: Spotify;

  constructor(options: { app: SpotifyApp; accountsUrl: string; spotify: Spotify; pending: PendingSignIns }) {
    const { app, accountsUrl, spotify } = options;
    super(
      {
        authorizationURL: `${accountsUrl}/authorize`,
        tokenURL: `${accountsUrl}/api/token`,
        clientID: app.clientId,
        clientSecret: app.clientSecret ?? '',
        scope: [...SCOPES],
        state: true,
        pkce: true,
        // Its types know only stores without PKCE.
        store: options.pending as unknown as OAuth2Strategy.StateStore,
      },
      (_access: string, _refresh: string, tokens: TokenGrant, profile: SpotifyProfile, done: Verified) => {
        done(null, { appId: app.id, tokens, profile });
      },
    );
    this.app = app;
    this.spotify = spotify;
    const exchange = (code: string, params: Record<string, string>, done: TokensDone): void => {
      this.exchange(code, params).then(
        (grant) => done(null, grant.accessToken, grant.refreshToken ?? '', grant),
        (error: unknown) => done(error),
      );
    };
    // Its types know neither the absence of an error nor our kinds of error.
    this._oauth2.getOAuthAccessToken = exchange as unknown as typeof this._oauth2.getOAuthAccessToken;
  }

  override authenticate(request: Request, options: SpotifyAuthenticateOptions): void {
    if (options.tellAddress) this.redirect = options.tellAddress;
    super.authenticate(request, options);
  }

  override userProfile(
    accessToken: string,
    done: (error?: unknown, profile?: SpotifyProfile | null) => void,
  ): void {
    this.spotify
      .withToken(this.app.id, accessToken, { lane: 'sign-in' })
      .me()
      .then(
        (profile) => done(null, profile),
        (error: unknown) => done(error),
      );
  }

  private async exchange(code: string, params: Record<string, string>): Promise<TokenGrant> {
    const { governor, oauth } = this.spotify;
    const grant = await governor.acquire({ appId: this.app.id, bucket: 'accounts', lane: 'sign-in' });
    try {
      const tokens = await oauth.exchangeCode(this.app, {
        code,
        redirectUri: params.redirect_uri ?? '',
        ...(params.code_verifier !== undefined && { codeVerifier: params.code_verifier }),
      });
      await governor.report(grant, {});
      return tokens;
    } catch (error) {
      throw await governor.report(grant, { error });
    }
  }
}
