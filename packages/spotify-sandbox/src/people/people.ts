import { inhabitantName } from '../catalogue/invented-names.ts';
import { createPerson, type Person, type PersonSurroundings } from './person.ts';
import type { PersonOptions } from './person-options.ts';

/** So many people are brought to life at once when somebody's playlist is looked for; more are not worth it. */
const SMALL_TOWN = 60;

/** Everybody there is. A person is brought to life when first asked for, so a thousand of them cost nothing to name. */
export class People {
  private readonly known = new Map<string, PersonOptions>();
  private readonly alive = new Map<string, Person>();
  private readonly surroundings: Omit<PersonSurroundings, 'index'>;

  constructor(options: readonly PersonOptions[], surroundings: Omit<PersonSurroundings, 'index'>) {
    this.surroundings = surroundings;
    for (const person of options) this.add(person);
  }

  /** @throws Error when the id is taken or is no user name. */
  add(options: PersonOptions): void {
    if (!/^[A-Za-z0-9_.-]{1,60}$/.test(options.id)) throw new Error(`not a user name: "${options.id}"`);
    if (this.known.has(options.id)) throw new Error(`there is a person "${options.id}" already`);
    this.known.set(options.id, options);
  }

  ids(): string[] {
    return [...this.known.keys()];
  }

  find(id: string | null | undefined): Person | undefined {
    if (id === null || id === undefined) return undefined;
    const there = this.alive.get(id);
    if (there) return there;
    const options = this.known.get(id);
    if (!options) return undefined;
    const person = createPerson(options, { ...this.surroundings, index: this.ids().indexOf(id) });
    this.alive.set(id, person);
    return person;
  }

  /** @throws Error naming the id when there is nobody of that name. */
  get(id: string): Person {
    const person = this.find(id);
    if (!person) throw new Error(`there is nobody called "${id}"`);
    return person;
  }

  /** Brings everybody to life, unless they are too many. */
  wakeAll(): void {
    if (this.known.size <= SMALL_TOWN) for (const id of this.known.keys()) this.find(id);
  }

  awake(): Person[] {
    return [...this.alive.values()];
  }
}

/** Invented people. The first one listens around the clock, so that a newcomer sees something at once. */
export function inventPeople(count: number): PersonOptions[] {
  const taken = new Set<string>();
  return Array.from({ length: count }, (_, index): PersonOptions => {
    const slug = inhabitantName(index)
      .full.normalize('NFKD')
      .replace(/[^A-Za-z -]/g, '')
      .toLowerCase()
      .replace(/[ -]+/g, '-');
    const id = taken.has(slug) ? `${slug}-${index}` : slug;
    taken.add(id);
    return index === 0
      ? {
          id,
          product: 'premium',
          profile: { alwaysListening: true, privateSessionRate: 0, tracksPerDay: 300 },
        }
      : { id };
  });
}
