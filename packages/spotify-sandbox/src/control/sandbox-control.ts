import { ALLOW_LIST_SIZE, type DeveloperApp } from '../apps/developer-apps.ts';
import type { FaultRule } from '../faults/fault-rules.ts';
import type { CallFilter, LedgerCall } from '../ledger/call-ledger.ts';
import type { LedgerCommand } from '../ledger/command-ledger.ts';
import type { QuotaUse } from '../limits/daily-quota.ts';
import { scriptedDriver } from '../listening/script.ts';
import type { Consent } from '../oauth/authorization.ts';
import type { AppOptions } from '../options.ts';
import type { PersonOptions } from '../people/person-options.ts';
import type { World } from '../world.ts';
import { type GivenPlaylist, givePlaylist, like, needTrack, unlike } from './library-changes.ts';
import { type ScriptStep, timedIntents } from './script-steps.ts';

/** Somebody as the control API tells of them. */
export interface PersonSummary {
  id: string;
  accountId: string;
  displayName: string;
  email: string;
  country: string;
  timeZone: string;
  product: 'premium' | 'free';
  listening: 'model' | 'quiet';
  devices: { id: string; name: string; type: string; restricted: boolean }[];
}

export interface AppSummary {
  clientId: string;
  name: string;
  mode: 'development' | 'extended';
  developerId: string;
  redirectUris: string[];
  allowList: string[];
}

/** The hand behind the scenes: changes what the API cannot. Names nobody and nothing silently: unknown ids throw. */
export interface SandboxControl {
  people(): PersonSummary[];
  addPerson(options: PersonOptions): PersonSummary;
  setProduct(personId: string, product: 'premium' | 'free'): void;
  /**
   * From now on the person does exactly this. @throws Error when a step lies before what has already happened, or names
   * something that does not exist.
   */
  script(personId: string, steps: readonly ScriptStep[]): void;
  /** Any length, whatever the limit; answers its id. @throws Error for what is unknown. */
  givePlaylist(personId: string, playlist: GivenPlaylist): string;
  /** One after the other, so that the last stands on top; what is liked already stays. Default now. */
  like(personId: string, trackIds: readonly string[], atMs?: number): void;
  unlike(personId: string, trackIds: readonly string[]): void;
  /** Whether `is_playable` is told of it. */
  setUnplayable(trackId: string, unplayable: boolean): void;
  /** In Liked Songs and playlists its place is null from now on, and its own address is 404. */
  takeOff(trackId: string): void;
  putBack(trackId: string): void;
  apps(): AppSummary[];
  registerApp(options: AppOptions): AppSummary;
  /** @throws Error when the list would be longer than 5. */
  allow(clientId: string, personId: string): void;
  disallow(clientId: string, personId: string): void;
  setOwnerPremium(developerId: string, premium: boolean): void;
  consents(): Consent[];
  /** Ends every token of the person for the app (default: for all apps). */
  revokeConsent(personId: string, clientId?: string): void;
  addFault(rule: FaultRule): string;
  removeFault(id: string): boolean;
  clearFaults(): void;
  faults(): { id: string; rule: FaultRule; struck: number }[];
  calls(filter?: CallFilter): LedgerCall[];
  callCount(filter?: CallFilter): number;
  callCounts(filter?: CallFilter): {
    total: number;
    byBucket: Record<string, number>;
    byStatus: Record<string, number>;
  };
  /** The most calls in any stretch of this length (ms). */
  peakCalls(windowMs: number, filter?: CallFilter): number;
  clearCalls(): void;
  commands(personId?: string): LedgerCommand[];
  /** What the developer account has used in the last 24 hours; empty without a quota. */
  quota(developerId: string): QuotaUse[];
  clearQuota(developerId: string): void;
}

