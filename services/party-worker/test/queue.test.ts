import { afterEach, describe, expect, it } from '@jest/globals';
import { type QueuedParty, queuedParty } from './support/queued-party.ts';

let party: QueuedParty;
afterEach(() => party.close());

describe('A party through the queues', () => {
  it('goes on from track to track while its worker is replaced', async () => {
    party = await queuedParty();
    const uris = await party.propose(3);
    await party.command({ kind: 'play' });
    await party.until(() => party.plays().length >= 2, 'the second track');
    await party.replaceWorker();
    await party.until(() => party.plays().length >= 3, 'the third track');
    expect(party.plays()).toEqual(uris);
    const told = await party.told();
    expect(told.length).toBeGreaterThan(3);
  }, 60_000);
});
