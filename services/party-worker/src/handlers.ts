import type { Handlers } from '@spindle/queues';
import type { PartyContext } from './context.ts';
import { followRoom } from './follow-room.ts';
import { roomCommand } from './room-command.ts';
import { roomDevices } from './room-devices.ts';
import { roomSearch } from './room-search.ts';
import { roomTrack } from './room-track.ts';
import { roomsDue } from './rooms-due.ts';

export const handlers: Handlers<PartyContext, 'party'> = {
  'follow-room': followRoom,
  'rooms-due': roomsDue,
  'room-command': roomCommand,
  'room-devices': roomDevices,
  'room-search': roomSearch,
  'room-track': roomTrack,
};
