import { GiveUp, RetryLater } from '@spindle/service-kit';

/** Spotify asks to wait: the 30-second window of an app is full. */
export class RateLimited extends RetryLater {
  constructor(options: { until: Date; cause?: unknown }) {
    super({ ...options, reason: 'Spotify: too many requests', waiting: 'Spotify asks us to slow down.' });
  }
}

/** The developer account has used up what Spotify gives it for a bucket of endpoints. */
export class QuotaExceeded extends RetryLater {
  readonly bucket: string;
  constructor(options: { until: Date; bucket: string; cause?: unknown }) {
    super({
      ...options,
      reason: `Spotify: quota of "${options.bucket}" exceeded`,
      waiting: "Spotify's daily quota for this app is used up.",
    });
    this.bucket = options.bucket;
  }
}

/** The access token is no longer good; a fresh one may be. */
export class TokenExpired extends Error {
  override readonly name = 'TokenExpired';
}

/** The consent has ended or was withdrawn: only the person can mend it, by signing in. */
export class ReauthRequired extends GiveUp {
  constructor(options: { description: string; cause?: unknown }) {
    super({
      code: 'reauth_needed',
      message: 'Spotify no longer accepts the consent. Sign in again to reconnect.',
      cause: options.cause ?? options.description,
    });
  }
}

/** Refusals that another call would not change; each says what to do. */
const REFUSALS = {
  not_allow_listed:
    'Spotify does not know this person as a user of the app. The operator adds them (name and Spotify e-mail) under User Management in the Spotify dashboard.',
  owner_not_premium:
    'The owner of the Spotify app has no active Premium subscription, so Spotify refuses the whole app. It answers again some hours after the subscription is active.',
  premium_required: 'Spotify lets only Premium accounts control playback.',
  missing_scope: 'The consent lacks a permission. Sign in again to grant it.',
  endpoint_gone: 'Spotify has removed this function for apps in development mode.',
  no_active_device: 'No Spotify device is active. Open Spotify on the device, play something, and try again.',
  restricted_device: 'Spotify does not allow this device to be controlled.',
  not_found: 'Spotify does not know this item.',
  forbidden: 'Spotify refuses this for this account.',
  bad_request: 'Spotify did not accept the request.',
  bad_client:
    'Spotify does not accept the client id and secret of the app. Check SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET.',
} as const;
export type RefusalCode = keyof typeof REFUSALS;

/** Spotify said no, and will go on saying so. */
export class SpotifyRefusal extends GiveUp {
  declare readonly code: RefusalCode;
  readonly status: number;
  constructor(code: RefusalCode, status: number, cause?: unknown) {
    super({ code, message: REFUSALS[code], cause });
    this.status = status;
  }
}

/** 5xx, a lost connection, a time-out: likely to heal. */
export class UpstreamFailure extends Error {
  override readonly name = 'UpstreamFailure';
  /** 0 when there was no answer at all. */
  readonly status: number;
  constructor(message: string, status: number, options: { cause?: unknown } = {}) {
    super(message, options);
    this.status = status;
  }
}

/** A success whose body is not what Spotify documents. */
export class BadResponse extends Error {
  override readonly name = 'BadResponse';
}
