import type { Playable } from '../catalogue/items.ts';
import { randomFor, type SeededRandom } from '../seeded-random.ts';
import { type Habits, type Session, sessionsOfDay } from './day-plan.ts';
import type { Device } from './device.ts';
import type { Driver, Intent } from './intent.ts';
import { localDays } from './local-days.ts';
import { chooseSelection, type OwnMusic, type Taste } from './taste.ts';

const MINUTE_MS = 60_000;

/** How somebody listens. Rates are chances per track (private session, podcast: per stretch). */
export interface ListeningProfile extends Habits {
  skipRate: number;
  pauseRate: number;
  repeatRate: number;
  privateSessionRate: number;
  podcastRate: number;
  shuffleRate: number;
}

export interface ListeningModelSettings {
  seed: string;
  personId: string;
  profile: ListeningProfile;
  taste: Taste;
  own: OwnMusic;
  devices: readonly Device[];
  startMs: number;
}

interface Planned {
  atMs: number;
  make(): Intent;
}

/**
 * A person with habits. Each day is planned from the seed, the person and the date alone; what happens within a session
 * is drawn from streams named by its start, so the same evening comes out the same however one gets there.
 */
export function listeningModel(settings: ListeningModelSettings): Driver {
  const { seed, personId, profile, devices } = settings;
  const days = localDays(profile.timeZone);
  let day = days.dayOf(settings.startMs);
  let sessions: Session[] = sessionsFrom(settings.startMs);
  /** Of the running session, soonest first. */
  const planned: Planned[] = [];
  /** Of the item that sounds now. */
  let fate: Planned[] = [];
  let repeatingUntilMs = 0;

  function sessionsFrom(fromMs: number): Session[] {
    return sessionsOfDay(seed, personId, day, profile, days).filter((session) => session.startMs >= fromMs);
  }

  function nextSession(): Session {
    for (;;) {
      const session = sessions[0];
      if (session) return session;
      day += 1;
      sessions = sessionsFrom(settings.startMs);
      if (profile.tracksPerDay <= 0 && !profile.alwaysListening) {
        return { startMs: Number.POSITIVE_INFINITY, endMs: Number.POSITIVE_INFINITY };
      }
    }
  }

  function plan(entry: Planned): void {
    planned.push(entry);
    planned.sort((a, b) => a.atMs - b.atMs);
  }

  function beginSession(session: Session): void {
    planned.length = 0;
    fate = [];
    const random = randomFor(seed, 'session', personId, session.startMs);
    const device =
      devices.length > 0 && random.chance(0.75) ? devices[0] : devices.at(random.int(0, devices.length - 1));
    const privateSession = random.chance(profile.privateSessionRate);
    let at = session.startMs;
    while (at < session.endMs) {
      const start = at;
      plan({ atMs: start, make: () => startPlaying(start, device, privateSession) });
      at += Math.round(random.logNormal(38 * MINUTE_MS, 0.6));
    }
    if (devices.length > 1 && random.chance(0.06)) {
      const other = devices.find((candidate) => candidate !== device);
      const moveAt = Math.round(random.between(session.startMs, session.endMs));
      if (other) plan({ atMs: moveAt, make: () => ({ kind: 'transfer', deviceId: other.id }) });
    }
    plan({ atMs: session.endMs, make: () => ({ kind: 'stop' }) });
  }

  function startPlaying(atMs: number, device: Device | undefined, privateSession: boolean): Intent {
    const random = randomFor(seed, 'stretch', personId, atMs);
    const { context, items } = chooseSelection(random, settings.taste, settings.own, profile.podcastRate);
    const shuffle =
      context?.kind !== 'album' && context?.kind !== 'show' && random.chance(profile.shuffleRate);
    const offset = context?.kind === 'album' && random.chance(0.7) ? 0 : random.int(0, items.length - 1);
    return {
      kind: 'play',
      context,
      items,
      offset,
      shuffle,
      repeat: random.chance(0.1) ? 'context' : 'off',
      privateSession,
      autoplay: context?.kind !== 'show',
      ...(device && { deviceId: device.id }),
    };
  }

  const soonest = (): Planned | undefined => {
    const [inFate, inPlan] = [fate[0], planned[0]];
    if (!inFate || !inPlan) return inFate ?? inPlan;
    return inFate.atMs < inPlan.atMs ? inFate : inPlan;
  };

  return {
    dueMs: () => Math.min(soonest()?.atMs ?? Number.POSITIVE_INFINITY, nextSession().startMs),
    take: () => {
      const session = nextSession();
      if ((soonest()?.atMs ?? Number.POSITIVE_INFINITY) >= session.startMs) {
        sessions.shift();
        beginSession(session);
      }
      const entry = soonest();
      if (!entry) throw new Error(`listeningModel: nothing is due for ${personId}`);
      if (entry === fate[0]) fate.shift();
      else planned.shift();
      return entry.make();
    },
    itemBegan: (item, atMs) => {
      fate = [];
      if (atMs < repeatingUntilMs) return;
      const random = randomFor(seed, 'fate', personId, atMs);
      fate = drawFate(random, profile, item, atMs);
      if (fate.length === 0 && item.kind === 'track' && random.chance(profile.repeatRate)) {
        const rounds = random.int(1, 4);
        repeatingUntilMs = atMs + rounds * item.durationMs;
        const until = repeatingUntilMs - 500;
        plan({ atMs, make: () => ({ kind: 'repeat', mode: 'track' }) });
        plan({ atMs: until, make: () => ({ kind: 'repeat', mode: 'off' }) });
      }
    },
  };
}

/** What becomes of an item: heard through (nothing), skipped, interrupted, or moved about in. */
function drawFate(random: SeededRandom, profile: ListeningProfile, item: Playable, atMs: number): Planned[] {
  const lot = random.next();
  const within = (ms: number): number =>
    atMs + Math.round(Math.min(Math.max(ms, 800), item.durationMs - 1500));
  if (lot < profile.skipRate) {
    return [{ atMs: within(random.logNormal(19_000, 1)), make: () => ({ kind: 'next' }) }];
  }
  if (lot < profile.skipRate + profile.pauseRate) {
    const pauseAt = within(random.next() * item.durationMs);
    const resumeAt = pauseAt + Math.round(random.logNormal(100_000, 1.3));
    return [
      { atMs: pauseAt, make: () => ({ kind: 'pause' }) },
      { atMs: resumeAt, make: () => ({ kind: 'resume' }) },
    ];
  }
  if (lot < profile.skipRate + profile.pauseRate + 0.008) {
    const positionMs = Math.round(random.next() * (item.durationMs - 5000));
    return [{ atMs: within(random.next() * 60_000), make: () => ({ kind: 'seek', positionMs }) }];
  }
  return [];
}
