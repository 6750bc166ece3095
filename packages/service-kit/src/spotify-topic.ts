import { z } from 'zod';
import { defineTopic, optionalVariable, variable } from './config.ts';
import { httpUrl, text, whole } from './variable-readers.ts';

/** One app of the operator's Spotify dashboard. */
export interface SpotifyApp {
  /** The operator's name for it; users are bound to it, so it must not change. */
  readonly id: string;
  readonly clientId: string;
  /** Absent: sign-in by PKCE only. */
  readonly clientSecret?: string;
  /** Apps of one developer account share one quota, and therefore one name here. */
  readonly account: string;
}

const clientId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'expected the client id that the Spotify dashboard shows');

const appList = z
  .array(
    z.strictObject({
      id: z.string().regex(/^[A-Za-z0-9_-]{1,40}$/, 'expected 1-40 letters, digits, - or _'),
      clientId,
      clientSecret: z.string().min(1).optional(),
      account: z
        .string()
        .regex(/^[A-Za-z0-9_-]{1,40}$/, 'expected 1-40 letters, digits, - or _')
        .default('default'),
    }),
  )
  .min(1, 'expected at least one app');

const readApps: z.ZodType<SpotifyApp[], string> = z.string().transform((value, context) => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    context.addIssue({ code: 'custom', message: 'expected a JSON array' });
    return z.NEVER;
  }
  const apps = appList.safeParse(parsed);
  if (!apps.success) {
    for (const issue of apps.error.issues) {
      context.addIssue({
        code: 'custom',
        message: `${issue.path.join('.') || 'the list'}: ${issue.message}`,
      });
    }
    return z.NEVER;
  }
  for (const key of ['id', 'clientId'] as const) {
    if (new Set(apps.data.map((app) => app[key])).size < apps.data.length) {
      context.addIssue({ code: 'custom', message: `two apps have the same ${key}` });
    }
  }
  return apps.data;
});

/** Spotify: which apps sign people in, and how much may be asked of it. */
export const spotify = defineTopic(
  'Spotify',
  {
    clientId: optionalVariable('SPOTIFY_CLIENT_ID', {
      doc: 'The client id of your app, from https://developer.spotify.com/dashboard.',
      read: clientId,
      example: '0123456789abcdef0123456789abcdef',
    }),
    clientSecret: optionalVariable('SPOTIFY_CLIENT_SECRET', {
      doc: 'The client secret of that app; without it, people sign in by PKCE alone.',
      read: text,
      secret: true,
    }),
    apps: optionalVariable('SPOTIFY_APPS', {
      doc: 'Several apps instead of one, as a JSON array of {id, clientId, clientSecret?, account?}; apps of one developer account carry the same account.',
      read: readApps,
      example: '[{"id":"first","clientId":"…","clientSecret":"…"}]',
      secret: true,
    }),
    mode: variable('SPOTIFY_MODE', {
      doc: 'development (5 users an app, small quotas) or extended (apps that Spotify approved).',
      read: z.enum(['development', 'extended'], 'expected development or extended'),
      fallback: 'development',
    }),
    dailyAllowance: variable('SPOTIFY_DAILY_ALLOWANCE', {
      doc: 'Calls that a developer account may make in any 24 hours (0: no limit of our own).',
      read: whole(0, 1_000_000_000),
      fallback: '800',
    }),
    windowLimit: variable('SPOTIFY_WINDOW_CALLS', {
      doc: 'Calls in 30 seconds that an app begins with. Spotify does not publish its limit; it is learned from there on.',
      read: whole(3, 1_000_000),
      fallback: '60',
    }),
    accountsUrl: variable('SPOTIFY_ACCOUNTS_URL', {
      doc: "Where people consent; changes only for a stand-in of Spotify's.",
      read: httpUrl,
      fallback: 'https://accounts.spotify.com',
    }),
    apiUrl: variable('SPOTIFY_API_URL', {
      doc: "Where the Web API is; changes only for a stand-in of Spotify's.",
      read: httpUrl,
      fallback: 'https://api.spotify.com',
    }),
    ownerRefreshToken: optionalVariable('MY_SPOTIFY_REFRESH_TOKEN', {
      doc: "A refresh token whose account is the instance's owner; without it the first admin is.",
      read: text,
      secret: true,
    }),
  },
  ({ clientId: id, clientSecret, apps, ...rest }, problem) => {
    if (id && apps) problem('SPOTIFY_APPS', 'and SPOTIFY_CLIENT_ID are both set. Keep one of them.');
    if (apps && clientSecret) {
      problem('SPOTIFY_CLIENT_SECRET', 'is set beside SPOTIFY_APPS. Put it into the entry of its app.');
    }
    if (!id && !apps) {
      problem(
        'SPOTIFY_CLIENT_ID',
        'is not set. Create an app at https://developer.spotify.com/dashboard and put its client id here.',
      );
    }
    const single: SpotifyApp[] = id
      ? [{ id: 'default', clientId: id, account: 'default', ...(clientSecret && { clientSecret }) }]
      : [];
    return { ...rest, apps: apps ?? single };
  },
);
