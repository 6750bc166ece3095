import { type LiveEventData, type LiveEventName, liveEvents } from '@spindle/contracts';
import type { Logger } from '@spindle/service-kit';
import type { Redis } from 'ioredis';

/**
 * Live events go from any process to the browsers through the Redis stream of socket.io's own adapter
 * (`@socket.io/redis-streams-adapter`), so every gateway hands them out and a browser that reconnects
 * gets what it missed. A worker needs no socket.io for that: it appends to the stream.
 */

export interface LiveAdapterOptions {
  readonly streamName: string;
  readonly channelPrefix: string;
  readonly sessionKeyPrefix: string;
  readonly maxLen: number;
  readonly blockTimeInMs: number;
}

/** Options with which every gateway makes its adapter; their keys follow the prefix of the queues. */
export function liveAdapterOptions(prefix: string): LiveAdapterOptions {
  return {
    streamName: `${prefix}:live`,
    channelPrefix: `${prefix}:live`,
    sessionKeyPrefix: `${prefix}:live:session:`,
    maxLen: STREAM_LENGTH,
    // An adapter that was closed lets go of its connection only after such a read.
    blockTimeInMs: 1_000,
  };
}

/** Events kept for browsers that reconnect. */
const STREAM_LENGTH = 10_000;

/** Everything about one user; only their own sockets are in it. */
export const userRoom = (userId: number): string => `user:${userId}`;
/** Everybody who has joined the party room of this code. */
export const roomAudience = (code: string): string => `room:${code}`;
/** Whoever may see the public feed. */
export const FEED_ROOM = 'feed';

export interface LivePublisher {
  /**
   * Sends an event to every socket that is in at least one of the rooms, once. Live events are a
   * courtesy: when Redis is away the event is dropped and logged, and the caller goes on.
   *
   * @throws ZodError when the data does not fit the event's schema.
   */
  publish<Name extends LiveEventName>(
    event: Name,
    rooms: readonly string[],
    data: LiveEventData<Name>,
  ): Promise<void>;
}

/** `MessageType.BROADCAST` of socket.io-adapter, as the stream carries it. */
const BROADCAST = '3';
/** `PacketType.EVENT` of socket.io-parser. */
const EVENT_PACKET = 2;
/** Stands where a gateway writes its own id; gateways skip only what is their own. */
const PUBLISHER = 'publisher';

export function createLivePublisher(options: {
  redis: Redis;
  prefix: string;
  logger: Logger;
}): LivePublisher {
  const { redis, logger } = options;
  const { streamName, maxLen } = liveAdapterOptions(options.prefix);
  return {
    async publish(event, rooms, data) {
      const parsed = liveEvents[event].parse(data);
      const message = {
        packet: { type: EVENT_PACKET, data: [event, parsed], nsp: '/' },
        opts: { rooms, except: [], flags: {} },
      };
      const fields = ['nsp', '/', 'type', BROADCAST, 'uid', PUBLISHER, 'data', JSON.stringify(message)];
      try {
        await redis.xadd(streamName, 'MAXLEN', '~', maxLen, '*', ...fields);
      } catch (error) {
        logger.warn({ err: error, event }, 'a live event was lost');
      }
    },
  };
}
