// The one door: `npm start`, `npm test` and the others come in here with nothing but Node and npm.
// Plain JavaScript without dependencies; everything after it runs on the project's own Node.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const STATE = join(ROOT, '.spindle');
const COMMANDS = [
  'start',
  'dev',
  'test',
  'test-compose',
  'secrets',
  'doctor',
  'bench',
  'chaos',
  'migrate-new',
  'pictures',
  'backup',
  'restore',
  'rotate-keys',
  'fuzz',
  'audit',
  'partition-plays',
];
const LEAST_NODE = 20;

function stop(message) {
  process.stderr.write(`\n${message}\n`);
  process.exit(1);
}

/** Runs a step, tells of it, and shows its output only when it failed. */
function step(title, command, args, options = {}) {
  const startedAt = Date.now();
  process.stdout.write(`• ${title} … `);
  const result = spawnSync(command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    ...options,
  });
  if (result.status !== 0) {
    process.stdout.write('failed\n');
    stop(
      `${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}\nCould not go on: ${title.toLowerCase()} failed.`,
    );
  }
  process.stdout.write(`${((Date.now() - startedAt) / 1000).toFixed(1)} s\n`);
}

/** Fetches the pnpm that package.json pins, into the project, through the user's own npm. */
function ensurePnpm() {
  const { packageManager } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const version = packageManager.replace(/^pnpm@/, '').replace(/\+.*$/, '');
  const home = join(STATE, 'pnpm', version);
  const entry = join(home, 'node_modules', 'pnpm', 'bin', 'pnpm.mjs');
  if (!existsSync(entry)) {
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'package.json'), '{ "private": true }\n');
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    const args = ['install', '--no-audit', '--no-fund', '--loglevel=error', `pnpm@${version}`];
    step(`Fetching pnpm ${version}`, npm, args, { cwd: home, shell: process.platform === 'win32' });
  }
  return entry;
}

function manifests() {
  const folders = ['packages', 'services'].flatMap((group) =>
    readdirSync(join(ROOT, group)).map((name) => join(group, name)),
  );
  return ['.', 'prisma', 'nginx', 'tooling', 'bench', 'e2e', ...folders]
    .map((folder) => join(ROOT, folder, 'package.json'))
    .filter((file) => existsSync(file));
}

/** Installs when the lock file or a manifest changed since the last time. */
function ensureInstalled(pnpm) {
  const hash = createHash('sha256');
  for (const file of [join(ROOT, 'pnpm-lock.yaml'), join(ROOT, 'pnpm-workspace.yaml'), ...manifests()]) {
    hash.update(readFileSync(file));
  }
  const stamp = join(STATE, 'installed');
  const wanted = hash.digest('hex');
  const node = join(ROOT, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  const installed = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(node);
  if (!installed) {
    step('Installing the packages and Node 24', process.execPath, [pnpm, 'install', '--frozen-lockfile'], {
      // The pinned pnpm speaks for itself; a terminal is not there to answer questions.
      env: { ...process.env, CI: 'true' },
    });
    if (!existsSync(node)) stop('The package "node" brought no binary for this platform.');
    mkdirSync(STATE, { recursive: true });
    writeFileSync(stamp, wanted);
  }
  return node;
}

const [, , given = '', ...rest] = process.argv;
const command = given.replace(':', '-');
if (!COMMANDS.includes(command)) stop(`Unknown command "${given}". There are: ${COMMANDS.join(', ')}.`);
if (Number(process.versions.node.split('.')[0]) < LEAST_NODE) {
  stop(`Spindle needs Node ${LEAST_NODE} or newer; this is ${process.version}. See https://nodejs.org`);
}

const pnpm = ensurePnpm();
const node = ensureInstalled(pnpm);
// turbo looks for pnpm by its name.
const pnpmBin = join(dirname(dirname(dirname(pnpm))), '.bin');
const child = spawn(
  node,
  ['--disable-warning=ExperimentalWarning', join(ROOT, 'tooling', `${command}.ts`), ...rest],
  {
    cwd: ROOT,
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: [dirname(node), pnpmBin, process.env.PATH ?? ''].join(delimiter),
      TURBO_TELEMETRY_DISABLED: '1',
    },
  },
);
// The terminal sends Ctrl-C to the whole group, so the child has it already; a kill comes to us alone.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
process.on('SIGHUP', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
