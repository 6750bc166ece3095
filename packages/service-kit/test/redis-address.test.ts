import { describe, expect, it } from '@jest/globals';
import { isClusterAddress, parseRedisAddress, redisConnectionOptions } from '../src/index.ts';

describe('the address of Redis', () => {
  it.each([
    ['redis://localhost', { kind: 'single', nodes: [{ host: 'localhost', port: 6379 }], tls: false, db: 0 }],
    [
      'rediss://me:p%40ss@redis.example.org:6380/2',
      {
        kind: 'single',
        nodes: [{ host: 'redis.example.org', port: 6380 }],
        tls: true,
        db: 2,
        username: 'me',
        password: 'p@ss',
      },
    ],
    [
      'redis://:secret@[::1]:7000',
      { kind: 'single', nodes: [{ host: '::1', port: 7000 }], tls: false, db: 0, password: 'secret' },
    ],
    [
      'redis+cluster://a:7000,b:7001,c',
      {
        kind: 'cluster',
        nodes: [
          { host: 'a', port: 7000 },
          { host: 'b', port: 7001 },
          { host: 'c', port: 6379 },
        ],
        tls: false,
        db: 0,
      },
    ],
    [
      'rediss+sentinel://:pw@s1,s2:26380/mymaster?db=3&sentinelPassword=other',
      {
        kind: 'sentinel',
        nodes: [
          { host: 's1', port: 26379 },
          { host: 's2', port: 26380 },
        ],
        tls: true,
        db: 3,
        password: 'pw',
        masterName: 'mymaster',
        sentinelPassword: 'other',
      },
    ],
  ])('is read: %s', (text, address) => {
    expect(parseRedisAddress(text)).toEqual(address);
  });

  it.each([
    ['http://localhost', /starts with/],
    ['redis://a:1,b:2', /several servers/],
    ['redis://a:99999', /no host:port/],
    ['redis://a/one', /no number/],
    ['redis+cluster://a/1', /only 0/],
    ['redis+sentinel://a:1', /name of the master/],
  ])('is refused without being told: %s', (text, why) => {
    expect(() => parseRedisAddress(text)).toThrow(why);
    try {
      parseRedisAddress(`${text}?password=hush`);
    } catch (error) {
      expect((error as Error).message).not.toContain('hush');
    }
  });

  it('becomes the options of one server or of the master that Sentinels know', () => {
    expect(redisConnectionOptions('redis://h:1/4', 'worker')).toMatchObject({
      host: 'h',
      port: 1,
      db: 4,
      maxRetriesPerRequest: null,
    });
    expect(redisConnectionOptions('redis+sentinel://s:1/m', 'general')).toMatchObject({
      sentinels: [{ host: 's', port: 1 }],
      name: 'm',
    });
    expect(isClusterAddress('redis+cluster://h')).toBe(true);
    expect(() => redisConnectionOptions('redis+cluster://h', 'worker')).toThrow(RangeError);
  });
});
