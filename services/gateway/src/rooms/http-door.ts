import { type AnyRoute, roomCodeSchema, saveRoomPlaylist } from '@spindle/contracts';
import { problems } from '@spindle/service-kit';
import type { Request, Response } from 'express';
import type { Authenticate } from '../auth/authenticate.ts';
import { authorize } from '../auth/authorize.ts';
import { ANONYMOUS, type Caller } from '../caller.ts';
import type { Config } from '../config.ts';
import type { RateLimits } from '../middleware/rate-limit.ts';
import { requireSameOrigin } from '../middleware/same-origin.ts';
import type { Door, Found, InRoom, Shown } from './door.ts';
import { bearerGuestToken, cookieGuestTokens } from './guest-credential.ts';

/** What is done after a party: it changes nothing of the room. */
const AFTER_THE_END = new Set([saveRoomPlaylist.id]);

export interface HttpDoor {
  /** For endpoints of those who are in the room: who calls, counted as a guest. @throws AppError */
  enter(request: Request, response: Response, route: AnyRoute): Promise<{ caller: Caller; inRoom: InRoom }>;
  /**
   * For endpoints of everybody who has the code.
   *
   * @param options.changes pages of other sites must not do it in somebody's browser
   * @throws AppError
   */
  knock(
    request: Request,
    response: Response,
    code: string,
    options?: { readonly changes?: boolean },
  ): Promise<Found & { room: InRoom['room']; caller: Caller; shown: Shown }>;
}

const addressOf = (request: Request): string => request.ip ?? 'unknown';
const scopeOf = (request: Request) =>
  request.method === 'GET' || request.method === 'HEAD' ? ('read' as const) : ('write' as const);

/** Browsers say where a request comes from. A program that has no credential yet says nothing. */
const isBrowser = (request: Request): boolean =>
  request.headers.authorization === undefined &&
  (request.headers.origin !== undefined || request.headers['sec-fetch-site'] !== undefined);

export function createHttpDoor(parts: {
  readonly config: Config;
  readonly authenticate: Authenticate;
  readonly limits: RateLimits;
  readonly door: Door;
}): HttpDoor {
  const { config, authenticate, limits, door } = parts;

  async function showing(
    request: Request,
    response: Response,
    code: string,
  ): Promise<{ caller: Caller; shown: Shown }> {
    const token = bearerGuestToken(request.headers.authorization);
    if (token !== undefined) return { caller: ANONYMOUS, shown: { token } };
    try {
      const caller = await authenticate(request, response);
      // A program with a credential of its own means that one, and no cookie.
      const cookie =
        request.headers.authorization === undefined
          ? cookieGuestTokens(request.headers.cookie).get(code)
          : undefined;
      if (caller.kind === 'user') authorize(caller, { auth: 'user', scope: scopeOf(request) });
      return { caller, shown: { userId: caller.kind === 'user' ? caller.userId : undefined, cookie } };
    } catch (refused) {
      await limits.address(request, response);
      throw refused;
    }
  }

  return {
    async enter(request, response, route) {
      const code = roomCodeSchema.safeParse(request.params.code);
      if (!code.success) {
        await limits.address(request, response);
        throw problems.validation('The address names no room.', {
          errors: [{ path: 'path.code', message: 'must be the code of a room' }],
        });
      }
      const { caller, shown } = await showing(request, response, code.data);
      const lookBack = route.method === 'get' || AFTER_THE_END.has(route.id);
      const { by, ...inRoom } = await door.enter(code.data, shown, addressOf(request), lookBack, response);
      if (by === 'cookie') requireSameOrigin(request, config.web);
      const { room, participant } = inRoom;
      await limits.count('party', String(room.id), response);
      if (route.limit === 'room-search') await limits.count('party-search', String(room.id), response);
      if (route.limit !== 'probe') await limits.count(route.limit, `guest:${participant.id}`, response);
      return {
        inRoom,
        caller: by === 'listener' ? caller : { kind: 'guest', participantId: participant.id },
      };
    },

    async knock(request, response, code, { changes = false } = {}) {
      const { caller, shown } = await showing(request, response, code);
      if (changes && isBrowser(request)) requireSameOrigin(request, config.web);
      const found = await door.knock(code, shown, addressOf(request), response);
      if (found.participant) await limits.count('room', `guest:${found.participant.id}`, response);
      return { ...found, caller, shown };
    },
  };
}
