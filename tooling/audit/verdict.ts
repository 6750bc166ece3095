import { z } from 'zod';

/** What `pnpm audit --json` answers, as far as it is needed. */
const auditSchema = z.object({
  advisories: z.record(
    z.string(),
    z.object({
      module_name: z.string(),
      severity: z.string(),
      title: z.string(),
      url: z.string(),
      github_advisory_id: z.string(),
      patched_versions: z.string().nullish(),
      findings: z.array(z.object({ version: z.string(), paths: z.array(z.string()) })),
    }),
  ),
  metadata: z.object({ totalDependencies: z.number() }),
});

/** An advisory that does not concern us, until a day. */
export const exceptionsSchema = z.array(
  z.strictObject({
    /** `GHSA-…` */
    advisory: z.string(),
    /** Why it can be lived with. */
    reason: z.string().min(20),
    /** The last day on which it is believed. */
    expires: z.iso.date(),
  }),
);
export type AuditException = z.infer<typeof exceptionsSchema>[number];

export interface AuditVerdict {
  /** Null: the registry did not tell. */
  readonly checked: number | null;
  /** What fails the audit, in words. */
  readonly failures: readonly string[];
  /** What should be known, but fails nothing. */
  readonly remarks: readonly string[];
}

/** Exit code of the audit where the registry does not tell what is known to be wrong. */
export const NOT_AUDITED = 2;

const FAILING = new Set(['high', 'critical']);

/**
 * Judges the answer of the registry: advisories that are high or critical fail, unless an exception that
 * has not expired names them.
 *
 * @param today `YYYY-MM-DD`
 */
export function auditVerdict(
  answer: string,
  exceptions: readonly AuditException[],
  today: string,
): AuditVerdict {
  let json: unknown;
  try {
    json = JSON.parse(answer);
  } catch {
    json = undefined;
  }
  const parsed = auditSchema.safeParse(json);
  if (!parsed.success) return { checked: null, failures: [], remarks: [] };
  const failures: string[] = [];
  const remarks: string[] = [];
  const used = new Set<string>();
  for (const one of Object.values(parsed.data.advisories)) {
    const where = one.findings
      .map(({ version, paths }) => `${version} through ${paths[0] ?? '?'}`)
      .join(', ');
    const fix = one.patched_versions ? `; mended in ${one.patched_versions}` : '';
    const words = `${one.severity}: ${one.module_name} ${where}: ${one.title}${fix} (${one.url})`;
    const exception = exceptions.find(({ advisory }) => advisory === one.github_advisory_id);
    if (exception) used.add(exception.advisory);
    if (!FAILING.has(one.severity)) remarks.push(words);
    else if (!exception) failures.push(words);
    else if (exception.expires < today)
      failures.push(`${words}\n  its exception expired on ${exception.expires}`);
    else remarks.push(`${words}\n  excepted until ${exception.expires}: ${exception.reason}`);
  }
  for (const { advisory } of exceptions)
    if (!used.has(advisory))
      remarks.push(`${advisory} is excepted, and nothing has it: take it off the list`);
  return { checked: parsed.data.metadata.totalDependencies, failures, remarks };
}

/**
 * Licences that may be shipped with MIT software; those that bind only their own files (MPL, EPL) among them,
 * since nothing of theirs is changed. Expressions are read part by part.
 */
const FINE = new Set([
  ...['MIT', 'MIT-0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'Zlib'],
  ...[
    'Python-2.0',
    'Unlicense',
    'CC0-1.0',
    'CC-BY-4.0',
    'WTFPL',
    'OFL-1.1',
    'MPL-2.0',
    'EPL-2.0',
    'PostgreSQL',
    'Artistic-2.0',
  ],
]);

/** Packages whose manifest does not say it, but whose text does. */
const SAID_ELSEWHERE = new Set(['pause']);

const licencesSchema = z.record(z.string(), z.array(z.object({ name: z.string() })));

/** Packages whose licence is none of those, in words. @param answer of `pnpm licenses list --json` */
export function licenceFailures(answer: string): string[] {
  return Object.entries(licencesSchema.parse(JSON.parse(answer))).flatMap(([licence, packages]) => {
    const parts = licence.replaceAll(/[()]/g, '').split(/ (?:OR|AND|WITH) /i);
    const isFine = / OR /i.test(licence)
      ? parts.some((one) => FINE.has(one))
      : parts.every((one) => FINE.has(one));
    const others = packages.filter(({ name }) => !(licence === 'Unknown' && SAID_ELSEWHERE.has(name)));
    return isFine ? [] : others.map(({ name }) => `${name} is under ${licence}`);
  });
}
