import { optionsFromEnvironment } from './environment.ts';
import { createSandbox } from './sandbox.ts';

const sandbox = await createSandbox(optionsFromEnvironment(process.env)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
console.log(`The sandbox stands in for Spotify at ${sandbox.apiUrl} (control: ${sandbox.apiUrl}/_sandbox)`);

const stop = (): void => {
  sandbox.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
};
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
