export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of every shape
  readonly json: any;
}

export interface Asking {
  readonly method?: string;
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly raw?: string | Uint8Array<ArrayBuffer> | FormData | ReadableStream;
  readonly headers?: Record<string, string>;
}

/** A browser as far as the gateway can tell: keeps cookies, follows no redirect by itself. */
export class Browser {
  readonly #origin: string;
  readonly #cookies = new Map<string, string>();

  constructor(origin: string) {
    this.#origin = origin;
  }

  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  set cookie(text: string) {
    this.#cookies.clear();
    for (const pair of text.split('; ').filter(Boolean)) {
      const [name = '', ...value] = pair.split('=');
      this.#cookies.set(name, value.join('='));
    }
  }

  async ask(path: string, asking: Asking = {}): Promise<Answer> {
    const method = asking.method ?? (asking.body === undefined && asking.raw === undefined ? 'GET' : 'POST');
    const body = asking.raw ?? (asking.body === undefined ? undefined : JSON.stringify(asking.body));
    const response = await fetch(new URL(path, this.#origin), {
      method,
      redirect: 'manual',
      headers: {
        accept: 'application/json',
        'sec-fetch-site': 'same-origin',
        ...(this.cookie && { cookie: this.cookie }),
        ...(asking.body !== undefined && { 'content-type': 'application/json' }),
        ...asking.headers,
      },
      ...(body !== undefined && { body, duplex: 'half' }),
    } as RequestInit);
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const [name = '', ...value] = pair.split('=');
      if (/expires=Thu, 01 Jan 1970/i.test(line)) this.#cookies.delete(name);
      else this.#cookies.set(name, value.join('='));
    }
    const text = await response.text();
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    return { status: response.status, headers: response.headers, text, json };
  }

  /** To the consent page: its address, as Spotify would get it. */
  async leave(query = ''): Promise<URL> {
    const answer = await this.ask(`/auth/login${query}`);
    return new URL(answer.headers.get('location') ?? `error:${answer.status} ${answer.text}`);
  }

  /** Answers the consent page as this person; where Spotify then sends the browser. */
  async consent(page: URL, person: string, decision: 'approve' | 'cancel' = 'approve'): Promise<string> {
    const response = await fetch(page, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ person, decision }),
    });
    const location = new URL(response.headers.get('location') ?? '');
    return `${location.pathname}${location.search}`;
  }

  /** The whole way; the answer of the callback. */
  async signIn(person: string, query = ''): Promise<Answer> {
    const back = await this.consent(await this.leave(query), person);
    const answer = await this.ask(back, { headers: { accept: 'text/html' } });
    if (answer.status !== 302) throw new Error(`the sign-in ended with ${answer.status}: ${answer.text}`);
    return answer;
  }
}
