import { optionsFromEnvironment } from './environment.ts';
import { createSandbox } from './sandbox.ts';

async function main(): Promise<void> {
  const sandbox = await createSandbox(optionsFromEnvironment(process.env));
  console.log(`The sandbox stands in for Spotify at ${sandbox.apiUrl} (control: ${sandbox.apiUrl}/_sandbox)`);
  const stop = (): void => {
    sandbox.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  // Started by another process over a channel: when that one is gone, so are we.
  process.once('disconnect', stop);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
