import type { NoticeKind } from '@spindle/contracts';
import axios, { isAxiosError } from 'axios';
import { AddressRefused, type ResolveHost, relayConnections } from './guarded-address.ts';

/** What somebody is told. */
export interface Notice {
  /** For programs: `consent-ending`, `consent-ended`, `test`; of operators: `alert-began`, `alert-lasts`, `alert-ended`, `alert-test`. */
  readonly event: string;
  readonly title: string;
  readonly message: string;
  /** Where to do something about it. */
  readonly link: string;
  /** More for programs. */
  readonly details?: Readonly<Record<string, string | number>>;
}

/** Where a notice goes. */
export interface NoticeAddress {
  readonly kind: NoticeKind;
  readonly url: string;
  /** An access token of ntfy, for topics that want one. */
  readonly token?: string;
}

/**
 * Sends a notice once.
 *
 * @returns null when it was taken, else why not, in words for the listener.
 */
export type NoticeSender = (to: NoticeAddress, notice: Notice, signal: AbortSignal) => Promise<string | null>;

const TIMEOUT_MS = 15_000;

/** Header values are Latin-1; ntfy reads others in the form of RFC 2047. */
const headerText = (text: string) => `=?UTF-8?B?${Buffer.from(text, 'utf8').toString('base64')}?=`;

/** https://docs.ntfy.sh/publish/ */
function asNtfy(notice: Notice) {
  const headers = { title: headerText(notice.title), click: notice.link, tags: 'musical_note' };
  return { body: notice.message, headers };
}

/** JSON with the fields that Discord (`content`) and Slack (`text`) show beside our own. */
function asWebhook({ event, title, message, link, details }: Notice) {
  const text = `${title}: ${message} ${link}`;
  return {
    body: JSON.stringify({ event, title, message, link, ...details, content: text, text }),
    headers: { 'content-type': 'application/json' },
  };
}

export function createNoticeSender(options: {
  readonly allowPrivate: boolean;
  /** How names are looked up; by the system unless told. */
  readonly resolve?: ResolveHost;
}): NoticeSender {
  const connections = relayConnections(options);
  const http = axios.create({
    timeout: TIMEOUT_MS,
    maxRedirects: 0,
    maxContentLength: 64 * 1024,
    proxy: false,
    validateStatus: () => true,
    responseType: 'text',
    httpAgent: connections.httpAgent,
    httpsAgent: connections.httpsAgent,
  });
  return async ({ kind, url, token }, notice, signal) => {
    try {
      connections.check(url);
      const { body, headers } = kind === 'ntfy' ? asNtfy(notice) : asWebhook(notice);
      const { status } = await http.post(url, body, {
        headers: {
          'user-agent': 'Spindle',
          ...headers,
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        signal,
      });
      return status >= 200 && status < 300 ? null : `The server there answered ${status}.`;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof AddressRefused || (isAxiosError(error) && error.cause instanceof AddressRefused))
        return 'The address leads into a private network, where this instance does not send anything.';
      if (isAxiosError(error)) return `The server there could not be reached (${error.code ?? 'no answer'}).`;
      throw error;
    }
  };
}
