import { lastDeviceName } from '@spindle/db';
import type { SpotifyDevice } from '@spindle/spotify';
import { SpotifyRefusal } from '@spindle/spotify';
import type { RoomRun } from './room-run.ts';
import { NoDevice } from './trouble.ts';

export interface ChosenDevice {
  readonly id: string;
  readonly name: string;
}

/**
 * A device for a room while none is active: its own, else the active one, the only one, or the one on which
 * the host heard something last.
 *
 * @throws NoDevice, or SpotifyRefusal `restricted_device` when there are none but such.
 */
export async function chooseDevice(run: RoomRun): Promise<ChosenDevice> {
  const all = await run.caller.devices();
  const usable = all.flatMap((device) =>
    device.id && device.is_restricted !== true
      ? [{ id: device.id, name: device.name, isActive: device.is_active === true }]
      : [],
  );
  const { deviceId, deviceName, hostId } = run.playback;
  const chosen =
    usable.find((device) => device.id === deviceId) ??
    // Ids of devices do not last.
    (deviceName === null ? undefined : usable.find((device) => device.name === deviceName)) ??
    usable.find((device) => device.isActive) ??
    (usable.length === 1 ? usable[0] : undefined);
  if (chosen) return chosen;
  if (usable.length === 0 && all.some((device: SpotifyDevice) => device.is_restricted))
    throw new SpotifyRefusal('restricted_device', 403);
  const last = usable.length > 0 ? await lastDeviceName(run.context.db.pool, hostId) : null;
  const known = usable.find((device) => device.name === last);
  if (!known) throw new NoDevice(usable.length > 0);
  return known;
}
