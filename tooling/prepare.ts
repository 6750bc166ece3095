import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { NODE, ROOT } from './project.ts';
import { runQuietly } from './run-quietly.ts';
import { onceFor } from './stamp.ts';
import { step } from './step.ts';

/** Generates the Prisma client when the schema changed. */
export async function preparePrismaClient(): Promise<void> {
  const schema = join(ROOT, 'prisma', 'schema.prisma');
  await onceFor(
    'prisma-client',
    [schema],
    join(ROOT, 'packages', 'db', 'src', 'generated', 'client.ts'),
    () =>
      step('Generating the database client', async () => {
        const prisma = createRequire(join(ROOT, 'prisma', 'package.json')).resolve('prisma/build/index.js');
        await runQuietly(NODE, [prisma, 'generate', '--schema', schema], {
          what: 'Generating the database client',
          env: {
            ...process.env,
            CHECKPOINT_DISABLE: '1',
            // Generating needs no schema engine, but looks for one; any program will do.
            PRISMA_SCHEMA_ENGINE_BINARY: NODE,
          },
        });
      }),
  );
}

/** Builds the web app when its sources or the contracts changed. Answers where it lies. */
export async function prepareWebApp(): Promise<string> {
  const web = join(ROOT, 'services', 'web');
  const dist = join(web, 'dist');
  const inputs = [web, join(ROOT, 'packages', 'contracts', 'src'), join(ROOT, 'pnpm-lock.yaml')];
  await onceFor('web-app', inputs, join(dist, 'index.html'), () =>
    step('Building the web app', async () => {
      const vite = join(web, 'node_modules', 'vite', 'bin', 'vite.js');
      await runQuietly(NODE, [vite, 'build', '--logLevel', 'error'], {
        what: 'Building the web app',
        cwd: web,
      });
    }),
  );
  return dist;
}

/** The Chromium to test with: the operator's, Debian's, or Playwright's; null when there is none. */
export function findChromium(environment: NodeJS.ProcessEnv): string | null {
  const candidates = [
    environment.CHROMIUM_PATH,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ];
  return candidates.find((path) => path !== undefined && existsSync(path)) ?? null;
}
