import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createQueueMetrics } from '@spindle/queues';
import { createMetrics, type Registry } from '@spindle/service-kit';
import { createTestDatabase } from '@spindle/testkit';
import { parse } from 'yaml';
import { startGateway, type TestGateway } from './support/test-gateway.ts';

const FOLDER = fileURLToPath(new URL('../../../deploy/monitoring/', import.meta.url));
const run = promisify(execFile);

/** What Prometheus and the scrape configuration add to each series. */
const ADDED_LABELS = ['service', 'instance', 'job', 'role', 'le'];
/** Figures of the whole instance, which every gateway tells. */
const OF_INSTANCE =
  /^spindle_(?:alerts_|queue_|capture_(?!gaps)|consents|users|sharing|rooms_open|room_participants|imports|postgres_|redis_memory_|listener_|spotify_(?:quota|cooldown|calls_waiting))/;

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}
interface Panel {
  readonly type: string;
  readonly title: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

let gateway: TestGateway;
/** The labels of every metric that any process has, by its name. */
const known = new Map<string, readonly string[]>();
let rules: Rule[];
let panels: Panel[];
/** Every expression, and where it stands. */
let expressions: { where: string; expr: string }[];

function learn(registry: Registry): void {
  for (const metric of registry.getMetricsAsArray()) {
    // The names of labels are what prom-client was told, and are not part of its types.
    const {
      labelNames = [],
      name,
      type,
    } = metric as unknown as {
      labelNames?: readonly string[];
      name: string;
      type: string;
    };
    const names = type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name];
    for (const one of names) known.set(one, labelNames);
  }
}

beforeAll(async () => {
  // With everything that has metrics of its own.
  const store = await createTestDatabase();
  gateway = await startGateway({ DATABASE_REPLICA_URL: store.url }, { store });
  learn(gateway.context.metrics);
  const ofWorkers = createMetrics('a-worker');
  createQueueMetrics(ofWorkers);
  learn(ofWorkers);
  rules = parse(await readFile(join(FOLDER, 'prometheus/rules.yml'), 'utf8')).groups.flatMap(
    (group: { rules: Rule[] }) => group.rules,
  );
  ({ panels } = JSON.parse(await readFile(join(FOLDER, 'grafana/dashboards/spindle.json'), 'utf8')));
  expressions = [
    ...rules.map(({ alert, expr }) => ({ where: `alert ${alert}`, expr })),
    ...panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }) => ({ where: `panel ${title}`, expr })),
    ),
  ];
});
afterAll(() => gateway.stop());

const metricsIn = (expr: string): string[] =>
  [...expr.matchAll(/\b(?:spindle|nodejs|process)_\w+/g)].map(([name]) => name);
const labelsBy = (expr: string): string[] =>
  [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(',').map((one) => one.trim()),
  );

