import { describe, expect, it } from '@jest/globals';
import { GiveUp, type RetryLater } from '@spindle/service-kit';
import {
  classify,
  QuotaExceeded,
  RateLimited,
  retryAfterSeconds,
  TokenExpired,
  UpstreamFailure,
} from '../src/index.ts';

const NOW = Date.UTC(2026, 10, 1);
const json = (status: number, message: string, reason?: string) =>
  JSON.stringify({ error: { status, message, ...(reason ? { reason } : {}) } });
const answer = (
  status: number,
  text: string,
  path = '/v1/me/player',
  headers: Record<string, unknown> = {},
) => classify({ status, text, path, headers, bucket: 'player', nowMs: NOW });

describe('what a failed answer means', () => {
  it.each([
    [
      'plain text: the owner lost Premium',
      403,
      'Active premium subscription required for the owner of the app. When …',
      'owner_not_premium',
    ],
    [
      'plain text: not allow-listed',
      403,
      'User not registered in the Developer Dashboard',
      'not_allow_listed',
    ],
    [
      'the newer wording of it',
      403,
      json(403, 'Check settings on developer.spotify.com/dashboard, the user may not be registered.'),
      'not_allow_listed',
    ],
    [
      'a free account',
      403,
      json(403, 'Player command failed: Premium required', 'PREMIUM_REQUIRED'),
      'premium_required',
    ],
    ['a missing scope', 403, json(403, 'Insufficient client scope'), 'missing_scope'],
    ['a missing scope as 401', 401, json(401, 'Permissions missing'), 'missing_scope'],
    ['a restricted device', 403, json(403, 'no', 'DEVICE_NOT_CONTROLLABLE'), 'restricted_device'],
    [
      'no device',
      404,
      json(404, 'Player command failed: No active device found', 'NO_ACTIVE_DEVICE'),
      'no_active_device',
    ],
    ['an empty 403', 403, '', 'forbidden'],
    ['an unknown item', 404, json(404, 'Non existing id'), 'not_found'],
    ['a bad request', 400, json(400, 'Invalid limit'), 'bad_request'],
  ])('%s', (_, status, text, code) => {
    const error = answer(status, text);
    expect(error).toBeInstanceOf(GiveUp);
    expect(error).toMatchObject({ code });
  });

  it('knows a removed endpoint from a forbidden one', () => {
    expect(answer(403, json(403, 'Forbidden'), '/v1/tracks')).toMatchObject({ code: 'endpoint_gone' });
    expect(answer(404, '', '/v1/users/x/playlists')).toMatchObject({ code: 'endpoint_gone' });
    expect(answer(403, json(403, 'Forbidden'), '/v1/playlists/x/items')).toMatchObject({ code: 'forbidden' });
  });

  it('tells the short window from the quota, by the reason or by the length of the wait', () => {
    const short = answer(429, 'Too many requests', '/v1/me', { 'retry-after': '4' });
    expect(short).toBeInstanceOf(RateLimited);
    expect((short as RetryLater).until).toEqual(new Date(NOW + 4_000));
    const quota = answer(429, json(429, 'Too many requests', 'QUOTA_EXCEEDED'), '/v1/me', {
      'retry-after': '49861',
    });
    expect(quota).toBeInstanceOf(QuotaExceeded);
    expect((quota as RetryLater).until).toEqual(new Date(NOW + 49_861_000));
    expect(answer(429, '', '/v1/me', { 'retry-after': '79892' })).toBeInstanceOf(QuotaExceeded);
    expect(answer(429, '')).toBeInstanceOf(RateLimited);
  });

  it('retries what may heal', () => {
    expect(answer(401, json(401, 'The access token expired'))).toBeInstanceOf(TokenExpired);
    for (const status of [500, 502, 503, 504])
      expect(answer(status, '<html>')).toBeInstanceOf(UpstreamFailure);
  });

  it('reads Retry-After as seconds and as a date', () => {
    expect(retryAfterSeconds({ 'retry-after': '7' }, NOW)).toBe(7);
    expect(retryAfterSeconds({ 'retry-after': new Date(NOW + 90_000).toUTCString() }, NOW)).toBe(90);
    expect(retryAfterSeconds({}, NOW)).toBeNull();
    expect(retryAfterSeconds({ 'retry-after': 'soon' }, NOW)).toBeNull();
  });
});
