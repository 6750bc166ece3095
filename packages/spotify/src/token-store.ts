/** What Spotify answered at a code exchange or a refresh. */
export interface TokenGrant {
  readonly accessToken: string;
  /** Seconds. */
  readonly expiresInS: number;
  /** Null when Spotify keeps the old one in force. */
  readonly refreshToken: string | null;
  readonly scope: string;
}

export interface AccessToken {
  readonly appId: string;
  readonly accessToken: string;
  readonly expiresAt: Date;
}

/** Where tokens are kept; implemented by packages/db. */
export interface TokenStore {
  /**
   * The access token in force, whether or not it has expired.
   * @throws GiveUp `reauth_needed` when the user has no usable consent.
   */
  current(userId: number): Promise<AccessToken>;
  /**
   * Puts a fresh token in place of `stale`. The store holds the user's lock while `exchange` runs, so
   * that all processes together refresh once; when another was faster, its token is answered and
   * `exchange` is not called. A new refresh token is stored, none keeps the old one. When `exchange`
   * throws ReauthRequired the store notes the refusal, and once it is confirmed the need to sign in.
   */
  refresh(
    userId: number,
    stale: string,
    exchange: (refreshToken: string, appId: string) => Promise<TokenGrant>,
  ): Promise<AccessToken>;
  /** Spotify refused this user for good reasons of its own (allow-list, Premium of the owner, scope). */
  noteRefusal(userId: number, code: string): Promise<void>;
}
