import { setTimeout as sleep } from 'node:timers/promises';
import {
  ApiError,
  createSchedule,
  deletePlaylists,
  getImport,
  getJob,
  getUser,
  restorePlaylists,
  shareLiked,
  shufflePlaylist,
  startShare,
  stopShare,
} from '@spindle/contracts';
import { type Random, seededRandom } from '@spindle/service-kit';
import type { System } from '../system.ts';
import type { Caller } from './caller.ts';
import { exportFile, ROWS_A_FILE } from './export-file.ts';
import type { Records } from './records.ts';

/** What people live in. */
export interface Life {
  readonly system: System;
  readonly records: Records;
  readonly seed: string;
  /** How long somebody rests between two things, ms, on average. */
  readonly restMs: number;
  readonly isOver: () => boolean;
}

/** Rests for about `ms`, or until life is over. */
export async function rest(life: Life, random: Random, ms: number): Promise<void> {
  const until = Date.now() + ms * (0.5 + random.next());
  while (!life.isOver() && Date.now() < until) await sleep(Math.min(250, Math.max(0, until - Date.now())));
}

async function untilJobEnds(life: Life, caller: Caller, jobId: string, random: Random): Promise<void> {
  while (!life.isOver()) {
    const { value: job } = await caller.ask('the state of a job', (client, options) =>
      client.call(getJob, { params: { id: jobId } }, options),
    );
    if (job.state === 'succeeded' || job.state === 'failed') return;
    await rest(life, random, 1_000);
  }
}

/** Somebody whose consent was refused twice signs in again, as the page asks them to. */
export async function reconnect(caller: Caller): Promise<void> {
  const { value: user } = await caller.ask('the profile', (client, options) =>
    client.call(getUser, {}, options),
  );
  if (user.connection.reauthNeeded) await caller.signIn();
}

/** Shuffles their playlists, shares Liked Songs, deletes what was made and sometimes wants it back. */
async function shuffler(life: Life, caller: Caller, random: Random): Promise<void> {
  // Of those from before life began: what is made here changes, and would be no source to compare with.
  const { groundTruth } = life.system.sandbox;
  const own = (life.records.libraries.get(caller.personId) ?? [])
    .filter((id) => groundTruth.playlist(id)?.ownerId === caller.personId)
    .slice(0, 2);
  const accepted = () =>
    life.records.operations.set(caller.personId, (life.records.operations.get(caller.personId) ?? 0) + 1);
  if (random.int(3) === 0) {
    const minute = random.int(60);
    await caller.ask('a schedule', (client, options) =>
      client.call(
        createSchedule,
        { body: { request: { kind: 'shuffle', playlistId: own[0] ?? '' }, pattern: `${minute} * * * *` } },
        options,
      ),
    );
  }
  while (!life.isOver()) {
    const choice = random.int(10);
    let jobId: string | null;
    if (choice < 6) {
      const playlistId = own[random.int(own.length)] ?? '';
      const mode = (['uniform', 'uniform', 'spread', 'unheard'] as const)[random.int(4)] ?? 'uniform';
      const target = random.int(5) === 0 ? 'new' : 'refresh';
      jobId = await caller.enqueue(shufflePlaylist, (client, options) =>
        client.enqueue(shufflePlaylist, { body: { playlistId, mode, target } }, options),
      );
      if (jobId !== null) accepted();
    } else if (choice < 8) {
      jobId = await caller.enqueue(shareLiked, (client, options) =>
        client.enqueue(shareLiked, { body: {} }, options),
      );
      if (jobId !== null) accepted();
    } else if (choice < 9) {
      jobId = await caller.enqueue(deletePlaylists, (client, options) =>
        client.enqueue(deletePlaylists, {}, options),
      );
    } else {
      jobId = await caller.enqueue(restorePlaylists, (client, options) =>
        client.enqueue(restorePlaylists, {}, options),
      );
    }
    if (jobId !== null) await untilJobEnds(life, caller, jobId, random);
    else await reconnect(caller);
    await rest(life, random, life.restMs);
  }
}

