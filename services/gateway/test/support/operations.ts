import { type AnyRoute, type HttpMethod, routes } from '@spindle/contracts';
import { openApiDocument } from '@spindle/contracts/openapi';

/** One operation of the OpenAPI document, and the contract it was made of. */
export interface Operation {
  /** As tables name it: `GET /api/plays/{id}`. */
  readonly name: string;
  readonly method: Uppercase<HttpMethod>;
  /** As the document writes it: `/api/plays/{id}`. */
  readonly path: string;
  readonly contract: AnyRoute;
}

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/** Every operation that the document tells clients of. @throws Error for one that no contract declares */
export function allOperations(): Operation[] {
  const contracts = new Map<string, AnyRoute>();
  for (const contract of routes) {
    for (const path of [contract.path, ...(contract.aliases ?? [])]) {
      for (const method of [contract.method, ...(contract.alsoMethods ?? [])]) {
        contracts.set(`${method.toUpperCase()} ${path.replace(/:(\w+)/g, '{$1}')}`, contract);
      }
    }
  }
  const { paths = {} } = openApiDocument(routes, { version: '0', serverUrl: 'http://here' });
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((key) => METHODS.includes(key))
      .map((key) => {
        const method = key.toUpperCase() as Operation['method'];
        const name = `${method} ${path}`;
        const contract = contracts.get(name);
        if (!contract) throw new Error(`no contract declares ${name}`);
        return { name, method, path, contract };
      }),
  );
}

/** Whether an operation, asked for by somebody who may, changes something. */
export function changesSomething({ method, contract }: Operation): boolean {
  return method !== 'GET' || contract.scope === 'write';
}
