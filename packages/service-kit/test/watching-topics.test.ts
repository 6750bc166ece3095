import { describe, expect, it } from '@jest/globals';
import { ConfigError, createMetrics, defineConfig, observeRedis, topics } from '../src/index.ts';

const read = defineConfig({ tracing: topics.tracing, alerts: topics.alerts, figures: topics.figures });

describe('the configuration of what watches', () => {
  it('asks for nothing, and then watches without telling anybody', () => {
    const { tracing, alerts, figures } = read({});
    expect(tracing).toEqual({ endpoint: undefined, headers: {}, ratio: 1 });
    expect(alerts).toMatchObject({ webhookUrl: undefined, ntfyUrl: undefined, queueMinutes: 15 });
    expect(figures.listeners).toBe(100);
  });

  it("reads OpenTelemetry's own variables", () => {
    const { tracing } = read({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://tempo:4318/',
      OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Basic%20abc%3D, x-scope = me',
      OTEL_TRACES_SAMPLER_ARG: '.05',
    });
    expect(tracing).toEqual({
      endpoint: 'http://tempo:4318',
      headers: { authorization: 'Basic abc=', 'x-scope': 'me' },
      ratio: 0.05,
    });
  });

  it.each([
    ['OTEL_TRACES_SAMPLER_ARG', '1.5'],
    ['OTEL_TRACES_SAMPLER_ARG', 'half'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'authorization'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=%E0%A4%A'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'tempo:4318'],
    ['ALERT_NTFY_URL', 'ntfy.sh/topic'],
    ['ALERT_QUEUE_MINUTES', '0'],
  ])('refuses %s=%s', (name, value) => {
    expect(() => read({ [name]: value })).toThrow(ConfigError);
  });
});

describe('the metrics of a connection to Redis', () => {
  it('tell each connection of a process by its name, as it is at the scrape', async () => {
    const metrics = createMetrics('test');
    const connection = (status: string) => {
      const listeners: (() => void)[] = [];
      return { status, on: (_event: 'close', listener: () => void) => listeners.push(listener), listeners };
    };
    const [one, other] = [connection('ready'), connection('reconnecting')];
    observeRedis(metrics, 'one', one);
    observeRedis(metrics, 'other', other);
    for (const listener of other.listeners) listener();
    const text = await metrics.metrics();
    expect(text).toContain('spindle_redis_connected{connection="one",service="test"} 1');
    expect(text).toContain('spindle_redis_connected{connection="other",service="test"} 0');
    expect(text).toContain('spindle_redis_disconnects_total{connection="other",service="test"} 1');
    one.status = 'end';
    expect(await metrics.metrics()).toContain('spindle_redis_connected{connection="one",service="test"} 0');
  });
});
