import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SECRET_FILES, writeSecretFiles } from '@spindle/secrets';
import { Ajv } from 'ajv';
import { compose as composeTopic } from '../container-topics.ts';
import { ROOT } from '../project.ts';
import { SERVICE_CONFIGS } from '../service-configs.ts';
import { serviceSpecs } from '../services.ts';
import {
  askedFor,
  type ComposeService,
  composeFile,
  interpolate,
  seconds,
  textOf,
} from './support/containers.ts';
import { SERVICE_NAMES, variablesOf, wrongNames } from './support/service-variables.ts';

const FILE = 'docker-compose.yml';
const OVERLAYS = ['deploy/compose/tls.yml'];
/** A service's own time to finish, see `RunOptions.graceMs`, and some to spare. */
const GRACE_S = 30;

const file = composeFile(FILE);
const dockerfile = textOf('Dockerfile');
const services = Object.entries(file.services);
const lasting = services.filter(([name]) => !['migrate', 'secrets'].includes(name));
const networksOf = (service: ComposeService) =>
  Array.isArray(service.networks) ? service.networks : Object.keys(service.networks ?? {});

/** What a service finds in its environment, given what stands in `.env`. */
const environmentOf = (service: ComposeService, dotEnv: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(service.environment ?? {}).map(([key, value]) => [key, interpolate(value, dotEnv)]),
  );

