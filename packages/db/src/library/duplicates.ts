/** What tells two lines apart, or not. */
export interface ComparedLine {
  readonly position: number;
  /** The row that the listener counts its plays for. */
  readonly rootId: number;
  readonly isrc: string | null;
  /** Normalised. */
  readonly name: string;
  /** First artist, normalised. */
  readonly artist: string;
  readonly durationMs: number | null;
}

export const DUPLICATE_REASONS = ['same', 'isrc', 'alike'] as const;
export type DuplicateReason = (typeof DUPLICATE_REASONS)[number];

export interface DuplicateGroup {
  readonly why: DuplicateReason;
  /** Ascending. */
  readonly positions: readonly number[];
}

/** Lengths of one recording differ by that much between releases. */
const ALIKE_MS = 3_000;

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string | number | null): T[][] {
  const groups = new Map<string | number, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === null) continue;
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

/** Those of one name that are about as long as the first of them. */
function ofOneLength(lines: readonly ComparedLine[]): ComparedLine[][] {
  const sorted = lines
    .filter((line) => line.durationMs !== null)
    .sort((a, b) => (a.durationMs as number) - (b.durationMs as number));
  const groups: ComparedLine[][] = [];
  for (const line of sorted) {
    const group = groups.at(-1);
    const shortest = group?.[0]?.durationMs;
    if (group && typeof shortest === 'number' && (line.durationMs as number) - shortest <= ALIKE_MS) {
      group.push(line);
    } else groups.push([line]);
  }
  return groups;
}

/** Groups that grow together; each knows the weakest reason that holds it together. */
class Groups {
  readonly #members = new Map<number, { why: DuplicateReason; positions: number[] }>();

  join(lines: readonly ComparedLine[], why: DuplicateReason): void {
    const [first] = lines;
    if (!first) return;
    for (const line of lines.slice(1)) {
      const [one, other] = [this.#of(first.position), this.#of(line.position)];
      if (one === other) continue;
      one.positions.push(...other.positions);
      one.why = why;
      for (const position of other.positions) this.#members.set(position, one);
    }
  }

  all(): DuplicateGroup[] {
    return [...new Set(this.#members.values())].map(({ why, positions }) => ({
      why,
      positions: positions.sort((a, b) => a - b),
    }));
  }

  #of(position: number) {
    const group = this.#members.get(position) ?? { why: 'same' as const, positions: [position] };
    this.#members.set(position, group);
    return group;
  }
}

/**
 * Lines that are the same music, each in one group at most; groups by the strongest reasons first, then
 * by their first line. A group of several reasons goes by the weakest that it needs.
 */
export function duplicatesOf(lines: readonly ComparedLine[]): DuplicateGroup[] {
  const groups = new Groups();
  for (const group of groupBy(lines, (line) => line.rootId)) groups.join(group, 'same');
  for (const group of groupBy(lines, (line) => line.isrc)) groups.join(group, 'isrc');
  const named = groupBy(lines, (line) => (line.artist === '' ? null : `${line.name}\u0000${line.artist}`));
  for (const group of named.flatMap(ofOneLength)) groups.join(group, 'alike');
  const rank = (why: DuplicateReason): number => DUPLICATE_REASONS.indexOf(why);
  return groups
    .all()
    .filter((group) => group.positions.length > 1)
    .sort((a, b) => rank(a.why) - rank(b.why) || (a.positions[0] ?? 0) - (b.positions[0] ?? 0));
}