/** Shares what they play, and sometimes does not. */
async function sharer(life: Life, caller: Caller, random: Random): Promise<void> {
  while (!life.isOver()) {
    await caller.ask('sharing', (client, options) => client.call(startShare, { body: {} }, options));
    await rest(life, random, life.restMs * 6);
    await reconnect(caller);
    if (life.isOver() || random.int(2) === 0) continue;
    await caller.ask('no sharing', (client, options) => client.call(stopShare, {}, options));
    await rest(life, random, life.restMs);
  }
}

/** Uploads an export, once however often it has to be sent. Answers the id of the import. */
export async function upload(life: Life, caller: Caller, file: number): Promise<string> {
  const { system, records } = life;
  const key = caller.newKey();
  const json = JSON.stringify(exportFile(system.sandbox.catalogue, caller.personId, file));
  const { value: importId } = await caller.ask('an upload', async (_client, { signal }) => {
    const form = new FormData();
    form.append('file', new Blob([json], { type: 'application/json' }), `Streaming_History_${file}.json`);
    const response = await fetch(`${system.url}/api/imports`, {
      method: 'POST',
      headers: { ...caller.headers(), 'idempotency-key': key },
      body: form,
      ...(signal ? { signal } : {}),
    });
    if (!response.ok) {
      const problem = { type: 'about:blank', title: await response.text(), status: response.status };
      throw new ApiError(problem, null);
    }
    return ((await response.json()) as { import: { id: string } }).import.id;
  });
  records.imports.push({ personId: caller.personId, importId, rows: ROWS_A_FILE, file });
  return importId;
}

/** Whether an import has come to its end. */
export async function isImported(caller: Caller, importId: string): Promise<boolean> {
  const { value } = await caller.ask('an import', (client, options) =>
    client.call(getImport, { params: { id: importId } }, options),
  );
  return value.status === 'succeeded' || value.status === 'failed';
}

/** Uploads exports: new ones, and some that were uploaded before. */
async function importer(life: Life, caller: Caller, random: Random): Promise<void> {
  for (let files = 0; !life.isOver(); ) {
    const file = files > 0 && random.int(3) === 0 ? random.int(files) : files++;
    const importId = await upload(life, caller, file);
    while (!life.isOver() && !(await isImported(caller, importId))) await rest(life, random, 1_000);
    await rest(life, random, life.restMs * 3);
  }
}

/** Likes songs at Spotify, and takes likes back: their tracker has to follow. */
async function liker(life: Life, caller: Caller, random: Random): Promise<void> {
  const { control, groundTruth, catalogue, clock } = life.system.sandbox;
  const { personId } = caller;
  const note = () =>
    life.records.likes.push({
      personId,
      atMs: clock.nowMs(),
      count: groundTruth.likedSongs(personId).length,
    });
  note();
  while (!life.isOver()) {
    await rest(life, random, life.restMs);
    const liked = groundTruth.likedSongs(personId);
    const first = liked[random.int(Math.max(1, liked.length))];
    if (random.int(3) === 0 && first) control.unlike(personId, [first.id]);
    else control.like(personId, [catalogue.tracks[random.int(catalogue.tracks.length)]?.id ?? '']);
    note();
    if (random.int(4) === 0) await reconnect(caller);
  }
}

/** Only listens, and looks in now and then. */
async function listener(life: Life, caller: Caller, random: Random): Promise<void> {
  while (!life.isOver()) {
    await rest(life, random, life.restMs * 4);
    await reconnect(caller);
  }
}

const HABITS = [shuffler, sharer, liker, sharer, importer, shuffler, listener, sharer, listener, liker];

/** What the n-th of all people does beside listening. */
export const habitOf = (place: number): string => HABITS[place % HABITS.length]?.name ?? '';

/** Somebody's life until it is over. What goes wrong in it for good is a complaint. */
export async function live(life: Life, caller: Caller, place: number): Promise<void> {
  const random = seededRandom(`${life.seed}/${caller.personId}`);
  const habit = HABITS[place % HABITS.length] ?? listener;
  while (!life.isOver()) {
    try {
      await habit(life, caller, random);
    } catch (error) {
      const words = error instanceof ApiError ? JSON.stringify(error.problem) : String(error);
      life.records.complaints.push(`${habit.name} ${caller.personId}: ${words}`);
      await rest(life, random, life.restMs);
    }
  }
}
