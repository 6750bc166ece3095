import type { Playable } from '../catalogue/items.ts';
import type { PlayContext } from './context.ts';

export type RepeatMode = 'off' | 'context' | 'track';

/** Start something: a context, or a bare list of items. */
export interface PlayIntent {
  kind: 'play';
  context: PlayContext | null;
  items: readonly Playable[];
  /** Index into `items` to begin with. */
  offset?: number;
  positionMs?: number;
  deviceId?: string;
  shuffle?: boolean;
  repeat?: RepeatMode;
  privateSession?: boolean;
  /** Go on with related music when the items are through. */
  autoplay?: boolean;
}

/** One thing somebody does with their player. */
export type Intent =
  | PlayIntent
  | { kind: 'pause' }
  | { kind: 'resume' }
  | { kind: 'next' }
  | { kind: 'previous' }
  /** The app is closed: the play ends and the device is gone until the next play. */
  | { kind: 'stop' }
  | { kind: 'seek'; positionMs: number }
  | { kind: 'repeat'; mode: RepeatMode }
  | { kind: 'shuffle'; on: boolean }
  | { kind: 'volume'; percent: number }
  | { kind: 'enqueue'; item: Playable }
  | { kind: 'transfer'; deviceId: string; play?: boolean }
  | { kind: 'privateSession'; on: boolean };

/** What moves a player without anybody calling the API: the model, a script, or nothing. */
export interface Driver {
  /** When the next intent is due (ms since the epoch), Infinity when none is. */
  dueMs(): number;
  /** Removes and returns the intent that is due. */
  take(): Intent;
  /** Told whenever an item begins to sound from its start, so that it may be skipped or paused later. */
  itemBegan(item: Playable, atMs: number): void;
}

/** A person left to the API alone. */
export function idleDriver(): Driver {
  return {
    dueMs: () => Number.POSITIVE_INFINITY,
    take: () => {
      throw new Error('idleDriver: nothing is ever due');
    },
    itemBegan: () => {},
  };
}
