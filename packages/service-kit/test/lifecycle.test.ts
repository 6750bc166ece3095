import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { ConfigError, EXIT_CONFIG, type ProcessHost, runService, startService } from '../src/index.ts';

/** A process that notes its end instead of ending. */
class TestHost implements ProcessHost {
  readonly events = new EventEmitter();
  readonly codes: number[] = [];
  readonly hasParentChannel: boolean;
  printed = '';

  constructor(hasParentChannel = false) {
    this.hasParentChannel = hasParentChannel;
  }

  on(event: string, listener: (...args: unknown[]) => void) {
    return this.events.on(event, listener);
  }

  off(event: string, listener: (...args: unknown[]) => void) {
    return this.events.off(event, listener);
  }

  exit(code: number) {
    this.codes.push(code);
  }

  print(text: string) {
    this.printed += text;
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('runService', () => {
  it('releases in reverse order at a signal, even when one release fails, and exits 0', async () => {
    const host = new TestHost();
    const order: string[] = [];
    const running = runService(
      'test',
      async (scope) => {
        for (const name of ['postgres', 'redis', 'worker']) {
          scope.own(name, name, async (one) => {
            expect(scope.stopping.aborted).toBe(true);
            await turn();
            order.push(one);
            if (one === 'redis') throw new Error('would not close');
          });
        }
      },
      { host },
    );
    await turn();
    host.events.emit('SIGTERM');
    await running;
    expect(order).toEqual(['worker', 'redis', 'postgres']);
    expect(host.codes).toEqual([0]);
    expect(host.events.eventNames()).toEqual([]);
  });

  it('prints what is wrong with the configuration and exits 78', async () => {
    const host = new TestHost();
    const fail = async () => {
      throw new ConfigError([{ variable: 'PORT', problem: 'is not set.' }]);
    };
    await runService('gateway', fail, { host });
    expect(host.codes).toEqual([EXIT_CONFIG]);
    expect(host.printed).toContain('gateway: The configuration has a problem:\n  PORT is not set.');
  });

  it('releases what was created when the start fails, and exits 1', async () => {
    const host = new TestHost();
    let closed = false;
    await runService(
      'test',
      async (scope) => {
        scope.own('redis', {}, () => {
          closed = true;
        });
        throw new Error('no database');
      },
      { host },
    );
    expect(closed).toBe(true);
    expect(host.codes).toEqual([1]);
    expect(host.printed).toContain('the start failed: Error: no database');
  });

  it.each([
    ['a second signal', (host: TestHost) => host.events.emit('SIGINT')],
    ['a stop that takes too long', () => undefined],
  ])('ends at once at %s', async (_name, provoke) => {
    const host = new TestHost();
    const running = runService(
      'test',
      async (scope) => {
        scope.own('hanging', {}, () => new Promise(() => {}));
      },
      { host, graceMs: 40, sameSignalMs: 0 },
    );
    await turn();
    host.events.emit('SIGTERM');
    await turn();
    provoke(host);
    await running;
    expect(host.codes).toEqual([1]);
  });

  it('takes signals that come together for one', async () => {
    const host = new TestHost();
    const running = runService('test', async (scope) => scope.own('x', undefined, turn), { host });
    await turn();
    host.events.emit('SIGINT');
    host.events.emit('SIGTERM');
    await running;
    expect(host.codes).toEqual([0]);
  });

  it('stops when the parent is gone, and exits 1 at an unhandled rejection', async () => {
    const child = new TestHost(true);
    const orphan = runService('test', async () => {}, { host: child });
    await turn();
    child.events.emit('disconnect');
    await orphan;
    expect(child.codes).toEqual([0]);

    const host = new TestHost();
    const running = runService('test', async () => {}, { host });
    await turn();
    host.events.emit('unhandledRejection', new Error('forgotten'));
    await running;
    expect(host.codes).toEqual([1]);
  });

  it('waits for the start before it stops', async () => {
    const host = new TestHost();
    const { promise: opened, resolve: open } = Promise.withResolvers<void>();
    let closed = false;
    const running = runService(
      'test',
      async (scope) => {
        await opened;
        scope.own('late', {}, () => {
          closed = true;
        });
      },
      { host },
    );
    host.events.emit('SIGTERM');
    await turn();
    expect(host.codes).toEqual([]);
    open();
    await running;
    expect(closed).toBe(true);
    expect(host.codes).toEqual([0]);
  });

  it('ends when the service says that it cannot go on', async () => {
    const host = new TestHost();
    const running = runService('test', async (scope) => scope.fail(new Error('lost the lease')), { host });
    await running;
    expect(host.codes).toEqual([1]);
  });
});

describe('startService', () => {
  it('leaves the process alone and stops once', async () => {
    let closed = 0;
    const service = await startService('test', async (scope) => {
      scope.own('x', {}, () => {
        closed += 1;
      });
    });
    await Promise.all([service.stop('test'), service.stop('test')]);
    expect(closed).toBe(1);
    await expect(startService('test', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });
});
