import { z } from 'zod';
import { parseClockScale } from './clock.ts';
import { defineTopic, optionalVariable, type Topic, variable } from './config.ts';
import { redisAddress } from './redis-address.ts';
import { readServiceClients, readSigningSecrets, readTokenKeys } from './secret-lists.ts';
import {
  cidr,
  flag,
  headerList,
  httpOrigin,
  httpUrl,
  list,
  logLevel,
  port,
  share,
  text,
  urlOf,
  whole,
} from './variable-readers.ts';

type TopicConfig<T> = T extends Topic<infer C> ? Readonly<C> : never;

/** What every process reads. */
export const base = defineTopic('General', {
  environment: variable('NODE_ENV', {
    doc: 'development, test or production; development prints readable logs to a terminal.',
    read: z.enum(['development', 'test', 'production'], 'expected development, test or production'),
    fallback: 'production',
  }),
  logLevel: variable('LOG_LEVEL', {
    doc: 'The least severe messages that are logged: trace, debug, info, warn, error, fatal or silent.',
    read: logLevel,
    fallback: 'info',
  }),
  clockScale: optionalVariable('CLOCK', {
    doc: 'For simulations only: a clock of its own speed, as <simEpochMs>@<wallOriginMs>x<speed>.',
    read: z.string().transform((value, context) => {
      try {
        return parseClockScale(value);
      } catch (error) {
        context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
        return z.NEVER;
      }
    }),
    example: '1767225600000@1767225600000x60',
  }),
});

export const opsHost = variable('OPS_HOST', {
  doc: 'The address that port listens on; keep it off the public network.',
  read: text,
  fallback: '127.0.0.1',
});

/** Health and metrics of the processes that answer no other HTTP. */
export const ops = defineTopic('Health and metrics', {
  port: variable('OPS_PORT', {
    doc: 'The port of /healthz, /readyz and /metrics; 0 picks a free one. The gateway, which has them on its own port too, opens it only when it is told to.',
    read: port,
    fallback: '9464',
  }),
  host: opsHost,
});

/** What the instance's own figures tell of single listeners. */
export const figures = defineTopic('Figures', {
  listeners: variable('METRICS_LISTENERS', {
    doc: 'For how many listeners, the longest known first, /metrics has figures of their own (id, lag, days of consent left); of the others it tells in sums. 0: of none.',
    read: whole(0, 10_000),
    fallback: '100',
  }),
});

/** OpenTelemetry's own variables; without an endpoint there are no traces. */
export const tracing = defineTopic('Traces', {
  endpoint: optionalVariable('OTEL_EXPORTER_OTLP_ENDPOINT', {
    doc: 'Where traces go, by OTLP over HTTP: the address of a collector, Jaeger or Tempo. Without it nothing is traced.',
    read: httpUrl,
    example: 'http://localhost:4318',
  }),
  headers: variable('OTEL_EXPORTER_OTLP_HEADERS', {
    doc: 'Headers that the collector wants, as name=value, comma-separated.',
    read: headerList,
    fallback: ',',
    example: 'authorization=Basic%20…',
    secret: true,
  }),
  ratio: variable('OTEL_TRACES_SAMPLER_ARG', {
    doc: 'Which part of the requests and jobs is traced, from 0 to 1.',
    read: share,
    fallback: '1',
  }),
});
export type TracingConfig = TopicConfig<typeof tracing>;

/** Where the operator is told what goes wrong, and from when on it does. */
export const alerts = defineTopic('Alerts', {
  webhookUrl: optionalVariable('ALERT_WEBHOOK_URL', {
    doc: 'Where alerts are posted to as JSON; Discord and Slack understand it too.',
    read: httpUrl,
    example: 'https://discord.com/api/webhooks/…',
    secret: true,
  }),
  ntfyUrl: optionalVariable('ALERT_NTFY_URL', {
    doc: 'An ntfy topic that alerts are published to.',
    read: httpUrl,
    example: 'https://ntfy.sh/a-topic-of-your-own',
    secret: true,
  }),
  ntfyToken: optionalVariable('ALERT_NTFY_TOKEN', {
    doc: 'The access token of that topic, if it wants one.',
    read: text,
    example: 'tk_…',
    secret: true,
  }),
  queueMinutes: variable('ALERT_QUEUE_MINUTES', {
    doc: 'Alert when a job that could run has waited for so many minutes.',
    read: whole(1, 10_000),
    fallback: '15',
  }),
  failedJobs: variable('ALERT_FAILED_JOBS', {
    doc: 'Alert when so many jobs of a queue failed for good within an hour.',
    read: whole(1, 1_000),
    fallback: '10',
  }),
  lockoutMinutes: variable('ALERT_LOCKOUT_MINUTES', {
    doc: 'Alert when Spotify shuts a developer account out for longer than so many minutes.',
    read: whole(1, 10_000),
    fallback: '30',
  }),
  captureMinutes: variable('ALERT_CAPTURE_MINUTES', {
    doc: 'Alert when the reading of somebody is so many minutes late and nobody took it up, or when a tenth of all listeners are.',
    read: whole(1, 10_000),
    fallback: '30',
  }),
});
export type AlertsConfig = TopicConfig<typeof alerts>;

