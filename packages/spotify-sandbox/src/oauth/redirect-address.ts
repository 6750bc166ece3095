const LOOPBACK = new Set(['127.0.0.1', '[::1]']);

/** Whether Spotify would register this address: https, or http on a loopback literal; never `localhost`. */
export function mayBeRegistered(address: string): boolean {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url?.hash !== '') return false;
  if (url.hostname === 'localhost') return false;
  if (url.protocol === 'http:') return LOOPBACK.has(url.hostname);
  // Apps on phones register schemes of their own.
  return true;
}

/** Exact comparison; only a loopback address registered without a port admits every port. */
export function isRegistered(address: string, registered: readonly string[]): boolean {
  if (!mayBeRegistered(address)) return false;
  return registered.some((known) => {
    if (!mayBeRegistered(known)) return false;
    if (known === address) return true;
    const [a, b] = [new URL(known), new URL(address)];
    if (!LOOPBACK.has(a.hostname) || a.protocol !== 'http:' || a.port !== '' || b.port === '') return false;
    return known === address.replace(`${b.hostname}:${b.port}`, b.hostname);
  });
}
