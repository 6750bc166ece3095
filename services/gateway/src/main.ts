import { runService } from '@spindle/service-kit';
import { start } from './start.ts';

await runService('gateway', async (scope) => {
  await start(scope, process.env);
});
