import type { Clock } from '@spindle/service-kit';

/** Makes a value when it is asked for and gives it out again for `ms`; who asks meanwhile waits for the same. */
export function remembered<T>(
  clock: Pick<Clock, 'nowMs'>,
  ms: number,
  make: () => Promise<T>,
): () => Promise<T> {
  let made: { readonly value: Promise<T>; readonly until: number } | undefined;
  return () => {
    const nowMs = clock.nowMs();
    if (made && nowMs < made.until) return made.value;
    const own = { value: make(), until: nowMs + ms };
    made = own;
    // A failure is nobody's but of those who wait for it.
    own.value.catch(() => {
      if (made === own) made = undefined;
    });
    return own.value;
  };
}
