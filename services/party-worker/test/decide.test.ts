import { describe, expect, it } from '@jest/globals';
import { type Decision, decide, HAND_OVER_MS, type Reading, type Situation } from '../src/decide.ts';

const NOW = 1_000_000_000;
const LENGTH = 200_000;
const seconds = (count: number): number => count * 1_000;

/** Track 1 of the room plays since a minute, and nothing is known beside. */
const PLAYING: Situation = {
  state: 'playing',
  isOn: true,
  current: 1,
  foreign: null,
  startedAt: NOW - seconds(60),
  progressMs: null,
  durationMs: LENGTH,
  handed: null,
  toldAt: NOW - seconds(60),
  hasReady: true,
  plannedAt: NOW,
  reading: null,
  wasAsked: false,
};
const IDLE: Situation = { ...PLAYING, state: 'idle', current: null, startedAt: null, durationMs: null };

/** The player a moment ago. */
const reading = (more: Partial<Reading> = {}): Reading => ({
  at: NOW - 500,
  kind: 'track',
  isPlaying: true,
  isPrivate: false,
  trackId: 11,
  roomTrackId: 1,
  progressMs: seconds(60) - 500,
  durationMs: LENGTH,
  hasContext: false,
  hasDevice: true,
  ...more,
});
const FOREIGN = { trackId: 99, roomTrackId: null, durationMs: seconds(180) };
const SILENCE = {
  kind: 'nothing',
  isPlaying: false,
  trackId: null,
  roomTrackId: null,
  progressMs: null,
  durationMs: null,
} as const;
const ASLEEP = { ...SILENCE, hasDevice: false };
/** The room's track began so long ago. */
const since = (ms: number, more: Partial<Situation> = {}): Situation => ({
  ...PLAYING,
  startedAt: NOW - ms,
  toldAt: NOW - ms,
  ...more,
});

interface Case {
  readonly name: string;
  readonly situation: Situation;
  readonly step: Decision['step']['do'];
  readonly shown?: Partial<Decision['shown']>;
  readonly ended?: Decision['ended'];
  readonly lookAt?: number | null;
}

const HANDED = { id: 2, isSure: true };
const UNSURE = { id: 2, isSure: false };

