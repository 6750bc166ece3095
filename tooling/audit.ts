import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { auditVerdict, exceptionsSchema, licenceFailures, NOT_AUDITED } from './audit/verdict.ts';
import { ROOT } from './project.ts';
import { runCommand, SetupError, say } from './step.ts';

const LONGEST_MS = 60_000;

function pnpm(...args: string[]): string {
  const { stdout, error } = spawnSync('pnpm', args, {
    ...{ cwd: ROOT, encoding: 'utf8', timeout: LONGEST_MS, maxBuffer: 64 * 1024 * 1024 },
  });
  if (error && 'code' in error && error.code === 'ENOENT')
    throw new SetupError('There is no pnpm on the PATH.');
  return stdout ?? '';
}

/** Asks the registry for advisories about what is shipped, and looks at its licences. */
async function audit(): Promise<number> {
  const exceptions = exceptionsSchema.parse(
    JSON.parse(readFileSync(join(ROOT, 'tooling/audit/exceptions.json'), 'utf8')),
  );
  const today = new Date().toISOString().slice(0, 10);
  const licences = licenceFailures(pnpm('--recursive', 'licenses', 'list', '--prod', '--json'));
  const { checked, failures, remarks } = auditVerdict(pnpm('audit', '--prod', '--json'), exceptions, today);
  for (const words of remarks) say(`  ${words}`);
  for (const words of [...failures, ...licences]) say(`✗ ${words}`);
  if (failures.length + licences.length > 0) return 1;
  say('✓ Licences: all may be shipped.');
  if (checked === null) {
    say(
      '! NOT AUDITED: the registry did not answer the request for advisories. Run `npm run audit` where it does.',
    );
    return NOT_AUDITED;
  }
  say(`✓ ${checked} packages, and no advisory that is high or critical.`);
  return 0;
}

await runCommand(audit);
