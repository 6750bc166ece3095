import type { RoomPlaybackState } from '@spindle/contracts';
import { GiveUp, RetryLater } from '@spindle/service-kit';
import { SpotifyRefusal } from '@spindle/spotify';

/** Why a room cannot play, with what its host can do about it. */
export interface Trouble {
  readonly state: RoomPlaybackState;
  readonly message: string;
  /** When it is worth trying again, epoch ms. */
  readonly retryAt: number;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const BACKOFF_MS = 2 * SECOND_MS;
const LONGEST_MS = MINUTE_MS;

/** The consent has ended, or does not reach so far. */
const NEEDS_SIGN_IN = ['reauth_needed', 'missing_scope'];

/** No device plays, and it is not plain which of them should. */
export class NoDevice extends GiveUp {
  constructor(hasSeveral: boolean) {
    super({
      code: 'no_active_device',
      message: hasSeveral
        ? 'Choose the device on which the room is to play.'
        : 'Open Spotify on a device of yours and play something for a moment.',
    });
  }
}

/** What stands in the way, by the error of a call. `failures`: of calls in a row before this one. */
export function troubleOf(error: unknown, failures: number, now: number): Trouble {
  const backoff = Math.min(BACKOFF_MS * 2 ** Math.min(failures, 10), LONGEST_MS);
  if (error instanceof RetryLater)
    return {
      state: 'waiting',
      message: error.waiting ?? 'Spotify asks us to wait.',
      retryAt: Math.max(error.until.getTime(), now + SECOND_MS),
    };
  if (error instanceof NoDevice)
    return { state: 'no-device', message: error.message, retryAt: now + backoff };
  if (error instanceof GiveUp && NEEDS_SIGN_IN.includes(error.code))
    return { state: 'reauth-needed', message: error.message, retryAt: now + MINUTE_MS };
  if (error instanceof SpotifyRefusal) {
    switch (error.code) {
      case 'premium_required':
        return {
          state: 'premium-required',
          message: 'Spotify plays what a program chooses for Premium accounts only; the host has none.',
          retryAt: now + 5 * MINUTE_MS,
        };
      case 'restricted_device':
        return {
          state: 'restricted-device',
          message:
            'Spotify does not let this device be controlled. Play on another one, such as a phone or a computer.',
          retryAt: now + Math.max(backoff, 15 * SECOND_MS),
        };
      case 'no_active_device':
        return { state: 'no-device', message: new NoDevice(false).message, retryAt: now + backoff };
      case 'not_allow_listed':
      case 'owner_not_premium':
        return { state: 'waiting', message: error.message, retryAt: now + 5 * MINUTE_MS };
      default:
    }
  }
  return {
    state: 'waiting',
    message: 'Spotify does not answer as it should at the moment. The room goes on as soon as it does.',
    retryAt: now + backoff,
  };
}

/** Whether Spotify said that it did nothing; otherwise it may have done what it was told. */
export const isAnswered = (error: unknown): boolean => error instanceof RetryLater || error instanceof GiveUp;

/** Spotify does not have the track, or does not play it. */
export const isOfTrack = (error: unknown): boolean =>
  error instanceof SpotifyRefusal && (error.code === 'not_found' || error.code === 'bad_request');
