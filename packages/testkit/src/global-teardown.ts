/** Jest's `globalTeardown`: ends what `global-setup.ts` started. */
export default async function teardown(): Promise<void> {
  await (globalThis as { stopTestServers?: () => Promise<void> }).stopTestServers?.();
}