export const database = defineTopic('PostgreSQL', {
  url: variable('DATABASE_URL', {
    doc: 'Where PostgreSQL is, with user, password and database. Add ?pgbouncer=true when it is a PgBouncer in transaction mode.',
    read: urlOf('postgres:', 'postgresql:'),
    example: 'postgres://spindle:password@localhost:5432/spindle',
    secret: true,
  }),
  directUrl: optionalVariable('DATABASE_DIRECT_URL', {
    doc: 'Where PostgreSQL itself is, when DATABASE_URL is a pooler: migrations, backups and restores go there.',
    read: urlOf('postgres:', 'postgresql:'),
    secret: true,
  }),
  poolSize: variable('DATABASE_POOL_SIZE', {
    doc: 'How many connections this process may hold at once.',
    read: whole(1, 500),
    fallback: '10',
  }),
});

/** For the gateway: where statistics may be read besides. */
export const replica = defineTopic('Read replica', {
  url: optionalVariable('DATABASE_REPLICA_URL', {
    doc: 'A streaming standby that statistics are read from while it knows what the primary knows; without it, or while it is away or behind, they are read at the primary.',
    read: urlOf('postgres:', 'postgresql:'),
    secret: true,
  }),
});

export const redis = defineTopic('Redis', {
  url: variable('REDIS_URL', {
    doc: 'Where Redis (6.2 or newer, with maxmemory-policy noeviction) is: redis://host:port/db, with rediss for TLS; redis+cluster://host:port,host:port for a Cluster; redis+sentinel://host:port,host:port/master for the master that Sentinels know (?sentinelPassword=… and &db=… as need be). User and password stand before the @.',
    read: redisAddress,
    example: 'redis://localhost:6379',
    secret: true,
  }),
  prefix: variable('QUEUE_PREFIX', {
    doc: 'What the keys of the queues start with; the braces keep them in one slot of a Redis Cluster.',
    read: z.string().regex(/^\{[A-Za-z0-9_-]{1,40}\}$/, 'expected a word in braces'),
    fallback: '{spindle}',
  }),
});

export const sessionSecrets = variable('SESSION_SECRET', {
  doc: 'Signs the session cookies; at least 32 random characters, or several such secrets, comma-separated: the first signs, the others are still accepted. Print one with: openssl rand -base64 32',
  read: readSigningSecrets,
  secret: true,
});

export const tokenKeys = variable('TOKEN_KEYS', {
  doc: 'Encrypts the Spotify tokens at rest, as id:base64 of 32 bytes, comma-separated; the first encrypts, the others still decrypt. Print the base64 with: openssl rand -base64 32',
  read: readTokenKeys,
  example: 'k1:<base64 of 32 bytes>',
  secret: true,
});

/** For processes that only read and write Spotify tokens. */
export const vault = defineTopic('Encryption', { tokenKeys });

/** For the gateway: everything that proves who somebody is. */
export const secrets = defineTopic('Secrets', {
  sessionSecrets,
  tokenKeys,
  jwtSecrets: variable('JWT_SECRET', {
    doc: 'Signs the tokens of POST /token; at least 32 random characters, or several such secrets, comma-separated: the first signs, the others are still accepted.',
    read: readSigningSecrets,
    secret: true,
  }),
  cronSecret: optionalVariable('CRON_SECRET', {
    doc: 'What a scheduler outside presents to the cron endpoints; without it they are closed.',
    read: z.string().min(16, 'must have at least 16 characters'),
    secret: true,
  }),
  adminPasswordHash: optionalVariable('ADMIN_PASSWORD_HASH', {
    doc: "The bcrypt hash of the operator's password for POST /token; without it that grant is closed.",
    read: z.string().regex(/^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/, 'expected a bcrypt hash'),
    secret: true,
  }),
  serviceClients: variable('SERVICE_CLIENTS', {
    doc: 'Programs that may ask POST /token for a token, as id:bcrypt-hash, comma-separated.',
    read: readServiceClients,
    fallback: ',',
    example: 'backup:$2b$12$…',
    secret: true,
  }),
});

const publicUrl = variable('PUBLIC_URL', {
  doc: "The address in people's browsers, without a path; it makes the redirect address that Spotify must know.",
  read: httpOrigin,
  example: 'https://spindle.example.org',
});

/** For the process that answers HTTP. */
export const web = defineTopic('HTTP', {
  port: variable('PORT', {
    doc: 'The port the gateway listens on; 0 picks a free one.',
    read: port,
    fallback: '4680',
  }),
  host: variable('HOST', { doc: 'The address the gateway listens on.', read: text, fallback: '127.0.0.1' }),
  publicUrl,
  webDist: optionalVariable('WEB_DIST', {
    doc: 'The folder of the built web app, when the gateway serves it itself.',
    read: text,
    example: 'services/web/dist',
  }),
  corsOrigins: variable('CORS_ORIGINS', {
    doc: 'Other origins whose pages may call the API with a session, comma-separated.',
    read: list(httpOrigin),
    fallback: ',',
    example: 'https://app.example.org',
  }),
  trustProxy: variable('TRUST_PROXY', {
    doc: 'How many proxies stand before the gateway and may say who called (0: none).',
    read: whole(0, 10),
    fallback: '0',
  }),
});

