import pg from 'pg';
import type { StatementWatch } from './statement-watch.ts';

type Callback = (error?: Error | null, ...rest: unknown[]) => void;

function textOf(statement: unknown): string | undefined {
  if (typeof statement === 'string') return statement;
  if (typeof statement !== 'object' || statement === null || 'submit' in statement) return undefined;
  return 'text' in statement && typeof statement.text === 'string' ? statement.text : undefined;
}

/**
 * A client of pg that tells a watch of every statement. The pool, transactions and Prisma all end here, so
 * this is the one place to look from.
 */
export function watchedClient(watch: StatementWatch, Client: typeof pg.Client = pg.Client): typeof pg.Client {
  class WatchedClient extends Client {
    // biome-ignore lint/suspicious/noExplicitAny: takes and gives whatever pg's many overloads do
    override query(...args: any[]): any {
      // biome-ignore lint/suspicious/noExplicitAny: as above
      const run = (given: unknown[]): any => Reflect.apply(super.query, this, given);
      const text = textOf(args[0]);
      if (text === undefined) return run(args);
      const ended = watch(text);
      const last: unknown = args.at(-1);
      if (typeof last === 'function') {
        const done: Callback = (error, ...rest) => {
          ended(error ?? undefined);
          Reflect.apply(last, undefined, [error, ...rest]);
        };
        return run([...args.slice(0, -1), done]);
      }
      const answer = run(args);
      answer.then(() => ended(), ended);
      return answer;
    }
  }
  return WatchedClient;
}
