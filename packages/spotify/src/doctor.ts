import type { Check } from '@spindle/contracts';
import type { SpotifyApp } from '@spindle/service-kit';
import type { AxiosInstance } from 'axios';
import { SpotifyRefusal } from './errors.ts';
import { send } from './http.ts';
import { createOAuth } from './oauth.ts';

export const CALLBACK_PATH = '/auth/callback';
/** More skew than this and Spotify's and our times contradict each other (tokens, `played_at`). */
const MOST_SKEW_MS = 60_000;

export interface DoctorOptions {
  readonly apps: readonly SpotifyApp[];
  readonly accountsUrl: string;
  readonly apiUrl: string;
  /** Origin in people's browsers. */
  readonly publicUrl: string;
  readonly http: AxiosInstance;
  readonly nowMs: () => number;
}

/**
 * Spotify's rules for redirect addresses (developer.spotify.com/documentation/web-api/concepts/redirect_uri):
 * https, or http on a loopback IP literal; `localhost` is refused.
 */
export function checkRedirectAddress(publicUrl: string): Check {
  const redirect = `${publicUrl}${CALLBACK_PATH}`;
  const { protocol, hostname } = new URL(publicUrl);
  const base = { id: 'redirect-address', title: 'Redirect address' };
  if (hostname === 'localhost') {
    return {
      ...base,
      status: 'fail',
      detail: `Spotify refuses "localhost" (${redirect}).`,
      fix: `Set PUBLIC_URL to ${publicUrl.replace('localhost', '127.0.0.1')} and register that address with ${CALLBACK_PATH} in the dashboard.`,
    };
  }
  const loopback = ['127.0.0.1', '[::1]'].includes(hostname);
  if (protocol !== 'https:' && !loopback) {
    return {
      ...base,
      status: 'fail',
      detail: `Spotify takes http only on 127.0.0.1 or [::1]; this is ${redirect}.`,
      fix: 'Put TLS in front and set PUBLIC_URL to the https address.',
    };
  }
  return {
    ...base,
    status: 'ok',
    detail: `The dashboard must hold exactly ${redirect} (case and slashes count).`,
  };
}

async function checkCredentials(app: SpotifyApp, options: DoctorOptions): Promise<Check> {
  const base = { id: `credentials-${app.id}`, title: `Client id and secret of "${app.id}"` };
  const oauth = createOAuth(options);
  if (!app.clientSecret) {
    return {
      ...base,
      status: 'warn',
      detail:
        'No secret is configured: people sign in by PKCE alone, and the id can only be tried by signing in.',
      fix: 'Set SPOTIFY_CLIENT_SECRET unless you left it out on purpose.',
    };
  }
  try {
    await oauth.clientCredentials(app);
    return { ...base, status: 'ok', detail: 'Spotify accepts them.' };
  } catch (error) {
    if (error instanceof SpotifyRefusal) {
      return {
        ...base,
        status: 'fail',
        detail: 'Spotify does not accept them.',
        fix: 'Copy the client id and secret from the app in https://developer.spotify.com/dashboard again.',
      };
    }
    return {
      ...base,
      status: 'warn',
      detail: `Could not be tried: ${error instanceof Error ? error.message : 'no answer'}.`,
      fix: `Check that ${options.accountsUrl} can be reached from this machine.`,
    };
  }
}

/** Compares our clock with the Date header of the API's answer to a call without a token. */
async function checkClock(options: DoctorOptions): Promise<Check> {
  const base = { id: 'clock', title: 'Clock' };
  try {
    const { headers } = await send(options.http, { method: 'GET', url: `${options.apiUrl}/v1/me` });
    const theirs = Date.parse(String(headers.date ?? ''));
    if (Number.isNaN(theirs))
      return { ...base, status: 'warn', detail: 'Spotify told no time to compare with.' };
    const skewS = Math.round((options.nowMs() - theirs) / 1000);
    return Math.abs(skewS) * 1000 > MOST_SKEW_MS
      ? {
          ...base,
          status: 'fail',
          detail: `This machine's clock is ${skewS} s off.`,
          fix: 'Switch on time synchronisation (NTP).',
        }
      : { ...base, status: 'ok', detail: `Within ${Math.max(1, Math.abs(skewS))} s of Spotify's.` };
  } catch {
    return {
      ...base,
      status: 'fail',
      detail: `${options.apiUrl} cannot be reached.`,
      fix: 'Check the network, a proxy or a firewall.',
    };
  }
}

/** What can be known of the set-up with Spotify without a listener. Calls the token endpoint once an app. */
export async function checkSpotifySetup(options: DoctorOptions): Promise<Check[]> {
  return [
    checkRedirectAddress(options.publicUrl),
    await checkClock(options),
    ...(await Promise.all(options.apps.map((app) => checkCredentials(app, options)))),
  ];
}

/** What Spotify's refusals of the listeners say about the set-up. */
export function checkRefusals(
  refusals: readonly { readonly code: string; readonly users: number }[],
): Check[] {
  const count = (code: string) => refusals.find((one) => one.code === code)?.users ?? 0;
  const notListed = count('not_allow_listed');
  return [
    count('owner_not_premium') > 0
      ? {
          id: 'premium',
          title: "Premium of the app's owner",
          status: 'fail',
          detail: 'Spotify refuses the whole app: its owner has no active Premium subscription.',
          fix: 'Renew Premium for the account that owns the app; Spotify answers again some hours later.',
        }
      : { id: 'premium', title: "Premium of the app's owner", status: 'ok', detail: 'No refusal was seen.' },
    notListed > 0
      ? {
          id: 'allow-list',
          title: 'Users of the app',
          status: 'fail',
          detail: `Spotify refuses ${notListed} ${notListed === 1 ? 'person' : 'people'} who are not on the app's list.`,
          fix: 'Add their names and Spotify e-mail addresses under User Management in the dashboard (five at most).',
        }
      : { id: 'allow-list', title: 'Users of the app', status: 'ok', detail: 'No refusal was seen.' },
  ];
}