/** Ways for an operator without a listener's account to sign in; none is on by default. */
export const operators = defineTopic(
  'Operators',
  {
    proxyHeader: optionalVariable('ADMIN_PROXY_HEADER', {
      doc: 'The header in which a proxy that signs people in (Authelia, authentik, oauth2-proxy) names who it let through. That proxy must drop the header from what visitors send.',
      read: z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,60}$/, 'expected the name of a header'),
      example: 'Remote-User',
    }),
    proxyTrusted: variable('ADMIN_PROXY_TRUSTED', {
      doc: 'Addresses and networks of the proxies whose word that header is, comma-separated. With TRUST_PROXY above 1, every proxy in front must be among them.',
      read: list(cidr),
      fallback: ',',
      example: '10.0.0.5,172.16.0.0/12',
    }),
    proxyUsers: variable('ADMIN_PROXY_USERS', {
      doc: 'Who of those that the proxy names is an operator, comma-separated.',
      read: list(text),
      fallback: ',',
      example: 'ann,bob',
    }),
    oidcIssuer: optionalVariable('OIDC_ISSUER', {
      doc: 'The OpenID Connect provider with which operators sign in.',
      read: urlOf('https:', 'http:'),
      example: 'https://auth.example.org',
    }),
    oidcClientId: optionalVariable('OIDC_CLIENT_ID', {
      doc: 'The client id of Spindle at that provider; its redirect address is PUBLIC_URL/auth/operator/callback.',
      read: text,
    }),
    oidcClientSecret: optionalVariable('OIDC_CLIENT_SECRET', {
      doc: 'The client secret of Spindle at that provider; without it, PKCE alone.',
      read: text,
      secret: true,
    }),
    oidcAdmins: variable('OIDC_ADMINS', {
      doc: 'Who may sign in as an operator, comma-separated: verified e-mail addresses, group:<name> or sub:<subject>.',
      read: list(
        z
          .string()
          .regex(
            /^(group:.+|sub:.+|[^@\s]+@[^@\s]+)$/,
            'expected e-mail addresses, group:<name> or sub:<subject>',
          ),
      ),
      fallback: ',',
      example: 'ann@example.org,group:spindle-admins',
    }),
    oidcScope: variable('OIDC_SCOPE', {
      doc: 'What the provider is asked for; some need a scope of its own for groups.',
      read: z.string().regex(/^openid( [!-~]+)*$/, 'expected scopes that begin with openid'),
      fallback: 'openid email profile',
    }),
    oidcGroupsClaim: variable('OIDC_GROUPS_CLAIM', {
      doc: 'The claim that holds the groups of somebody.',
      read: text,
      fallback: 'groups',
    }),
    oidcName: variable('OIDC_NAME', {
      doc: 'What the provider is called on the button.',
      read: z.string().max(40, 'at most 40 characters'),
      fallback: 'single sign-on',
    }),
  },
  (values, problem) => {
    const { proxyHeader, proxyTrusted, proxyUsers, oidcIssuer, oidcClientId, oidcAdmins } = values;
    if (proxyHeader !== undefined) {
      if (proxyTrusted.length === 0) problem('ADMIN_PROXY_TRUSTED', 'is not set: nobody would be believed.');
      if (proxyUsers.length === 0) problem('ADMIN_PROXY_USERS', 'is not set: nobody would be an operator.');
    }
    if (oidcIssuer !== undefined) {
      if (oidcClientId === undefined) problem('OIDC_CLIENT_ID', 'is not set beside OIDC_ISSUER.');
      if (oidcAdmins.length === 0) problem('OIDC_ADMINS', 'is not set: nobody would be an operator.');
    }
    return {
      proxy:
        proxyHeader === undefined
          ? undefined
          : { header: proxyHeader.toLowerCase(), trusted: proxyTrusted, users: proxyUsers },
      oidc:
        oidcIssuer === undefined || oidcClientId === undefined
          ? undefined
          : {
              issuer: oidcIssuer,
              clientId: oidcClientId,
              clientSecret: values.oidcClientSecret,
              admins: oidcAdmins,
              scope: values.oidcScope,
              groupsClaim: values.oidcGroupsClaim,
              name: values.oidcName,
            },
    };
  },
);

/** For processes whose messages lead to pages. */
export const links = defineTopic('Links', { publicUrl });

/** For the process that passes plays on, and sends notices, to servers that listeners name. */
export const relay = defineTopic('Passing plays on', {
  allowPrivate: variable('RELAY_ALLOW_PRIVATE', {
    doc: 'Whether plays and notices may be sent to servers in private networks, such as a Maloja or ntfy beside Spindle. Keep it false where listeners are not trusted with what those networks hold.',
    read: flag,
    fallback: 'false',
  }),
});

export { spotify } from './spotify-topic.ts';
