import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SECRET_FILES, writeSecretFiles } from '@spindle/secrets';
import { parse, parseAllDocuments } from 'yaml';
import { ROOT } from '../project.ts';
import { SERVICE_CONFIGS } from '../service-configs.ts';
import { composeFile, textOf } from './support/containers.ts';
import { SERVICE_NAMES, type Service, variablesOf } from './support/service-variables.ts';

const FOLDER = 'deploy/kubernetes';

interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly envFrom?: readonly { readonly configMapRef: { readonly name: string } }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly securityContext: object;
  readonly resources: { readonly limits: { readonly memory: string } };
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
}
interface Probe {
  readonly httpGet?: { readonly path: string; readonly port: string };
}
interface PodSpec {
  readonly terminationGracePeriodSeconds?: number;
  readonly containers: readonly Container[];
  readonly volumes: readonly {
    readonly name: string;
    readonly projected?: { readonly sources: readonly { readonly secret: { readonly name: string } }[] };
    readonly secret?: { readonly secretName: string; readonly items: readonly { readonly key: string }[] };
  }[];
}
interface Thing {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly replicas?: number;
    readonly selector?: { readonly matchLabels?: Labels } & Labels;
    readonly template?: { readonly metadata: { readonly labels: Labels }; readonly spec: PodSpec };
    readonly scaleTargetRef?: { readonly kind: string; readonly name: string };
    readonly ports?: readonly { readonly targetPort: string }[];
    readonly podSelector?: {
      readonly matchLabels?: Labels;
      readonly matchExpressions?: readonly { values: string[] }[];
    };
  };
}
type Labels = Readonly<Record<string, string>>;
interface Kustomization {
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly images?: readonly { readonly name: string }[];
  readonly configMapGenerator?: readonly { readonly name: string; readonly literals: readonly string[] }[];
  readonly secretGenerator?: readonly { readonly name: string; readonly files: readonly string[] }[];
}

const NAME = 'app.kubernetes.io/name';
const kustomization = (folder: string) =>
  parse(textOf(`${FOLDER}/${folder}/kustomization.yaml`)) as Kustomization;
const base = kustomization('base');
const databases = kustomization('databases');
const example = kustomization('example');

const things = (['base', 'databases'] as const).flatMap((folder) =>
  (kustomization(folder).resources ?? []).flatMap((file) =>
    parseAllDocuments(textOf(`${FOLDER}/${folder}/${file}`)).map((one) => {
      expect([file, one.errors]).toEqual([file, []]);
      return one.toJS() as Thing;
    }),
  ),
);
const of = (kind: string) => things.filter((one) => one.kind === kind);
const pods = things.filter((one) => one.spec.template !== undefined);
const podOf = (thing: Thing) => thing.spec.template?.spec as PodSpec;
const containerOf = (thing: Thing) => podOf(thing).containers[0] as Container;
const deployment = (name: string) => of('Deployment').find((one) => one.metadata.name === name) as Thing;

/** What a ConfigMap says, base and example together. */
const literals = (name: string): Record<string, string> =>
  Object.fromEntries(
    [base, example]
      .flatMap((one) => one.configMapGenerator ?? [])
      .filter((one) => one.name === name)
      .flatMap((one) => one.literals.map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string])),
  );
/** The files of a Secret. */
const filesOf = (name: string): string[] =>
  (example.secretGenerator?.find((one) => one.name === name)?.files ?? []).map((one) =>
    one.replace('secrets/', ''),
  );

const environmentOf = (container: Container) => ({
  ...Object.assign({}, ...(container.envFrom ?? []).map((one) => literals(one.configMapRef.name))),
  ...Object.fromEntries((container.env ?? []).map((one) => [one.name, one.value ?? ''])),
});
/** The files at /run/secrets. */
const mounted = (thing: Thing) =>
  podOf(thing).volumes.flatMap(({ projected, secret }) => [
    ...(projected?.sources ?? []).flatMap((one) => filesOf(one.secret.name)),
    ...(secret?.items ?? []).map((one) => one.key),
  ]);

