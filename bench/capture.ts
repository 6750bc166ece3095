import { type CaptureReport, quietCrowd, RIGHT_WITHIN_MS, sharingFriends } from './capture/scenarios.ts';
import { conclude, figure, goal, line, option, round } from './report.ts';

// Plays captured (all of them) and calls per play (few), together. Options: --days=7 --listeners=1000
// --warm-up=2 for shorter runs (0 leaves a part out), --seed=spindle for other people with other habits.

const seed = process.argv.find((argument) => argument.startsWith('--seed='))?.split('=')[1] ?? 'spindle';
const servers = { databaseUrl: process.env.DATABASE_URL ?? '', redisUrl: process.env.REDIS_URL ?? '' };

function perPlay(calls: number, plays: number): string {
  return `${calls} calls, ${(calls / Math.max(plays, 1)).toFixed(3)} a play`;
}

function print(title: string, report: CaptureReport, seconds: number): void {
  const { offered, calls } = report;
  process.stdout.write(`\n${title} (${seconds.toFixed(0)} s)\n`);
  line('plays offered by recently-played', String(offered));
  line(
    'stored / missing / doubled / gaps',
    `${report.stored} / ${report.missing} / ${report.doubled} / ${report.gaps}`,
  );
  line('Spindle, history readings', perPlay(calls.history, offered));
  if (report.live) line('Spindle, all calls with live readings', perPlay(calls.total, offered));
  line('a scheduler that knew the future', perPlay(report.optimum, offered));
  for (const [name, polling] of [
    ['polling every 120 s', report.every120s],
    ['polling every 30 min', report.every30min],
  ] as const) {
    line(name, `${perPlay(polling.calls, offered)}, ${polling.captured} of ${offered} captured`);
  }
  for (const [failure, count] of report.failures) line(`failed ${count}×`, failure);
}

async function timed<T>(work: Promise<T>): Promise<[T, number]> {
  const startedAt = performance.now();
  const result = await work;
  return [result, (performance.now() - startedAt) / 1000];
}

const days = option('days', 7);
if (days > 0) {
  const [friends, seconds] = await timed(sharingFriends(servers, days, seed));
  print(
    `(a) 5 friends of a development-mode account, ${days} days, sharing in waking hours`,
    friends,
    seconds,
  );
  const live = friends.live ?? { changes: 0, right: 0, watchedMinutesADay: 0, peakDay: 0 };
  const share = live.right / Math.max(live.changes, 1);
  line(
    'watched',
    `${live.watchedMinutesADay.toFixed(0)} minutes a day in all, ${live.changes} changes of track`,
  );
  goal(friends.missing === 0 && friends.doubled === 0, 'every play that the window offered is stored, once');
  goal(
    share >= 0.95,
    `now playing right within ${RIGHT_WITHIN_MS / 1000} s for ${(share * 100).toFixed(1)} % of the changes (goal 95 %)`,
  );
  goal(live.peakDay <= 800, `at most ${live.peakDay} calls in any 24 hours (goal 800)`);
  figure({
    what: `Five sharing friends, ${days} days: plays stored, each once`,
    value: `${round(friends.stored)}, now playing right for ${(share * 100).toFixed(1)} % of the changes`,
    baseline: `plays that Spotify offered: ${round(friends.offered)}`,
    ratio: friends.stored / Math.max(friends.offered, 1),
  });
  figure({
    what: 'The same: calls of Spotify, live readings included',
    value: `${round(friends.calls.total)}, at most ${round(live.peakDay)} in any 24 hours`,
    baseline: `polling every 120 s: ${round(friends.every120s.calls)}`,
    ratio: friends.calls.total / Math.max(friends.every120s.calls, 1),
  });
}

const listeners = option('listeners', 1000);
if (listeners > 0) {
  const warmUp = option('warm-up', 2);
  const [crowd, seconds] = await timed(quietCrowd(servers, listeners, warmUp, seed));
  print(
    `(b) ${listeners} listeners of an extended account, history only, one day after ${warmUp} to learn`,
    crowd,
    seconds,
  );
  const ratio = crowd.calls.history / Math.max(crowd.optimum, 1);
  goal(crowd.missing === 0 && crowd.doubled === 0, 'every play stored, once');
  goal(ratio <= 3, `${ratio.toFixed(2)} times the calls of one who knew the future (goal 3)`);
  figure({
    what: `${round(listeners)} listeners, history only, one day: calls of Spotify`,
    value: `${round(crowd.calls.history)} for ${round(crowd.stored)} of ${round(crowd.offered)} plays`,
    baseline: `a scheduler that knew the future: ${round(crowd.optimum)}`,
    ratio,
  });
  figure({
    what: 'The same',
    value: `${round(crowd.calls.history)} calls`,
    baseline: `polling every 120 s: ${round(crowd.every120s.calls)}`,
    ratio: crowd.calls.history / Math.max(crowd.every120s.calls, 1),
  });
}

conclude();
