import { DeveloperApps } from './apps/developer-apps.ts';
import { buildCatalogue, type Catalogue } from './catalogue/catalogue.ts';
import { type CatalogueSearch, catalogueSearch } from './catalogue/search.ts';
import { Stock } from './catalogue/stock.ts';
import type { SandboxClock } from './clock.ts';
import { FaultRules } from './faults/fault-rules.ts';
import { WireObjects } from './http/wire/wire-objects.ts';
import { CallLedger } from './ledger/call-ledger.ts';
import { CommandLedger } from './ledger/command-ledger.ts';
import { Playlists } from './library/playlists.ts';
import { Authorization } from './oauth/authorization.ts';
import { mayBeRegistered } from './oauth/redirect-address.ts';
import type { AppMode, SandboxSettings } from './options.ts';
import { inventPeople, People } from './people/people.ts';
import type { Person } from './people/person.ts';

/** The whole state of a sandbox. */
export interface World {
  settings: SandboxSettings;
  clock: SandboxClock;
  catalogue: Catalogue;
  stock: Stock;
  search: CatalogueSearch;
  people: People;
  playlists: Playlists;
  apps: DeveloperApps;
  authorization: Authorization;
  faults: FaultRules;
  calls: CallLedger;
  commands: CommandLedger;
  /** Address that answers name themselves by, without a slash at the end; known once the server listens. */
  origin(): string;
  wire(mode: AppMode): WireObjects;
  /** The person with their player brought up to now. */
  upToNow(person: Person): Person;
}

/** @throws Error when an app's redirect address is one that Spotify would not register. */
export function createWorld(settings: SandboxSettings, origin: () => string): World {
  const { seed, clock } = settings;
  const catalogue = buildCatalogue(seed, settings.catalogue);
  const stock = new Stock();
  const playlists = new Playlists(seed);
  const listed = Array.isArray(settings.people) ? settings.people : inventPeople(settings.people);
  const people = new People(listed, {
    seed,
    catalogue,
    playlists,
    startMs: clock.nowMs(),
    historyDays: settings.historyDays,
    recentlyPlayed: settings.recentlyPlayed,
    deviceSleepMs: settings.deviceSleepMs,
  });
  const apps = new DeveloperApps({
    mode: settings.mode,
    rateLimit: settings.rateLimit,
    quota: settings.quota,
    allowList: people.ids(),
  });
  for (const app of settings.apps) {
    const refused = app.redirectUris?.find((address) => !mayBeRegistered(address));
    if (refused !== undefined) {
      throw new Error(
        `app ${app.clientId}: Spotify refuses the redirect address ${refused} (https, or http on 127.0.0.1 or [::1])`,
      );
    }
    apps.register(app);
  }
  let search: CatalogueSearch | null = null;
  const wires = new Map<AppMode, WireObjects>();
  return {
    settings,
    clock,
    catalogue,
    stock,
    // Made when first used: most sandboxes are never searched.
    get search() {
      search ??= catalogueSearch(catalogue);
      return search;
    },
    people,
    playlists,
    apps,
    authorization: new Authorization(seed, clock, settings),
    faults: new FaultRules(seed),
    calls: new CallLedger(),
    commands: new CommandLedger(),
    origin,
    wire: (mode) => {
      let wire = wires.get(mode);
      if (!wire) {
        wire = new WireObjects(origin(), mode, stock);
        wires.set(mode, wire);
      }
      return wire;
    },
    upToNow: (person) => {
      person.player.advanceTo(clock.nowMs());
      return person;
    },
  };
}