describe('the manifests for Kubernetes', () => {
  it('have a deployment for every service and the front, of images that the Dockerfile makes', () => {
    expect(
      of('Deployment')
        .map((one) => one.metadata.name)
        .sort(),
    ).toEqual([...SERVICE_NAMES, 'nginx'].sort());
    const stages = [...textOf('Dockerfile').matchAll(/^FROM \S+ AS (\w+)$/gm)].map(
      ([, stage]) => `spindle-${stage}`,
    );
    const compose = composeFile('docker-compose.yml');
    for (const pod of pods) {
      const { name, image, command } = containerOf(pod);
      if (image.startsWith('spindle-')) {
        expect(stages).toContain(image);
        expect(example.images?.map((one) => one.name)).toContain(image);
      } else expect(image).toBe(compose.services[name]?.image);
      for (const script of (command ?? []).filter((one) => one.endsWith('.ts')))
        expect([script, existsSync(join(ROOT, script))]).toEqual([script, true]);
      if (name in SERVICE_CONFIGS) expect(command).toEqual(['node', `services/${name}/src/main.ts`]);
    }
    expect(containerOf(deployment('import-worker')).env?.[0]?.value).toBe(
      compose.services['import-worker']?.environment?.NODE_OPTIONS,
    );
  });

  it('name only variables that something reads, and secrets that are made', () => {
    const all = new Map(SERVICE_NAMES.flatMap((name) => [...variablesOf(name)]));
    const front = [...textOf('nginx/render.sh').matchAll(/\$\{([A-Z][A-Z_]+)/g)].map(
      ([, name]) => name ?? '',
    );
    for (const name of Object.keys(literals('spindle')))
      expect([name, all.get(name) ?? !front.includes(name)]).toEqual([name, false]);
    for (const { name } of base.configMapGenerator?.slice(1) ?? []) {
      expect(filesOf(name).sort()).toEqual(
        Object.values(literals(name))
          .map((path) => path.replace('/run/secrets/', ''))
          .sort(),
      );
      for (const [variable, path] of Object.entries(literals(name))) {
        expect([variable, all.get(variable.replace(/_FILE$/, ''))]).toEqual([variable, true]);
        expect(path).toBe(`/run/secrets/${variable.replace(/_FILE$/, '').toLowerCase()}`);
      }
    }
    const made = example.secretGenerator?.flatMap((one) => filesOf(one.name)) ?? [];
    expect(made.sort()).toEqual([...SECRET_FILES].sort());
  });

  it('refer only to what there is', () => {
    const configMaps = (base.configMapGenerator ?? []).map((one) => one.name);
    const secrets = (example.secretGenerator ?? []).map((one) => one.name);
    const names = pods.map((one) => one.metadata.name);
    for (const pod of pods) {
      const { env: _, ...container } = containerOf(pod);
      expect(pod.spec.template?.metadata.labels[NAME]).toBe(pod.metadata.name);
      if (pod.kind !== 'Job') expect(pod.spec.selector?.matchLabels).toEqual({ [NAME]: pod.metadata.name });
      for (const one of container.envFrom ?? []) expect(configMaps).toContain(one.configMapRef.name);
      const volumes = [
        ...podOf(pod).volumes.map((one) => one.name),
        ...(pod.kind === 'StatefulSet' ? ['data'] : []),
      ];
      expect(container.volumeMounts.map((one) => one.name).sort()).toEqual(volumes.sort());
      for (const { projected, secret } of podOf(pod).volumes) {
        for (const one of projected?.sources ?? []) expect(secrets).toContain(one.secret.name);
        if (secret) expect(secrets).toContain(secret.secretName);
      }
    }
    for (const service of of('Service')) {
      const target = pods.find((one) => one.metadata.name === service.spec.selector?.[NAME]) as Thing;
      const ports = containerOf(target).ports?.map((one) => one.name);
      for (const one of service.spec.ports ?? []) expect(ports).toContain(one.targetPort);
    }
    for (const one of of('HorizontalPodAutoscaler')) {
      const target = deployment(one.spec.scaleTargetRef?.name ?? '');
      // A number here would be set again at every apply.
      expect([one.metadata.name, target.spec.replicas]).toEqual([one.metadata.name, undefined]);
    }
    for (const one of of('PodDisruptionBudget'))
      expect(names).toContain(one.spec.selector?.matchLabels?.[NAME]);
    for (const { spec } of of('NetworkPolicy')) {
      const { matchLabels, matchExpressions } = spec.podSelector ?? {};
      for (const name of [
        matchLabels?.[NAME] ?? [],
        ...(matchExpressions ?? []).map((one) => one.values),
      ].flat())
        expect(names).toContain(name);
    }
  });

  it('ask each process for its health where it tells it', () => {
    for (const pod of of('Deployment')) {
      const { name, ports, startupProbe, livenessProbe, readinessProbe } = containerOf(pod);
      const ask = (probe?: Probe) => [probe?.httpGet?.path, probe?.httpGet?.port];
      const asked = [ask(startupProbe), ask(livenessProbe), ask(readinessProbe)];
      if (name === 'nginx') expect(asked).toEqual([1, 2, 3].map(() => ['/', 'http']));
      else {
        expect(asked).toEqual([
          ['/healthz', 'ops'],
          ['/healthz', 'ops'],
          ['/readyz', 'ops'],
        ]);
        expect(ports?.find((one) => one.name === 'ops')?.containerPort).toBe(
          Number(literals('spindle').OPS_PORT),
        );
      }
    }
    const gateway = containerOf(deployment('gateway'));
    const port = gateway.ports?.find((one) => one.name === 'http')?.containerPort;
    expect(environmentOf(gateway).PORT).toBe(String(port));
    expect(environmentOf(containerOf(deployment('nginx'))).GATEWAYS).toMatch(
      new RegExp(`^gateway\\..+:${port}$`),
    );
  });

  it('run everything as the restricted standard of Kubernetes wants it', () => {
    expect(pods.length).toBeGreaterThan(10);
    for (const pod of pods) {
      expect({ name: pod.metadata.name, ...podOf(pod) }).toMatchObject({
        name: pod.metadata.name,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        automountServiceAccountToken: false,
      });
      expect(containerOf(pod).securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(containerOf(pod).resources.limits.memory).toMatch(/^\d+[MG]i$/);
      if (pod.kind !== 'Job') expect(podOf(pod).terminationGracePeriodSeconds).toBeGreaterThanOrEqual(30);
    }
  });

  describe('with the secrets of the example made', () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'spindle-kubernetes-'));
      cpSync(join(ROOT, FOLDER), folder, { recursive: true });
      writeSecretFiles(join(folder, 'example', 'secrets'));
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    it.each(SERVICE_NAMES)(
      '%s has every secret that it reads, and accepts its configuration',
      (name: Service) => {
        const pod = deployment(name);
        const files = mounted(pod);
        const environment = environmentOf(containerOf(pod));
        for (const [variable, secret] of variablesOf(name))
          if (secret) expect(Object.keys(environment)).toContain(`${variable}_FILE`);
        const config = SERVICE_CONFIGS[name](environment, (path) => {
          expect(files).toContain(path.replace('/run/secrets/', ''));
          return readFileSync(join(folder, 'example', path.replace('/run', '')), 'utf8');
        });
        expect(config.base.logLevel).toBe('info');
      },
    );

    const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;
    (hasKubectl ? it : it.skip)('kustomize puts the example together', () => {
      const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', join(folder, 'example')], {
        encoding: 'utf8',
        maxBuffer: 2 ** 24,
      });
      expect([status, stderr]).toEqual([0, '']);
      const made = parseAllDocuments(stdout).map((one) => one.toJS() as Thing);
      const names = (kind: string) => made.filter((one) => one.kind === kind).length;
      expect(names('Deployment')).toBe(of('Deployment').length);
      expect(names('StatefulSet')).toBe(databases.resources?.length === 3 ? 2 : 0);
      expect(stdout).not.toMatch(/image: spindle-/);
    });
  });
});
