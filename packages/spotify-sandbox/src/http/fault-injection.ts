import { setTimeout as sleep } from 'node:timers/promises';
import type { Request, Response } from 'express';
import type { Fault } from '../faults/fault-rules.ts';
import { ApiError } from './api-error.ts';
import type { Reply } from './endpoint.ts';
import { tooManyRequests } from './gate.ts';

const DROPPED: Reply = { status: 0, text: '' };

/** What a fault puts in the place of the answer before anything is done; null when the call goes through. */
export async function faultBefore(fault: Fault): Promise<Reply | ApiError | null> {
  switch (fault.kind) {
    case 'rate-limit': {
      const seconds = fault.retryAfterSeconds === undefined ? 5 : fault.retryAfterSeconds;
      return tooManyRequests(seconds === null ? null : seconds * 1000, fault.quota ?? false);
    }
    case 'server-error':
      return serverError(fault.status ?? 502, fault.html ?? false);
    case 'premium-required':
      return new ApiError(403, 'Player command failed: Premium required', { reason: 'PREMIUM_REQUIRED' });
    case 'slow':
      await sleep(fault.delayMs);
      return null;
    case 'drop':
      return fault.when === 'before' ? DROPPED : null;
    default:
      return null;
  }
}

function serverError(status: 500 | 502 | 503 | 504, html: boolean): Reply | ApiError {
  const text = {
    500: 'Server error.',
    502: 'Bad gateway.',
    503: 'Service unavailable',
    504: 'Upstream request timeout',
  }[status];
  if (!html) return new ApiError(status, text);
  const page = `<html><head><title>${status} ${text}</title></head><body><h1>${status} ${text}</h1></body></html>`;
  return { status, text: page, type: 'text/html' };
}

/** What a fault makes of the answer once the call has taken effect. */
export function faultAfter(fault: Fault, outcome: Reply | ApiError): Reply | ApiError {
  if (outcome instanceof ApiError) return outcome;
  if (fault.kind === 'not-json') {
    const text =
      fault.truncated && 'json' in outcome
        ? JSON.stringify(outcome.json).slice(0, -Math.ceil(JSON.stringify(outcome.json).length / 2))
        : '<!doctype html><title>OK</title>';
    return { status: outcome.status === 204 ? 200 : outcome.status, text, type: 'application/json' };
  }
  if (fault.kind === 'item-null' && 'json' in outcome && isPlayerState(outcome.json)) {
    return { ...outcome, json: { ...outcome.json, item: null, currently_playing_type: 'unknown' } };
  }
  return outcome;
}

function isPlayerState(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && 'currently_playing_type' in value;
}

/** Breaks the connection where the fault says so; true when it did. */
export function applyFault(
  fault: Fault | null,
  request: Request,
  response: Response,
  outcome: Reply | ApiError,
): boolean {
  const drop = outcome === DROPPED || (fault?.kind === 'drop' && fault.when === 'after');
  if (!drop) return false;
  response.destroy();
  request.socket.destroy();
  return true;
}
