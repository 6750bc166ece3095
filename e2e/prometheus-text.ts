/** One sample of a scrape. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric of a scrape, as its comments and samples tell. */
export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: Sample[];
}

const LABEL = /\s*([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"\s*(?:,|$)/y;
const UNESCAPED: Readonly<Record<string, string>> = { '\\n': '\n', '\\"': '"', '\\\\': '\\' };

function readLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const match = LABEL.exec(text);
    if (!match?.[1]) throw new Error(`these are no labels: ${text}`);
    labels[match[1]] = (match[2] ?? '').replaceAll(/\\[n"\\]/g, (pair) => UNESCAPED[pair] ?? pair);
  }
  return labels;
}

function readNumber(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  const value = text === 'Nan' || text === 'NaN' ? Number.NaN : Number(text);
  if (Number.isNaN(value) && !/^nan$/i.test(text)) throw new Error(`this is no number: ${text}`);
  return value;
}

const OF_HISTOGRAMS = /_(?:bucket|sum|count)$/;

/**
 * Reads the text format of Prometheus
 * (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format).
 *
 * @throws Error for a line that is none of it, or a sample without its HELP and TYPE.
 */
export function parseMetrics(text: string): Map<string, Family> {
  const families = new Map<string, { name: string; type: string; help: string; samples: Sample[] }>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line);
    if (comment) {
      const [, kind, name = '', rest = ''] = comment;
      const family = families.get(name) ?? { name, type: '', help: '', samples: [] };
      families.set(name, kind === 'HELP' ? { ...family, help: rest } : { ...family, type: rest });
      continue;
    }
    const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (!sample) throw new Error(`this is no line of a scrape: ${line}`);
    const [, name = '', labels = '', value = ''] = sample;
    const family = families.get(name) ?? families.get(name.replace(OF_HISTOGRAMS, ''));
    if (!family?.type || !family.help) throw new Error(`${name} has no HELP or no TYPE before it`);
    family.samples.push({ name, labels: readLabels(labels), value: readNumber(value) });
  }
  return families;
}

const NO_BASE_UNIT = /_(?:ms|milliseconds|minutes|hours|days|kb|mb|kilobytes|megabytes|percent)(?:_|$)/;

/** What a linter of metrics would say (the rules of `promtool check metrics`). */
export function lintMetric({ name, type, help, samples }: Family): string[] {
  const complaints: string[] = [];
  const say = (when: boolean, what: string) => when && complaints.push(`${name}: ${what}`);
  say(help.trim() === '', 'has no help');
  say(type === 'counter' && !name.endsWith('_total'), 'a counter ends in _total');
  say(type !== 'counter' && name.endsWith('_total'), 'only counters end in _total');
  say(type !== 'histogram' && OF_HISTOGRAMS.test(name), 'ends as only parts of histograms do');
  say(NO_BASE_UNIT.test(name), 'is not in a base unit');
  say(/[A-Z:]/.test(name), 'is not in snake_case');
  say(/_(?:gauge|counter|histogram)(?:_|$)/.test(name), 'names its type');
  // Prometheus gives these to every target, and would rename those of a process.
  say(
    samples.some(({ labels }) => 'job' in labels || 'instance' in labels),
    'has a label of its target',
  );
  return complaints;
}
