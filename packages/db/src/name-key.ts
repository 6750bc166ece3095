/**
 * The key by which rows known by name alone are found again: Unicode NFKC, lower case, white space
 * collapsed. Accents stay: they tell names apart.
 */
export function nameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim().slice(0, 500);
}
