import { createHash } from 'node:crypto';
import type { Response } from 'express';

/** The few pages that the gateway makes itself: they need neither the web app nor a script. */
export interface Page {
  readonly title: string;
  readonly paragraphs: readonly string[];
  readonly links: readonly { readonly href: string; readonly text: string }[];
  /** Small print, such as a request id. */
  readonly note?: string;
}

const STYLE = `
  :root { color-scheme: light dark; --ink: #1c1b22; --paper: #faf9f7; --soft: #6b6875; --accent: #5b3fd1; }
  @media (prefers-color-scheme: dark) { :root { --ink: #eceaf2; --paper: #17161c; --soft: #a09cab; --accent: #b3a2ff; } }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--paper); color: var(--ink);
         font: 1.05rem/1.6 system-ui, sans-serif; }
  main { max-width: 34rem; padding: 2rem 1.5rem; }
  h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 1rem; }
  a { display: inline-block; margin: 1rem 1.25rem 0 0; color: var(--accent); font-weight: 600; }
  small { display: block; margin-top: 2rem; color: var(--soft); }
`;

function escapeHtml(text: string): string {
  const names: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (one) => names[one] ?? one);
}

function render(page: Page): string {
  const paragraphs = page.paragraphs.map((text) => `<p>${escapeHtml(text)}</p>`).join('\n      ');
  const links = page.links
    .map(({ href, text }) => `<a href="${escapeHtml(href)}">${escapeHtml(text)}</a>`)
    .join('\n      ');
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${escapeHtml(page.title)}</title>
    <style>${STYLE}</style>
  </head>
  <body>
    <main>
      <h1>${escapeHtml(page.title)}</h1>
      ${paragraphs}
      ${links}
      ${page.note ? `<small>${escapeHtml(page.note)}</small>` : ''}
    </main>
  </body>
</html>
`;
}

/** Answers with a page; its style is the only thing that its policy lets in. */
export function sendPage(response: Response, status: number, page: Page): void {
  const style = createHash('sha256').update(STYLE).digest('base64');
  response.setHeader(
    'content-security-policy',
    `default-src 'none'; style-src 'sha256-${style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  if (!response.hasHeader('cache-control')) response.setHeader('cache-control', 'no-store');
  response.status(status).type('html').send(render(page));
}
