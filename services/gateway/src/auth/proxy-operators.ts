import { BlockList, isIPv6 } from 'node:net';
import type { Request } from 'express';
import type { Config } from '../config.ts';

/** The operator whom a proxy names in the header of a request; null: none, or nobody who may. */
export type ProxyOperators = (request: Request) => string | null;

function listOf(networks: readonly string[]): BlockList {
  const all = new BlockList();
  for (const one of networks) {
    const [address = '', bits] = one.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (bits === undefined) all.addAddress(address, family);
    else all.addSubnet(address, Number(bits), family);
  }
  return all;
}

/** IPv4 in the clothes of IPv6, as sockets that listen on both show it. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

/**
 * The proxies through which a request came, the nearest first, as far as they are known: the one that has
 * the connection, and those before it that `TRUST_PROXY` counts. Null when one of them did not say whom it
 * had it from.
 */
function proxiesOf(request: Request, trustProxy: number): readonly string[] | null {
  const way = [request.socket.remoteAddress ?? '', ...[...request.ips].reverse()];
  const wanted = Math.max(1, trustProxy);
  return way.length < wanted ? null : way.slice(0, wanted).map(plain);
}

/**
 * Reads the header of a proxy that signs people in. It is believed only when everything that stands between
 * the visitor and us is such a proxy: whoever could reach one of the later ones could say anything. A header
 * from elsewhere counts as not sent, and is written down.
 */
export function createProxyOperators(
  proxy: Config['operators']['proxy'],
  trustProxy: number,
): ProxyOperators {
  if (proxy === undefined) return () => null;
  const trusted = listOf(proxy.trusted);
  const isTrusted = (address: string) => trusted.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  return (request) => {
    const named = request.headers[proxy.header];
    if (named === undefined) return null;
    const proxies = proxiesOf(request, trustProxy);
    if (!proxies?.every(isTrusted)) {
      request.log.warn(
        { header: proxy.header, from: proxies ?? request.socket.remoteAddress },
        'a header that names an operator came from no trusted proxy, and was ignored',
      );
      return null;
    }
    // Sent twice, as when it was not dropped on the way in, it is two names in one, and nobody's.
    if (typeof named !== 'string' || !proxy.users.includes(named)) return null;
    return `proxy: ${named}`;
  };
}
