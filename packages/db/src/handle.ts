const MAX_BASE = 27;

/**
 * The handle that a display name suggests: Latin letters without their marks, lower case, digits,
 * everything else a `-`; `listener` when nothing is left.
 */
export function handleFrom(displayName: string): string {
  const plain = displayName
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_BASE)
    .replace(/^-+|-+$/g, '');
  return plain.length >= 2 ? plain : 'listener';
}

/** The first of `base`, `base-2`, `base-3` … that is not taken. */
export function freeHandle(base: string, taken: ReadonlySet<string>): string {
  if (!taken.has(base)) return base;
  let number = 2;
  while (taken.has(`${base}-${number}`)) number += 1;
  return `${base}-${number}`;
}
