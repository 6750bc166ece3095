import { apiEndpoints } from '../../src/http/routes/api-endpoints.ts';
import type { AppMode, Sandbox } from '../../src/index.ts';
import { type Contract, loadContract } from './contract.ts';
import { loadOfficialContract, type OfficialContract, officialFile } from './official-contract.ts';

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** Undefined when the body is not JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: answers are checked against the schema, not against a type
  json: any;
}

type Call = (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  options?: { body?: unknown; token?: string | null; headers?: Record<string, string> },
) => Promise<Answer>;

/** Calls the API and checks every answer against the schemas; remembers what it has seen. */
export interface CheckedClient {
  call: Call;
  get(path: string): Promise<Answer>;
  /** Operations with their status, as `GET /v1/me 200`. */
  seen: Set<string>;
  operations: readonly string[];
  official: OfficialContract | null;
}

const templates = [...new Set(apiEndpoints.map(({ path }) => path))]
  .sort((a, b) => Number(a.includes(':')) - Number(b.includes(':')))
  .map((path) => ({ path, pattern: new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}$`) }));

interface Contracts {
  contract: Contract;
  official: OfficialContract | null;
}

/** Reading the descriptions takes most of a second, so each test file does it once for each mode. */
const loaded = new Map<AppMode, Contracts>();

function contracts(mode: AppMode): Contracts {
  let both = loaded.get(mode);
  if (!both) {
    const file = officialFile();
    both = {
      contract: loadContract(mode),
      official: file === null ? null : loadOfficialContract(file, mode),
    };
    loaded.set(mode, both);
  }
  return both;
}

export function checkedClient(sandbox: Sandbox, token: string, mode: AppMode): CheckedClient {
  const { contract, official } = contracts(mode);
  const seen = new Set<string>();

  const call: Call = async (method, path, options = {}) => {
    const bearer = options.token === undefined ? token : options.token;
    const response = await fetch(sandbox.apiUrl + path, {
      method,
      headers: {
        ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
        ...(options.body !== undefined &&
          typeof options.body !== 'string' && { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(options.body !== undefined && {
        body: typeof options.body === 'string' ? options.body : JSON.stringify(options.body),
      }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
    const json: unknown = isJson && text !== '' ? JSON.parse(text) : undefined;
    const bare = path.split('?')[0] ?? '';
    const template = templates.find(({ pattern }) => pattern.test(bare))?.path;
    if (template !== undefined && !path.includes('fields=')) {
      const operation = `${method} ${template} ${response.status}`;
      seen.add(operation);
      const wrong =
        contract.complaint(operation, { text, json }) ??
        official?.complaint(method, template, response.status, json);
      if (wrong) throw new Error(wrong);
    }
    return { status: response.status, headers: response.headers, text, json };
  };
  return { call, get: (path) => call('GET', path), seen, operations: contract.operations, official };
}
