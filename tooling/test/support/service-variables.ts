import { SERVICE_CONFIGS } from '../../service-configs.ts';

/** Not for the operator of containers: the image sets it, a simulation would, or nginx serves the app. */
const NOT_PASSED = new Set(['NODE_ENV', 'CLOCK', 'WEB_DIST']);

export type Service = keyof typeof SERVICE_CONFIGS;
export const SERVICE_NAMES = Object.keys(SERVICE_CONFIGS) as Service[];

/** Whether a variable is a secret, by the names of the variables that a service reads. */
export function variablesOf(service: Service): Map<string, boolean> {
  const topics = Object.values(SERVICE_CONFIGS[service].topics);
  return new Map(topics.flatMap((topic) => topic.variables.map((one) => [one.name, one.secret] as const)));
}

/**
 * What is wrong with the names of the variables that a container gets: those that its service does not
 * read, and those that it reads and does not get, so that an operator could not set them.
 */
export function wrongNames(service: Service, given: readonly string[]): string[] {
  const variables = variablesOf(service);
  const inContainer = new Set(
    [...variables]
      .filter(([name]) => !NOT_PASSED.has(name))
      .map(([name, secret]) => (secret ? `${name}_FILE` : name)),
  );
  return [
    ...given
      .filter((name) => !inContainer.has(name) && name !== 'NODE_OPTIONS')
      .map((name) => `${service} does not read ${name}`),
    ...[...inContainer]
      .filter((name) => !given.includes(name))
      .map((name) => `${service} is not given ${name}`),
  ];
}