describe('docker-compose.yml', () => {
  it('and its overlays are what the Compose Specification allows', () => {
    const { $schema: _, ...schema } = JSON.parse(textOf('tooling/test/compose-spec/compose-spec.json'));
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
    for (const path of [FILE, ...OVERLAYS]) {
      validate(composeFile(path));
      expect([path, validate.errors]).toEqual([path, null]);
    }
    expect(validate({ services: { nginx: { imagee: 'x' } } })).toBe(false);
  });

  it('has every service of the system, and what they stand on', () => {
    const around = ['nginx', 'migrate', 'postgres', 'redis', 'secrets', 'sandbox'];
    expect(Object.keys(file.services).sort()).toEqual([...SERVICE_NAMES, ...around].sort());
  });

  it('asks the operator only for variables that .env.example explains', () => {
    const known = new Set([
      ...SERVICE_NAMES.flatMap((name) => [...variablesOf(name).keys()]),
      ...composeTopic.variables.map((one) => one.name),
    ]);
    for (const path of [FILE, ...OVERLAYS])
      expect([path, askedFor(textOf(path)).filter((name) => !known.has(name))]).toEqual([path, []]);
    for (const { name } of composeTopic.variables)
      expect([FILE, ...OVERLAYS].some((path) => askedFor(textOf(path)).includes(name))).toBe(true);
  });

  it.each(SERVICE_NAMES)('gives %s every variable that it reads, and no other', (name) => {
    expect(wrongNames(name, Object.keys(file.services[name]?.environment ?? {}))).toEqual([]);
  });

  it('gives the import worker the heap that it has everywhere', () => {
    const spec = serviceSpecs({
      ...{ databaseUrl: '', redisUrl: '', publicUrl: '', gatewayPort: 0, opsPorts: {}, shared: {} },
    }).find(({ name }) => name === 'import-worker');
    expect(file.services['import-worker']?.environment?.NODE_OPTIONS).toBe(spec?.env.NODE_OPTIONS);
  });

  it('runs files that are there, of stages that are there, from images of one exact version', () => {
    const stages = [...dockerfile.matchAll(/^FROM \S+ AS (\w+)$/gm)].map(([, stage]) => stage);
    for (const [name, service] of services) {
      if (service.build) {
        expect([name, stages]).toEqual([name, expect.arrayContaining([service.build.target])]);
        expect(service.image).toBe(`spindle-${service.build.target}:\${SPINDLE_VERSION:-local}`);
      } else expect(service.image).toMatch(/^[a-z/]+:v?\d+\.\d+\S*$/);
      const scripts = [...(service.command ?? []), ...(service.healthcheck?.test ?? [])].filter((one) =>
        one.endsWith('.ts'),
      );
      for (const script of scripts) expect([script, existsSync(join(ROOT, script))]).toEqual([script, true]);
      if (name in SERVICE_CONFIGS) expect(service.command).toEqual(['node', `services/${name}/src/main.ts`]);
    }
  });

  it('lets nothing but nginx out, and the data nowhere', () => {
    const published = services.filter(([, service]) => service.ports !== undefined);
    expect(published.map(([name]) => name).sort()).toEqual(['nginx', 'sandbox']);
    expect(file.services.sandbox?.ports).toEqual(['127.0.0.1:9090:9090']);
    expect(file.services.sandbox?.profiles).toEqual(['sandbox']);
    expect(interpolate(file.services.nginx?.ports?.[0] ?? '', {})).toBe('127.0.0.1:4680:8080');
    expect(file.networks?.data).toEqual({ internal: true });
    for (const name of ['postgres', 'redis', 'import-worker', 'cron', 'migrate'])
      expect([name, networksOf(file.services[name] as ComposeService)]).toEqual([name, ['data']]);
  });

  it('runs everything as an ordinary user who can change nothing but what it must', () => {
    for (const [name, service] of services) {
      expect({ name, ...service }).toMatchObject({
        name,
        user: expect.stringMatching(/^(node|nginx|postgres|redis)$/),
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        logging: { options: { 'max-size': expect.any(String) } },
      });
    }
  });

  it('starts again what ends, gives it time to end, and holds it to a size', () => {
    for (const [name, service] of lasting) {
      expect([name, service.restart]).toEqual([name, 'unless-stopped']);
      expect(seconds(service.stop_grace_period ?? '0s')).toBeGreaterThanOrEqual(GRACE_S);
      expect(service.deploy?.resources.limits).toMatchObject({
        memory: expect.stringMatching(/^\d+[MG]$/),
        pids: expect.any(Number),
      });
    }
  });

  it('can be scaled: nothing has a name or a port of its own', () => {
    for (const [name, service] of services) {
      expect([name, service.container_name]).toEqual([name, undefined]);
      if (name !== 'nginx' && name !== 'sandbox') expect([name, service.ports]).toEqual([name, undefined]);
    }
    expect(file.services.nginx?.environment?.GATEWAYS).toBe(
      `gateway:${file.services.gateway?.environment?.PORT}`,
    );
  });

  it('starts in order, and waits only for what can be waited for', () => {
    for (const [name, service] of services) {
      for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
        const target = file.services[other];
        expect([name, other, target !== undefined]).toEqual([name, other, true]);
        if (condition === 'service_healthy') expect(target?.healthcheck?.test.length).toBeGreaterThan(0);
        else expect([condition, target?.restart]).toEqual(['service_completed_successfully', 'on-failure:5']);
      }
      if (variables(name).has('DATABASE_URL'))
        expect(Object.keys(service.depends_on ?? {})).toContain('migrate');
    }
  });

  it('names only networks, volumes and secrets that it has, and has none that nothing names', () => {
    const used = (pick: (service: ComposeService) => readonly string[]) =>
      [...new Set(services.flatMap(([, service]) => [...pick(service)]))].sort();
    expect(used(networksOf)).toEqual(Object.keys(file.networks ?? {}).sort());
    expect(used((service) => service.secrets ?? [])).toEqual(Object.keys(file.secrets ?? {}).sort());
    const volumes = used((service) => service.volumes ?? []).map((one) => one.split(':')[0]);
    expect(volumes.filter((one) => !one?.startsWith('$'))).toEqual(Object.keys(file.volumes ?? {}).sort());
    expect(Object.keys(file.secrets ?? {}).sort()).toEqual([...SECRET_FILES].sort());
    for (const [name, { file: path }] of Object.entries(file.secrets ?? {}))
      expect(path).toBe(`\${SPINDLE_SECRETS:-./secrets}/${name}`);
  });

  describe('with the secrets made and nothing but a client id in .env', () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'spindle-compose-'));
      writeSecretFiles(join(folder, 'secrets'));
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    it.each(SERVICE_NAMES)(
      '%s accepts its configuration, and reads only secrets that it was given',
      (name) => {
        const service = file.services[name] as ComposeService;
        const read: string[] = [];
        const environment = environmentOf(service, { SPOTIFY_CLIENT_ID: 'abc' });
        const config = SERVICE_CONFIGS[name](environment, (path) => {
          expect(path).toMatch(/^\/run\/secrets\//);
          read.push(path.slice('/run/secrets/'.length));
          return readFileSync(join(folder, 'secrets', path.slice('/run/secrets/'.length)), 'utf8');
        });
        expect(config.base.logLevel).toBe('info');
        expect(read.sort()).toEqual([...(service.secrets ?? [])].sort());
      },
    );

    it('a service without a client id says what is missing', () => {
      const environment = environmentOf(file.services.gateway as ComposeService, {});
      const start = () =>
        SERVICE_CONFIGS.gateway(environment, (path) =>
          readFileSync(join(folder, path.replace('/run', '')), 'utf8'),
        );
      expect(start).toThrow(/has a problem:\n {2}SPOTIFY_CLIENT_ID is not set/);
    });
  });
});

