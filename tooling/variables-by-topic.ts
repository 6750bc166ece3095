import { type Topic, topics } from '@spindle/service-kit';
import { compose } from './container-topics.ts';
import { SERVICE_CONFIGS } from './service-configs.ts';

/** Variables of the environment that belong together, in the order in which people read of them. */
export interface VariablesOfTopic {
  readonly title: string;
  readonly variables: Topic<unknown>['variables'];
}

/**
 * Every variable that a service or a container reads, once: what all share, then what single services have,
 * then what only containers ask.
 */
export function variablesByTopic(): VariablesOfTopic[] {
  const shared = Object.values(topics).filter((topic) => 'variables' in topic);
  const own = Object.values(SERVICE_CONFIGS).flatMap((config) => Object.values(config.topics));
  const all = new Set<Topic<unknown>>([...shared, ...own, compose]);
  const seen = new Set<string>();
  return [...all].flatMap(({ title, variables }) => {
    const fresh = variables.filter(({ name }) => !seen.has(name));
    for (const { name } of fresh) seen.add(name);
    return fresh.length === 0 ? [] : [{ title, variables: fresh }];
  });
}
