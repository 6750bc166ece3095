import { startTestServers } from './test-servers.ts';

/** Jest's `globalSetup`: servers for this run, unless the caller brought them. */
export default async function setup(): Promise<void> {
  const stop = await startTestServers(process.env);
  (globalThis as { stopTestServers?: () => Promise<void> }).stopTestServers = stop;
}