const variables = (name: string) =>
  name in SERVICE_CONFIGS ? variablesOf(name as (typeof SERVICE_NAMES)[number]) : new Map<string, boolean>();

describe('the sandbox of docker-compose.yml', () => {
  it('is reached by one name from browsers and containers, which its .env names', () => {
    const env = textOf('deploy/compose/sandbox.env');
    const address = /^SPOTIFY_API_URL=(\S+)$/m.exec(env)?.[1] ?? '';
    const { sandbox } = file.services;
    expect(env).toContain(`SPOTIFY_ACCOUNTS_URL=${address}\n`);
    expect(sandbox?.environment?.SANDBOX_PUBLIC_URL).toBe(address);
    const { hostname, port } = new URL(address);
    expect(hostname).toMatch(/\.localhost$/);
    expect(port).toBe(sandbox?.environment?.SANDBOX_PORT);
    expect(sandbox?.networks).toEqual({ edge: { aliases: [hostname] }, outward: { aliases: [hostname] } });
  });
});

describe('the Dockerfile', () => {
  const ignored = textOf('.dockerignore').split('\n');

  it('copies only what is there and what the builder gets', () => {
    const sources = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(
      ([, all]) => all?.split(' ') ?? [],
    );
    expect(sources.length).toBeGreaterThan(5);
    for (const source of sources) {
      expect([source, existsSync(join(ROOT, source))]).toEqual([source, true]);
      expect([source, ignored.includes(source)]).toEqual([source, false]);
    }
  });

  it('is built without history, data or secrets', () => {
    for (const one of ['.git', '.env', '.env.*', '.spindle', 'secrets', '**/node_modules'])
      expect(ignored).toContain(one);
  });

  it('stands on the Node that the project runs on, and on bases of one exact version', () => {
    const bases = [...dockerfile.matchAll(/^ARG (\w+)_IMAGE=(\S+)$/gm)].map(([, name, image]) => [
      name,
      image,
    ]);
    const { node } = JSON.parse(textOf('package.json')).devDependencies;
    expect(bases).toEqual([
      ['NODE', `node:${node}-bookworm-slim`],
      ['NGINX', expect.stringMatching(/^nginx:\d+\.\d+\.\d+-alpine-slim$/)],
    ]);
    for (const [, from] of dockerfile.matchAll(/^FROM (\S+)/gm))
      expect(from).toMatch(/^(\$\{(NODE|NGINX)_IMAGE\}|pnpm|app)$/);
  });

  it('runs no stage as root', () => {
    for (const stage of ['app', 'nginx']) {
      const text = dockerfile.split(/^(?=FROM )/m).find((one) => one.includes(`AS ${stage}\n`)) ?? '';
      expect(text).toMatch(/^USER (node|nginx)$/m);
    }
  });
});

describe('the front in containers', () => {
  const script = textOf('nginx/render.sh');

  it('gets only variables that its renderer reads', () => {
    const read = [...script.matchAll(/\$\{([A-Z][A-Z_]+)/g)].map(([, name]) => name);
    const given = [file, ...OVERLAYS.map(composeFile)].flatMap((one) =>
      Object.keys(one.services.nginx?.environment ?? {}),
    );
    for (const name of given) expect(read).toContain(name);
  });

  it('has the gateway’s limits of uploads when nobody sets them', () => {
    for (const { name, fallback } of SERVICE_CONFIGS.gateway.topics.uploads?.variables ?? [])
      expect(script).toContain(`\${${name}:-${fallback}}`);
  });
});
