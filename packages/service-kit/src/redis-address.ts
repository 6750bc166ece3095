import { z } from 'zod';

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/** What `REDIS_URL` names: one server, the nodes of a Cluster, or the Sentinels that know where the master is. */
export interface RedisAddress {
  readonly kind: 'single' | 'cluster' | 'sentinel';
  /** Servers; of a Cluster or Sentinels some are enough, which tell of the others. */
  readonly nodes: readonly RedisNode[];
  readonly tls: boolean;
  readonly username?: string;
  readonly password?: string;
  /** Database number; a Cluster has only 0. */
  readonly db: number;
  /** 4 or 6 when only one of the Internet protocols will do (`?family=6`). */
  readonly family?: number;
  /** What the Sentinels call the master. */
  readonly masterName?: string;
  readonly sentinelPassword?: string;
}

const FORM =
  /^(?<scheme>rediss?)(?:\+(?<kind>cluster|sentinel))?:\/\/(?:(?<user>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<hosts>[^/?#]+)(?:\/(?<path>[^/?#]*))?(?:\?(?<query>.*))?$/;
const DEFAULT_PORT = { single: 6379, cluster: 6379, sentinel: 26379 };

function readNode(text: string, kind: RedisAddress['kind']): RedisNode {
  const match = /^(?<host>\[[0-9a-f:.]+\]|[^:[\]]+)(?::(?<port>\d{1,5}))?$/i.exec(text.trim());
  const port = Number(match?.groups?.port ?? DEFAULT_PORT[kind]);
  if (!match?.groups?.host || port < 1 || port > 65_535)
    throw new RangeError('names a server that is no host:port');
  return { host: match.groups.host.replace(/^\[|\]$/g, ''), port };
}

/**
 * Reads `redis://…`, `redis+cluster://user:password@host:port,host:port` or
 * `redis+sentinel://user:password@host:port,host:port/master?sentinelPassword=…&db=0`; with `rediss` for TLS.
 *
 * @throws RangeError with a message that completes "REDIS_URL …" and has no part of the address in it.
 */
export function parseRedisAddress(text: string): RedisAddress {
  const groups = FORM.exec(text)?.groups;
  if (!groups)
    throw new RangeError(
      'is no address that starts with redis://, rediss://, redis+cluster:// or redis+sentinel://',
    );
  const kind = (groups.kind as 'cluster' | 'sentinel' | undefined) ?? 'single';
  const nodes = (groups.hosts ?? '').split(',').map((one) => readNode(one, kind));
  if (kind === 'single' && nodes.length > 1)
    throw new RangeError('names several servers: write redis+cluster:// or redis+sentinel://');
  const query = new URLSearchParams(groups.query ?? '');
  const path = decodeURIComponent(groups.path ?? '');
  const db = (kind === 'sentinel' ? query.get('db') : path) || '0';
  if (!/^\d{1,3}$/.test(db)) throw new RangeError('names a database that is no number');
  if (kind === 'cluster' && db !== '0')
    throw new RangeError('names a database, of which a Cluster has only 0');
  if (kind === 'sentinel' && path === '')
    throw new RangeError('lacks the name of the master: redis+sentinel://host:port/mymaster');
  const [username, password] = [groups.user, groups.password].map((one) => one && decodeURIComponent(one));
  const sentinelPassword = query.get('sentinelPassword');
  const family = Number(query.get('family') ?? 0);
  return {
    kind,
    nodes,
    tls: groups.scheme === 'rediss',
    db: Number(db),
    ...((family === 4 || family === 6) && { family }),
    ...(username && { username }),
    ...(password && { password }),
    ...(kind === 'sentinel' && { masterName: path }),
    ...(sentinelPassword && { sentinelPassword }),
  };
}

/** Reads the variable; the address stays as it was written. */
export const redisAddress: z.ZodType<string, string> = z.string().superRefine((value, context) => {
  try {
    parseRedisAddress(value);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
  }
});
