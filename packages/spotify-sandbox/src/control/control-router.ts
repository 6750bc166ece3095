import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { ManualClock, SandboxClock } from '../clock.ts';
import { queryText } from '../http/request-input.ts';
import type { CallFilter } from '../ledger/call-ledger.ts';
import type { GroundTruth } from '../ledger/ground-truth.ts';
import type { World } from '../world.ts';
import {
  appBody,
  callFilterQuery,
  clockBody,
  faultBody,
  likeBody,
  personBody,
  playlistBody,
  premiumBody,
  productBody,
  scriptBody,
  trackBody,
  unlikeBody,
} from './control-bodies.ts';
import type { SandboxControl } from './sandbox-control.ts';

/** The control handle over HTTP, under `/_sandbox`. Mistakes get 400 `{"error": "…"}`. */
export function controlRouter(world: World, control: SandboxControl, truth: GroundTruth): Router {
  const router = Router();
  const answer =
    (work: (request: Request) => unknown) =>
    (request: Request, response: Response): void => {
      try {
        response.json(work(request) ?? { ok: true });
      } catch (error) {
        const message =
          error instanceof z.ZodError
            ? z.prettifyError(error)
            : error instanceof Error
              ? error.message
              : String(error);
        response.status(400).json({ error: message });
      }
    };
  const param = (request: Request, name: string): string => String(request.params[name]);
  const body = <T>(request: Request, schema: z.ZodType<T>): T =>
    schema.parse(JSON.parse(typeof request.body === 'string' && request.body !== '' ? request.body : '{}'));
  const time = (request: Request, name: string): number | undefined => {
    const text = queryText(request, name);
    if (text === undefined) return undefined;
    const ms = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
    if (Number.isNaN(ms)) throw new Error(`${name}: not a time: ${text}`);
    return ms;
  };
  const filter = (request: Request): CallFilter => callFilterQuery.parse(request.query) as CallFilter;

  router.get(
    '/',
    answer(() => overview(world, control)),
  );
  router.get(
    '/clock',
    answer(() => clockState(world.clock)),
  );
  router.post(
    '/clock',
    answer((request) => {
      const { clock } = world;
      if (!isManual(clock)) throw new Error('this sandbox does not run on a manual clock');
      const move = body(request, clockBody);
      if (move.advanceMs !== undefined) clock.advance(move.advanceMs);
      else clock.set(Date.parse(move.set ?? ''));
      return clockState(clock);
    }),
  );

  router.get(
    '/people',
    answer(() => control.people()),
  );
  router.post(
    '/people',
    answer((request) => control.addPerson(body(request, personBody))),
  );
  router.put(
    '/people/:id/product',
    answer((request) => control.setProduct(param(request, 'id'), body(request, productBody).product)),
  );
  router.post(
    '/people/:id/script',
    answer((request) => control.script(param(request, 'id'), body(request, scriptBody).steps)),
  );
  router.post(
    '/people/:id/revoke',
    answer((request) => control.revokeConsent(param(request, 'id'), queryText(request, 'clientId'))),
  );
  router.post(
    '/people/:id/playlists',
    answer((request) => ({ id: control.givePlaylist(param(request, 'id'), body(request, playlistBody)) })),
  );
  router.post(
    '/people/:id/liked-songs',
    answer((request) => {
      const { ids, at } = body(request, likeBody);
      control.like(param(request, 'id'), ids, at);
    }),
  );
  router.delete(
    '/people/:id/liked-songs',
    answer((request) => control.unlike(param(request, 'id'), body(request, unlikeBody).ids)),
  );
  router.put(
    '/tracks/:id',
    answer((request) => {
      const { unplayable, takenOff } = body(request, trackBody);
      const id = param(request, 'id');
      if (unplayable !== undefined) control.setUnplayable(id, unplayable);
      if (takenOff !== undefined) takenOff ? control.takeOff(id) : control.putBack(id);
    }),
  );
  router.get(
    '/people/:id/plays',
    answer((request) => {
      const [from, to] = [time(request, 'from'), time(request, 'to')];
      return truth.plays(param(request, 'id'), {
        ...(from !== undefined && { from }),
        ...(to !== undefined && { to }),
      });
    }),
  );
  router.get(
    '/people/:id/offered-plays',
    answer((request) => truth.offeredPlays(param(request, 'id'), time(request, 'asOf'))),
  );
  router.get(
    '/people/:id/window',
    answer((request) => truth.window(param(request, 'id'))),
  );
  router.get(
    '/people/:id/now-playing',
    answer((request) => truth.nowPlaying(param(request, 'id'))),
  );
  router.get(
    '/people/:id/liked-songs',
    answer((request) => truth.likedSongs(param(request, 'id'))),
  );
  router.get(
    '/people/:id/playlists',
    answer((request) => truth.playlists(param(request, 'id'))),
  );
  router.get(
    '/people/:id/commands',
    answer((request) => control.commands(param(request, 'id'))),
  );
  router.get(
    '/playlists/:id',
    answer((request) => {
      const playlist = truth.playlist(param(request, 'id'));
      if (!playlist) throw new Error(`there is no playlist ${param(request, 'id')}`);
      return playlist;
    }),
  );

  router.get(
    '/apps',
    answer(() => control.apps()),
  );
  router.post(
    '/apps',
    answer((request) => control.registerApp(body(request, appBody))),
  );
  router.put(
    '/apps/:clientId/allow-list/:personId',
    answer((request) => control.allow(param(request, 'clientId'), param(request, 'personId'))),
  );
  router.delete(
    '/apps/:clientId/allow-list/:personId',
    answer((request) => control.disallow(param(request, 'clientId'), param(request, 'personId'))),
  );
  router.put(
    '/developers/:id/premium',
    answer((request) => control.setOwnerPremium(param(request, 'id'), body(request, premiumBody).premium)),
  );
  router.get(
    '/developers/:id/quota',
    answer((request) => control.quota(param(request, 'id'))),
  );
  router.delete(
    '/developers/:id/quota',
    answer((request) => control.clearQuota(param(request, 'id'))),
  );
  router.get(
    '/consents',
    answer(() => control.consents()),
  );

  router.get(
    '/faults',
    answer(() => control.faults()),
  );
  router.post(
    '/faults',
    answer((request) => ({ id: control.addFault(body(request, faultBody)) })),
  );
  router.delete(
    '/faults',
    answer(() => control.clearFaults()),
  );
  router.delete(
    '/faults/:id',
    answer((request) => ({ removed: control.removeFault(param(request, 'id')) })),
  );

  router.get(
    '/calls',
    answer((request) => control.calls(filter(request))),
  );
  router.get(
    '/calls/counts',
    answer((request) => control.callCounts(filter(request))),
  );
  router.get(
    '/calls/peak',
    answer((request) => ({
      peak: control.peakCalls(Number(queryText(request, 'windowMs') ?? 86_400_000), filter(request)),
    })),
  );
  router.delete(
    '/calls',
    answer(() => control.clearCalls()),
  );
  router.use(
    answer((request) => {
      throw new Error(`there is no ${request.method} ${request.originalUrl}`);
    }),
  );
  return router;
}

function isManual(clock: SandboxClock): clock is ManualClock {
  return 'advance' in clock && 'set' in clock;
}

function clockState(clock: SandboxClock): { now: string; nowMs: number } {
  return { now: clock.now().toISOString(), nowMs: clock.nowMs() };
}

function overview(world: World, control: SandboxControl): unknown {
  const { seed, mode } = world.settings;
  return {
    seed,
    mode,
    ...clockState(world.clock),
    people: world.people.ids(),
    apps: control.apps(),
    catalogue: {
      artists: world.catalogue.artists.length,
      albums: world.catalogue.albums.length,
      tracks: world.catalogue.tracks.length,
      shows: world.catalogue.shows.length,
    },
    calls: world.calls.find().length,
  };
}
