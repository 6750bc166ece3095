/** Things a person keeps (liked songs, albums, shows, followed artists): each once, with the time it was added. */
export class SavedItems {
  /** Newest first. */
  private entries: { id: string; addedAtMs: number }[];
  private readonly ids: Set<string>;

  /** @param seeded newest first */
  constructor(seeded: readonly { id: string; addedAtMs: number }[]) {
    this.entries = [...seeded];
    this.ids = new Set(seeded.map(({ id }) => id));
  }

  get size(): number {
    return this.entries.length;
  }

  has(id: string): boolean {
    return this.ids.has(id);
  }

  /** Adding what is there already changes nothing, not even its time. */
  add(id: string, addedAtMs: number): void {
    if (this.ids.has(id)) return;
    this.ids.add(id);
    let place = 0;
    while (place < this.entries.length && (this.entries[place]?.addedAtMs ?? 0) > addedAtMs) place += 1;
    this.entries.splice(place, 0, { id, addedAtMs });
  }

  remove(id: string): void {
    if (!this.ids.delete(id)) return;
    this.entries = this.entries.filter((entry) => entry.id !== id);
  }

  /** Newest first. */
  list(): readonly { id: string; addedAtMs: number }[] {
    return this.entries;
  }
}
