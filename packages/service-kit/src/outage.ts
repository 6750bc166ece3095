/** Codes of connections that could not be made or were cut: of sockets, of PostgreSQL (SQLSTATE), of Prisma. */
const CODES = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENOTFOUND', 'EAI_AGAIN'],
  // Shut down, crashed, not accepting connections yet; no connection left.
  ...['57P01', '57P02', '57P03', '53300'],
  ...['P1001', 'P1002', 'P1008', 'P1017', 'P2024'],
]);
const CONNECTION_EXCEPTION = /^08[0-9A-Z]{3}$/;
/** Of those who tell it by words alone: pg, its pool, and ioredis. */
const WORDS =
  /^Connection terminated|^timeout exceeded when trying to connect|^Connection is closed|^Client has encountered a connection error|^Stream isn't writeable|the database system is (?:starting up|shutting down|in recovery mode|not yet accepting connections)/;

/**
 * Whether an error says that PostgreSQL or Redis was not there, rather than that something was wrong with what
 * was asked of them. Answers of other servers (Spotify's, those that listeners name) are no outage of ours.
 */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error) || 'isAxiosError' in error) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (CODES.has(code) || CONNECTION_EXCEPTION.test(code)) return true;
  return error.name === 'MaxRetriesPerRequestError' || WORDS.test(error.message);
}
