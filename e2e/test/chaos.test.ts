import { expect, it } from '@jest/globals';
import { SERVICES } from '../../tooling/services.ts';
import { VICTIMS } from '../chaos/killer.ts';
import { differencesOf, markdownOf } from '../chaos/report.ts';
import { type Outcome, simulate } from '../chaos/simulation.ts';

/** Two thirds of an hour pass in a minute. */
const SPEED = 40;

it('loses nothing and doubles nothing while everything is killed once and Spotify misbehaves', async () => {
  const outcome: Outcome = await simulate({
    seed: 'short',
    users: 12,
    lifeMs: 25_000,
    speed: SPEED,
    killEveryMs: [800, 2_200],
    awayMs: [200, 1_000],
    recoveryMs: 30_000,
    settleMs: 90_000,
    services: [...SERVICES, 'gateway'],
    parties: 1,
    guests: 5,
    restMs: 1_500,
  });
  const report = markdownOf(outcome);
  expect({ report, differences: differencesOf(outcome) }).toEqual({ report, differences: [] });
  const killed = new Set(outcome.recoveries.map(({ victim }) => victim));
  expect([...killed].sort()).toEqual([...VICTIMS].sort());
  expect(outcome.verdicts.plays?.figures.plays).toBeGreaterThan(15);
}, 600_000);
