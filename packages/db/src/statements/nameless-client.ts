import pg from 'pg';

/**
 * `?pgbouncer=true`, as Prisma has always spelt it: a pooler in transaction mode stands between, where each
 * transaction may run on another connection of the server.
 */
export const BEHIND_POOLER = /[?&]pgbouncer=true(&|$)/;

/**
 * A client of pg that prepares no statement under a name: a name belongs to one connection of the server, and a
 * pooler in transaction mode gives the next transaction another.
 */
export function namelessClient(): typeof pg.Client {
  class NamelessClient extends pg.Client {
    // biome-ignore lint/suspicious/noExplicitAny: takes and gives whatever pg's many overloads do
    override query(...args: any[]): any {
      const [statement, ...rest] = args;
      if (
        typeof statement !== 'object' ||
        statement === null ||
        !('name' in statement) ||
        'submit' in statement
      )
        return Reflect.apply(super.query, this, args);
      const { name: _, ...nameless } = statement;
      return Reflect.apply(super.query, this, [nameless, ...rest]);
    }
  }
  return NamelessClient;
}