const CASES: Case[] = [
  {
    name: 'in the middle of a track it waits for the moment to hand over',
    situation: { ...PLAYING, reading: reading() },
    step: 'rest',
    shown: { state: 'playing', current: 1 },
    lookAt: NOW - seconds(60) + LENGTH - HAND_OVER_MS,
  },
  {
    name: 'it needs no reading for that',
    situation: PLAYING,
    step: 'rest',
    lookAt: NOW - seconds(60) + LENGTH - HAND_OVER_MS,
  },
  {
    name: 'a seek by the host moves the end',
    situation: { ...PLAYING, reading: reading({ progressMs: seconds(100) }) },
    step: 'rest',
    shown: { startedAt: NOW - 500 - seconds(100) },
    lookAt: NOW - 500 - seconds(100) + LENGTH - HAND_OVER_MS,
  },
  {
    name: 'some seconds before the end the next is handed over',
    situation: since(LENGTH - seconds(9)),
    step: 'hand-over',
  },
  {
    name: 'nothing is handed over twice',
    situation: since(LENGTH - seconds(9), { handed: HANDED }),
    step: 'rest',
    lookAt: NOW + seconds(9) + 1_500,
  },
  {
    name: 'nothing is handed over in the last moment',
    situation: since(LENGTH - 1_000),
    step: 'rest',
    lookAt: NOW + 1_000 + 1_500,
  },
  {
    name: 'with nothing to come it looks after the end',
    situation: since(LENGTH - seconds(9), { hasReady: false }),
    step: 'rest',
    lookAt: NOW + seconds(9) + 1_500,
  },
  {
    name: 'what was told without an answer is looked for in Spotify’s queue',
    situation: since(LENGTH - seconds(6), { handed: UNSURE, toldAt: NOW - 1_500 }),
    step: 'ask-queue',
  },
  {
    name: 'but not before Spotify can know it',
    situation: since(LENGTH - seconds(6), { handed: UNSURE, toldAt: NOW - 300 }),
    step: 'rest',
    lookAt: NOW + 700,
  },
  {
    name: 'after the end it has the player read',
    situation: since(LENGTH + seconds(2), { handed: HANDED }),
    step: 'read',
  },
  {
    name: 'what was handed over and cannot be seen counts as playing',
    situation: since(LENGTH + seconds(2), { handed: HANDED, wasAsked: true }),
    step: 'rest',
    shown: { state: 'playing', current: 2, startedAt: NOW - seconds(2) },
    ended: 'played',
  },
  {
    name: 'what was not handed over is played when nothing can be seen',
    situation: since(LENGTH + seconds(2), { wasAsked: true }),
    step: 'play-next',
    ended: 'played',
  },
  {
    name: 'what was handed over is seen playing',
    situation: since(LENGTH + seconds(2), {
      handed: HANDED,
      reading: reading({ roomTrackId: 2, progressMs: 1_500 }),
    }),
    step: 'rest',
    shown: { state: 'playing', current: 2, startedAt: NOW - 2_000 },
    ended: 'played',
  },
  {
    name: 'sooner than it should: the host skipped',
    situation: { ...PLAYING, handed: HANDED, reading: reading({ roomTrackId: 2, progressMs: 1_500 }) },
    step: 'rest',
    shown: { current: 2 },
    ended: 'skipped',
  },
  {
    name: 'with crossfade the next begins a little early',
    situation: since(LENGTH - seconds(8), {
      handed: HANDED,
      reading: reading({ roomTrackId: 2, progressMs: 1_500 }),
    }),
    step: 'rest',
    shown: { current: 2 },
    ended: 'played',
  },
  {
    name: 'autoplay after the end is not listened to',
    situation: since(LENGTH + seconds(2), { reading: reading({ ...FOREIGN, progressMs: 1_500 }) }),
    step: 'play-next',
    ended: 'played',
    shown: { current: null },
  },
  {
    name: 'unless there is nothing else',
    situation: since(LENGTH + seconds(2), {
      hasReady: false,
      reading: reading({ ...FOREIGN, progressMs: 1_500 }),
    }),
    step: 'rest',
    shown: { state: 'host-plays', current: null, foreign: 99 },
  },
  {
    name: 'skipped by hand in the middle, with autoplay’s choice after it, the room’s next is played',
    situation: { ...PLAYING, reading: reading({ ...FOREIGN, progressMs: 1_500 }) },
    step: 'play-next',
    shown: { current: null },
    ended: 'skipped',
  },
  {
    name: 'unless nothing waits',
    situation: { ...PLAYING, hasReady: false, reading: reading({ ...FOREIGN, progressMs: 1_500 }) },
    step: 'rest',
    shown: { state: 'host-plays', current: null, foreign: 99 },
    ended: 'skipped',
  },
  {
    name: 'what the host begins in the middle, of a list of theirs, goes on',
    situation: { ...PLAYING, reading: reading({ ...FOREIGN, hasContext: true, progressMs: 1_500 }) },
    step: 'rest',
    shown: { state: 'host-plays', current: null, foreign: 99 },
    ended: 'skipped',
  },
  {
    name: 'before its end the room’s next is handed over',
    situation: {
      ...PLAYING,
      state: 'host-plays',
      current: null,
      foreign: 99,
      startedAt: NOW - seconds(171),
      durationMs: seconds(180),
      reading: reading({ ...FOREIGN, progressMs: seconds(171) - 500 }),
    },
    step: 'hand-over',
    shown: { state: 'host-plays', foreign: 99 },
  },
  {
    name: 'a pause of the host is one',
    situation: { ...PLAYING, reading: reading({ isPlaying: false }) },
    step: 'rest',
    shown: { state: 'paused', current: 1, startedAt: null, progressMs: seconds(60) - 500 },
  },
  {
    name: 'it lasts while the device sleeps',
    situation: {
      ...PLAYING,
      state: 'paused',
      startedAt: null,
      progressMs: seconds(60),
      reading: reading(ASLEEP),
    },
    step: 'rest',
    shown: { state: 'paused', current: 1 },
  },
  {
    name: 'and ends with the host',
    situation: { ...PLAYING, state: 'paused', startedAt: null, progressMs: seconds(60), reading: reading() },
    step: 'rest',
    shown: { state: 'playing', startedAt: NOW - seconds(60) },
  },
  {
    name: 'a room that was paused goes on with its host',
    situation: {
      ...PLAYING,
      isOn: false,
      state: 'paused',
      startedAt: null,
      progressMs: seconds(60),
      reading: reading(),
    },
    step: 'rest',
    shown: { state: 'playing' },
  },
  {
    name: 'a player that stands at the beginning again has come to the end',
    situation: since(LENGTH + seconds(2), { reading: reading({ isPlaying: false, progressMs: 0 }) }),
    step: 'play-next',
    ended: 'played',
  },
  {
    name: 'silence after the end is broken',
    situation: since(LENGTH + seconds(2), { reading: reading(SILENCE) }),
    step: 'play-next',
    ended: 'played',
  },
  {
    name: 'silence in the middle on a device that is awake is a skip',
    situation: { ...PLAYING, reading: reading(SILENCE) },
    step: 'play-next',
    ended: 'skipped',
  },
  {
    name: 'where the device is gone the track goes on elsewhere',
    situation: { ...PLAYING, reading: reading(ASLEEP) },
    step: 'play-on',
    shown: { current: 1 },
  },
  {
    name: 'also when that could not be done at first',
    situation: {
      ...PLAYING,
      state: 'no-device',
      startedAt: null,
      progressMs: seconds(54),
      reading: reading(ASLEEP),
    },
    step: 'play-on',
    shown: { current: 1, progressMs: seconds(49) },
  },
  {
    name: 'with nothing to play the room is idle until something comes',
    situation: since(LENGTH + seconds(2), { hasReady: false, reading: reading(SILENCE) }),
    step: 'rest',
    shown: { state: 'idle', current: null },
    lookAt: null,
  },
  {
    name: 'what was read before the player was told anything is not believed',
    situation: { ...PLAYING, startedAt: NOW - 400, toldAt: NOW - 400, reading: reading(SILENCE) },
    step: 'rest',
    shown: { state: 'playing', current: 1 },
    lookAt: NOW - 400 + 1_500,
  },
  {
    name: 'silence is not broken on the word of an old reading',
    situation: { ...IDLE, reading: reading({ ...SILENCE, at: NOW - seconds(50) }) },
    step: 'read',
  },
  {
    name: 'but when there is no other',
    situation: { ...IDLE, wasAsked: true, reading: reading({ ...SILENCE, at: NOW - seconds(50) }) },
    step: 'play-next',
  },
  {
    name: 'a private session is left alone until the track must be over',
    situation: { ...PLAYING, reading: reading({ ...SILENCE, isPrivate: true }) },
    step: 'rest',
    shown: { state: 'playing', current: 1 },
  },
  {
    name: 'an advertisement is waited for',
    situation: since(LENGTH + seconds(2), {
      reading: reading({ kind: 'ad', trackId: null, roomTrackId: null }),
    }),
    step: 'rest',
    lookAt: NOW + seconds(10),
  },
  {
    name: 'a track that the player repeats gives way',
    situation: since(LENGTH + seconds(2), { reading: reading({ progressMs: 1_500 }) }),
    step: 'play-next',
    ended: 'played',
  },
  {
    name: 'trouble waits for its time',
    situation: { ...IDLE, state: 'no-device', plannedAt: NOW + seconds(20), reading: reading(ASLEEP) },
    step: 'rest',
    shown: { state: 'no-device' },
    lookAt: NOW + seconds(20),
  },
  {
    name: 'unless the player shows life',
    situation: {
      ...IDLE,
      state: 'no-device',
      plannedAt: NOW + seconds(20),
      reading: reading({ ...FOREIGN, progressMs: 1_000 }),
    },
    step: 'play-next',
  },
  {
    name: 'or its time has come',
    situation: { ...IDLE, state: 'waiting', plannedAt: NOW, reading: reading(SILENCE) },
    step: 'play-next',
  },
  {
    name: 'a room that is off does nothing',
    situation: { ...IDLE, isOn: false, reading: reading(SILENCE) },
    step: 'rest',
    lookAt: null,
  },
];

describe('What is decided of a room', () => {
  it.each(CASES)('$name', ({ situation, step, shown, ended, lookAt }) => {
    const decision = decide(situation, NOW);
    expect(decision.step.do).toBe(step);
    if (shown) expect(decision.shown).toMatchObject(shown);
    if (ended) expect(decision.ended).toBe(ended);
    if (lookAt !== undefined) expect(decision.lookAt).toBe(lookAt);
  });

  it('never plans a look in the past, or rests for ever while something plays', () => {
    for (let ran = 0; ran < LENGTH + seconds(30); ran += 250)
      for (const handed of [null, HANDED, UNSURE])
        for (const hasReady of [true, false])
          for (const read of [null, reading({ progressMs: ran - 500 }), reading(SILENCE)]) {
            const decision = decide(since(ran, { handed, hasReady, reading: read }), NOW);
            if (decision.step.do !== 'rest') continue;
            if (decision.lookAt !== null) expect(decision.lookAt).toBeGreaterThan(NOW);
            else expect(decision.shown.state).toBe('idle');
          }
  });
});
