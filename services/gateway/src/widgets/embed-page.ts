import { escapeXml } from '../pictures/svg-text.ts';

/** Height of a card in an iframe, px, where nothing says more. */
const HEIGHTS: Readonly<Record<string, number>> = {
  'now-playing': 160,
  'recently-played': 360,
  'top-tracks': 360,
  'top-artists': 360,
  grid: 220,
  summary: 200,
  streak: 200,
};
const WIDTH = 480;

/**
 * A page without script around a card, which looks again by itself.
 *
 * @param seconds after which the browser asks for the page anew.
 */
export function embedPage(svg: string, seconds: number): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="${Math.max(20, seconds)}">
<meta name="robots" content="noindex">
<title>Spindle</title>
<style>html,body{margin:0;background:transparent}svg{display:block;width:100%;height:auto}</style>
</head>
<body>${svg.replace(/^<\?xml[^>]*>\s*/, '')}</body>
</html>
`;
}

/** The oEmbed answer (https://oembed.com, 2.3.4.4) for an address of ours; null for any other. */
export function oembedOf(
  query: {
    readonly url: string;
    readonly maxwidth?: number | undefined;
    readonly maxheight?: number | undefined;
  },
  publicUrl: string,
) {
  const address = new URL(query.url);
  const match =
    address.origin === new URL(publicUrl).origin
      ? /^\/(?:embed|api\/widgets)\/([\w-]{22})\/([a-z-]+)(?:\.svg)?$/.exec(address.pathname)
      : null;
  const [, key = '', kind = ''] = match ?? [];
  const natural = HEIGHTS[kind];
  if (!match || natural === undefined) return null;
  const width = Math.min(WIDTH, query.maxwidth ?? WIDTH);
  const height = Math.min(natural, query.maxheight ?? natural);
  const src = `${publicUrl}/embed/${key}/${kind}${address.search}`;
  const html = `<iframe src="${escapeXml(src)}" width="${width}" height="${height}" style="border:0" title="Spindle" loading="lazy" sandbox="allow-popups"></iframe>`;
  return {
    version: '1.0' as const,
    type: 'rich' as const,
    provider_name: 'Spindle',
    provider_url: publicUrl,
    title: 'Spindle',
    html,
    width,
    height,
    cache_age: 86_400,
  };
}
