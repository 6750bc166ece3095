import { startSystem } from './start.ts';
import { runCommand } from './step.ts';

await runCommand(() => startSystem({ watch: true }));