describe('the dashboard and the alerts', () => {
  it('ask for metrics that exist, by labels that these have', () => {
    expect(expressions.length).toBeGreaterThan(70);
    for (const { where, expr } of expressions) {
      const names = metricsIn(expr);
      const unknown = names.filter((name) => !known.has(name));
      expect({ where, unknown }).toEqual({ where, unknown: [] });
      for (const [, name = '', selector = ''] of expr.matchAll(/\b(\w+)\{([^}]*)\}/g)) {
        const labels = [...selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label]) => label ?? '');
        const has = [...(known.get(name) ?? []), ...ADDED_LABELS];
        expect({ where, unknown: labels.filter((label) => !has.includes(label)) }).toEqual({
          where,
          unknown: [],
        });
      }
      const all = [...names.flatMap((name) => known.get(name) ?? []), ...ADDED_LABELS];
      const grouped = labelsBy(expr).filter((label) => !all.includes(label));
      expect({ where, grouped }).toEqual({ where, grouped: [] });
    }
  });

  it('take what every gateway tells by its max, so that nothing is counted twice', () => {
    const seen = new Set<string>();
    for (const { where, expr } of expressions) {
      for (const match of expr.matchAll(/\bspindle_\w+/g)) {
        if (!OF_INSTANCE.test(match[0])) continue;
        seen.add(match[0]);
        const before = expr.slice(0, match.index);
        expect({ where, isMax: /\bmax(?: by \([^)]*\) )?\($/.test(before) }).toEqual({ where, isMax: true });
      }
    }
    expect(seen.size).toBeGreaterThan(15);
  });

  it('find no label that Prometheus would rename, since it gives it to every target', () => {
    for (const [name, labels] of known)
      expect({ name, taken: labels.filter((label) => ['job', 'instance', 'role'].includes(label)) }).toEqual({
        name,
        taken: [],
      });
  });

  it('show every metric of ours somewhere', () => {
    const shown = new Set(
      expressions
        .flatMap(({ expr }) => metricsIn(expr))
        .map((name) => name.replace(/_(?:bucket|sum|count)$/, '')),
    );
    const ours = [...known.keys()]
      .filter((name) => name.startsWith('spindle_'))
      .map((name) => name.replace(/_(?:bucket|sum|count)$/, ''));
    // One that nobody looks at on its own: a limit that gives the pool's figures their scale.
    const missing = [...new Set(ours)].filter((name) => !shown.has(name));
    expect(missing.sort()).toEqual(['spindle_db_pool_limit', 'spindle_redis_disconnects_total']);
  });

  it('tell what is wrong in words, with a severity', () => {
    for (const { alert, labels, annotations } of rules) {
      expect({ alert, severity: ['info', 'warning', 'critical'].includes(labels.severity) }).toEqual({
        alert,
        severity: true,
      });
      expect(annotations.summary.length).toBeGreaterThan(5);
      expect(annotations.description.length).toBeGreaterThan(20);
    }
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });

  const promtool = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'promtool'))
    .find(existsSync);
  (promtool ? it : it.skip)('pass promtool and its tests of the alerts, where it is installed', async () => {
    const ask = (...words: string[]) => run(promtool ?? '', words, { cwd: join(FOLDER, 'prometheus') });
    await ask('check', 'config', '--syntax-only', 'prometheus.yml');
    await ask('check', 'rules', 'rules.yml');
    expect((await ask('test', 'rules', 'rules.test.yml')).stdout).toContain('SUCCESS');
  });
});

describe('the scrape configuration', () => {
  it('asks every process of the system at the port that they have by default', async () => {
    const { scrape_configs: jobs } = parse(await readFile(join(FOLDER, 'prometheus/prometheus.yml'), 'utf8'));
    const [{ names, port }] = jobs[0].dns_sd_configs;
    const { SERVICES } = await import('../../../tooling/services.ts');
    expect([...names].sort()).toEqual([...SERVICES].sort());
    expect(port).toBe(9464);
    const roles = rules.find(({ alert }) => alert === 'SpindleServiceMissing')?.expr ?? '';
    for (const name of SERVICES) expect(roles).toContain(`role="${name}"`);
  });

  it('comes with a compose file that fits the other one', async () => {
    const read = async (name: string) =>
      parse(await readFile(join(FOLDER, '../..', name), 'utf8'), { merge: true });
    const [base, overlay] = [await read('docker-compose.yml'), await read('docker-compose.monitoring.yml')];
    const networks = Object.keys({ ...base.networks, ...overlay.networks });
    const { prometheus, grafana } = overlay.services;
    expect(networks).toEqual(expect.arrayContaining([...prometheus.networks, ...grafana.networks]));
    const { SERVICES } = await import('../../../tooling/services.ts');
    for (const name of SERVICES) {
      const { environment, networks: theirs } = base.services[name];
      expect({ name, port: environment.OPS_PORT, host: environment.OPS_HOST }).toEqual({
        name,
        port: '9464',
        host: '0.0.0.0',
      });
      expect(theirs.some((network: string) => prometheus.networks.includes(network))).toBe(true);
    }
    for (const volume of [...prometheus.volumes, ...grafana.volumes] as string[]) {
      const [source = ''] = volume.split(':');
      const exists = source.startsWith('./')
        ? existsSync(join(FOLDER, '../..', source))
        : source in overlay.volumes;
      expect({ source, exists }).toEqual({ source, exists: true });
    }
  });

  it('finds a second port at the gateway when it is told of one', async () => {
    const second = await startGateway({ OPS_PORT: '0' });
    try {
      const { opsPort } = JSON.parse(
        second
          .logs()
          .split('\n')
          .find((line) => line.includes('"opsPort"')) ?? '{}',
      );
      const answer = await fetch(`http://127.0.0.1:${opsPort}/metrics`);
      expect(await answer.text()).toContain('spindle_build_info');
      expect((await fetch(`http://127.0.0.1:${opsPort}/api/instance`)).status).toBe(404);
    } finally {
      await second.stop();
    }
  });
});
