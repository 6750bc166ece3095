import { expect, it } from '@jest/globals';
import { isOutage } from '../src/index.ts';

const coded = (code: string, message = 'x') => Object.assign(new Error(message), { code });

it('tells an outage of our databases from everything else', () => {
  for (const error of [
    coded('ECONNREFUSED'),
    coded('57P01', 'terminating connection due to administrator command'),
    coded('08006'),
    coded('P1001'),
    new Error('Connection terminated unexpectedly'),
    new Error('timeout exceeded when trying to connect'),
    new Error('Connection is closed.'),
    Object.assign(new Error('Reached the max retries per request limit (which is 5).'), {
      name: 'MaxRetriesPerRequestError',
    }),
  ])
    expect([error.message, isOutage(error)]).toEqual([error.message, true]);

  for (const error of [
    coded('23505', 'duplicate key value violates unique constraint'),
    coded('40P01', 'deadlock detected'),
    new Error('the connection of this listener has ended'),
    // Another server than ours.
    Object.assign(coded('ECONNREFUSED'), { isAxiosError: true }),
    'ECONNREFUSED',
    null,
  ])
    expect(isOutage(error)).toBe(false);
});
