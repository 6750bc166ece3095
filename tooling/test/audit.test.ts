import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { auditVerdict, exceptionsSchema, licenceFailures } from '../audit/verdict.ts';

const TODAY = '2026-06-15';

/** As pnpm 12 writes it. */
const answer = (severity: string) =>
  JSON.stringify({
    advisories: {
      1: {
        findings: [{ version: '1.21.1', paths: ['services__sync-worker>axios'], dev: false }],
        id: 1,
        title: 'Requests can be smuggled',
        module_name: 'axios',
        vulnerable_versions: '<1.22.0',
        patched_versions: '>=1.22.0',
        severity,
        github_advisory_id: 'GHSA-aaaa-bbbb-cccc',
        url: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc',
      },
    },
    metadata: { vulnerabilities: { high: 1 }, totalDependencies: 474 },
  });
const except = (expires: string) => [
  { advisory: 'GHSA-aaaa-bbbb-cccc', reason: 'We never follow redirects with it.', expires },
];

describe('the audit', () => {
  it.each(['high', 'critical'])(
    'fails for an advisory that is %s, and says where it comes from',
    (severity) => {
      const { failures, checked } = auditVerdict(answer(severity), [], TODAY);
      expect(checked).toBe(474);
      expect(failures).toEqual([
        `${severity}: axios 1.21.1 through services__sync-worker>axios: Requests can be smuggled; mended in >=1.22.0 (https://github.com/advisories/GHSA-aaaa-bbbb-cccc)`,
      ]);
    },
  );

  it.each(['low', 'moderate'])('only remarks one that is %s', (severity) => {
    const { failures, remarks } = auditVerdict(answer(severity), [], TODAY);
    expect(failures).toEqual([]);
    expect(remarks).toHaveLength(1);
  });

  it('believes an exception until its last day', () => {
    expect(auditVerdict(answer('high'), except(TODAY), TODAY).failures).toEqual([]);
    const { failures } = auditVerdict(answer('high'), except('2026-06-14'), TODAY);
    expect(failures[0]).toContain('its exception expired on 2026-06-14');
  });

  it('remarks an exception that nothing needs', () => {
    const none = JSON.stringify({ advisories: {}, metadata: { totalDependencies: 3 } });
    expect(auditVerdict(none, except(TODAY), TODAY).remarks[0]).toContain('take it off the list');
  });

  it.each(['', 'Error: ERR_PNPM_AUDIT_BAD_RESPONSE', '{"error":{"code":"x"}}'])(
    'does not take silence for a good answer (%s)',
    (silence) =>
      expect(auditVerdict(silence, [], TODAY)).toEqual({ checked: null, failures: [], remarks: [] }),
  );

  it('has a list of exceptions that can be read', () => {
    const file = readFileSync(new URL('../audit/exceptions.json', import.meta.url), 'utf8');
    expect(() => exceptionsSchema.parse(JSON.parse(file))).not.toThrow();
  });
});

describe('licences', () => {
  it('that bind what they are shipped with are named; of a choice one is enough', () => {
    const list = JSON.stringify({
      MIT: [{ name: 'a' }],
      '(MIT OR GPL-3.0)': [{ name: 'b' }],
      'Apache-2.0 AND MIT': [{ name: 'c' }],
      'GPL-3.0': [{ name: 'd' }],
      'MIT AND AGPL-3.0': [{ name: 'e' }],
      Unknown: [{ name: 'f' }],
    });
    expect(licenceFailures(list)).toEqual([
      'd is under GPL-3.0',
      'e is under MIT AND AGPL-3.0',
      'f is under Unknown',
    ]);
  });
});
