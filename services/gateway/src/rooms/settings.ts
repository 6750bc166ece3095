import type { RoomSettings } from '@spindle/contracts';
import { type Database, sourceState } from '@spindle/db';
import type { Producer } from '@spindle/queues';
import { problems } from '@spindle/service-kit';

type Given = { readonly [Name in keyof RoomSettings]?: RoomSettings[Name] | undefined };

/** The settings with what a host changes of them. */
export function mergeSettings(before: RoomSettings, given: Given): RoomSettings {
  const changes = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...before, ...(Object.fromEntries(changes) as Partial<RoomSettings>) };
}

/**
 * Has what a room falls back on read, where it is a playlist that was not.
 *
 * @throws AppError 400 when guests would have nothing to pick from; 422 `foreign-playlist`
 */
export async function prepareFallback(
  parts: { readonly db: Database; readonly producer: Producer },
  hostId: number,
  { fallback, guestsMay }: RoomSettings,
  requestId: string,
): Promise<void> {
  if (fallback.kind === 'none' && guestsMay === 'pick') {
    throw problems.validation('Guests could propose nothing: say what they may pick from.', {
      errors: [{ path: 'body.fallback', message: 'must hold something while guests may only pick' }],
    });
  }
  if (fallback.kind !== 'playlist') return;
  const { source } = fallback;
  const { stored, foreign } = await sourceState(parts.db.pool, hostId, source);
  if (foreign) {
    throw problems.unprocessable(
      'Spotify lets only the owner of a playlist and those who edit it see what is in it. Copy its songs into a playlist of your own, and use that one.',
      { code: 'foreign-playlist' },
    );
  }
  if (!stored) {
    await parts.producer.add(
      'sync',
      'read-source',
      { userId: hostId, source },
      { requestId, ownerId: hostId },
    );
  }
}
