import { lookup } from 'node:dns/promises';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * Listeners choose to which server their plays go, and it is the worker that calls it. Without a guard
 * they could have it call what only the worker can reach: databases beside it, the metadata service of
 * a cloud, a router (https://cheatsheetseries.owasp.org, "Server-Side Request Forgery Prevention").
 */

/** The server is none that may be called. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';

  constructor(host: string) {
    super(`${host} is not on the public internet`);
  }
}

/** All that IANA has given out for global unicast (RFC 4291 §2.4); the rest of IPv6 has no public hosts. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

/** Whether an IP address can belong to a host on the public internet. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  // Takes IPv4 addresses out of IPv6 ones (::ffff:10.0.0.1).
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || parsed.match(GLOBAL_IPV6);
}

export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}
/** All addresses of a host name. */
export type ResolveHost = (host: string) => Promise<readonly ResolvedAddress[]>;

const bySystem: ResolveHost = (host) => lookup(host, { all: true });

/**
 * A lookup for sockets which gives only checked addresses. The socket connects to what was checked, so a
 * name that resolves to something else a moment later gains nothing. One address that is not public
 * refuses the whole name.
 */
export function publicLookup(resolve: ResolveHost = bySystem): LookupFunction {
  return (host, options, done) => {
    resolve(host).then(
      (found) => {
        const family = typeof options.family === 'number' ? options.family : 0;
        const wanted = found.filter((one) => family === 0 || one.family === family);
        const [first] = wanted;
        if (!first || found.some((one) => !isPublicAddress(one.address)))
          done(new AddressRefused(host), '', 0);
        else if (options.all) done(null, [...wanted]);
        else done(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => done(error, '', 0),
    );
  };
}

/** How servers are connected to. */
export interface RelayConnections {
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpsAgent;
  /** Sockets look up names only, so an address that is written out is checked here. @throws AddressRefused */
  check(url: string): void;
}

export function relayConnections(options: {
  readonly allowPrivate: boolean;
  readonly resolve?: ResolveHost;
}): RelayConnections {
  if (options.allowPrivate)
    return { httpAgent: new HttpAgent(), httpsAgent: new HttpsAgent(), check: () => {} };
  const guarded = { lookup: publicLookup(options.resolve) };
  return {
    httpAgent: new HttpAgent(guarded),
    httpsAgent: new HttpsAgent(guarded),
    check(url) {
      // URL has turned 0x7f.1 and the like into what they mean.
      const host = new URL(url).hostname.replace(/^\[(.*)\]$/, '$1');
      if (isIP(host) !== 0 && !isPublicAddress(host)) throw new AddressRefused(host);
    },
  };
}