export function sandboxControl(world: World): SandboxControl {
  const app = (clientId: string): DeveloperApp => {
    const known = world.apps.find(clientId);
    if (!known) throw new Error(`there is no app ${clientId}`);
    return known;
  };
  const developer = (id: string) => {
    const known = world.apps.account(id);
    if (!known) throw new Error(`there is no developer account "${id}"`);
    return known;
  };
  return {
    people: () => world.people.ids().map((id) => summary(world, id)),
    addPerson: (options) => {
      world.people.add(options);
      return summary(world, options.id);
    },
    setProduct: (personId, product) => {
      world.upToNow(world.people.get(personId)).product = product;
    },
    script: (personId, steps) => script(world, personId, steps),
    givePlaylist: (personId, playlist) => givePlaylist(world, personId, playlist),
    like: (personId, trackIds, atMs) => like(world, personId, trackIds, atMs),
    unlike: (personId, trackIds) => unlike(world, personId, trackIds),
    setUnplayable: (trackId, unplayable) => {
      needTrack(world, trackId);
      world.stock.setPlayable(trackId, !unplayable);
    },
    takeOff: (trackId) => {
      needTrack(world, trackId);
      world.stock.takeOff(trackId);
    },
    putBack: (trackId) => {
      needTrack(world, trackId);
      world.stock.putBack(trackId);
    },
    apps: () => world.apps.list().map(appSummary),
    registerApp: (options) => appSummary(world.apps.register(options)),
    allow: (clientId, personId) => {
      const { allowList } = app(clientId);
      world.people.get(personId);
      if (!allowList.has(personId) && allowList.size >= ALLOW_LIST_SIZE) {
        throw new Error(`app ${clientId} has ${ALLOW_LIST_SIZE} people already`);
      }
      allowList.add(personId);
    },
    disallow: (clientId, personId) => {
      app(clientId).allowList.delete(personId);
    },
    setOwnerPremium: (developerId, premium) => {
      developer(developerId).premium = premium;
    },
    consents: () => world.authorization.consentsGiven(),
    revokeConsent: (personId, clientId) => {
      world.people.get(personId);
      const apps = clientId === undefined ? world.apps.list() : [app(clientId)];
      for (const each of apps) world.authorization.revoke(each.clientId, personId);
    },
    addFault: (rule) => world.faults.add(rule),
    removeFault: (id) => world.faults.remove(id),
    clearFaults: () => world.faults.clear(),
    faults: () => world.faults.list(),
    calls: (filter) => world.calls.find(filter),
    callCount: (filter) => world.calls.find(filter).length,
    callCounts: (filter) => world.calls.counts(filter),
    peakCalls: (windowMs, filter) => world.calls.peak(windowMs, filter),
    clearCalls: () => world.calls.clear(),
    commands: (personId) => world.commands.find(personId),
    quota: (developerId) => developer(developerId).quota?.use(world.clock.nowMs()) ?? [],
    clearQuota: (developerId) => {
      developer(developerId).quota?.clear();
      for (const each of world.apps.list()) {
        if (each.developer.id === developerId) each.rateWindow?.clear();
      }
    },
  };
}

function script(world: World, personId: string, steps: readonly ScriptStep[]): void {
  const person = world.people.get(personId);
  const intents = timedIntents(world, person, steps);
  const early = intents.find(({ atMs }) => atMs < person.player.timeMs);
  if (early) {
    throw new Error(
      `the script of "${personId}" begins at ${new Date(early.atMs).toISOString()}, before what has already happened (${new Date(person.player.timeMs).toISOString()})`,
    );
  }
  person.player.setDriver(scriptedDriver(intents));
}

function summary(world: World, id: string): PersonSummary {
  const person = world.people.get(id);
  return {
    id,
    accountId: person.accountId,
    displayName: person.displayName,
    email: person.email,
    country: person.country,
    timeZone: person.timeZone,
    product: person.product,
    listening: person.listening,
    devices: person.devices.map(({ id: deviceId, name, type, restricted }) => ({
      id: deviceId,
      name,
      type,
      restricted,
    })),
  };
}

function appSummary(app: DeveloperApp): AppSummary {
  return {
    clientId: app.clientId,
    name: app.name,
    mode: app.mode,
    developerId: app.developer.id,
    redirectUris: [...app.redirectUris],
    allowList: [...app.allowList],
  };
}
