import type { WidgetOptions } from '@spindle/contracts';
import type { CardUser, RecentCardData, TopCardData } from './card-data.ts';
import { cardFrame } from './card-frame.ts';
import { drawCovers, drawLines, drawList, drawSentence, type ListedItem } from './item-list.ts';
import { ago, compactNumber, counted, duration } from './words.ts';

const SHAPES = {
  list: { draw: drawList, width: 460 },
  compact: { draw: drawLines, width: 460 },
  row: { draw: drawCovers, width: 560 },
} as const;

interface ListWords {
  readonly user: CardUser;
  readonly heading: string;
  readonly command: string;
  readonly empty: string;
}

function listCard(words: ListWords, items: readonly ListedItem[], options: WidgetOptions): string {
  const layout = options.layout === 'compact' || options.layout === 'row' ? options.layout : 'list';
  const shown = items.slice(0, options.limit);
  const { draw, width } = SHAPES[layout];
  const said = shown.map((item, index) => {
    const by = item.by ? ` by ${item.by}` : '';
    return `${index + 1}. ${item.title}${by}${item.side ? `, ${item.side}` : ''}`;
  });
  return cardFrame(
    {
      user: words.user,
      title: `${words.heading}: ${words.user.name}`,
      description: said.length > 0 ? `${said.join('; ')}. Data from Spotify.` : words.empty,
      heading: words.heading,
      command: words.command,
      width,
      form: 'full',
      draw: (area, canvas) =>
        shown.length > 0 ? draw(shown, area, canvas) : drawSentence(words.empty, area, canvas),
    },
    options,
  );
}

/** What somebody played last. */
export function recentCard(data: RecentCardData, options: WidgetOptions): string {
  const words: ListWords = {
    user: data.user,
    heading: 'Recently played',
    command: `recently-played -n ${options.limit}`,
    empty: 'Nothing played yet',
  };
  const items = data.rows.map((row) => ({
    rank: null,
    title: row.title,
    by: row.artists.join(', '),
    artwork: row.artwork,
    url: row.url,
    side: ago(row.playedAt, data.now),
    share: null,
  }));
  return listCard(words, items, options);
}

/** The tracks or artists somebody played most. */
export function topCard(data: TopCardData, options: WidgetOptions): string {
  const what = data.kind === 'top-tracks' ? 'Top tracks' : 'Top artists';
  const words: ListWords = {
    user: data.user,
    heading: data.label ? `${what} · ${data.label}` : what,
    command: `${data.kind} --range=${options.range}`,
    empty: 'Nothing played in this time',
  };
  const amount = (row: TopCardData['rows'][number]) => (options.by === 'time' ? row.msPlayed : row.plays);
  const most = Math.max(1, ...data.rows.map(amount));
  const items = data.rows.map((row) => ({
    rank: row.rank,
    title: row.title,
    by: row.artists.join(', '),
    artwork: row.artwork,
    url: row.url,
    side:
      options.by === 'time'
        ? duration(row.msPlayed)
        : row.plays < 10_000
          ? counted(row.plays, 'play')
          : `${compactNumber(row.plays)} plays`,
    share: Math.min(1, Math.max(0, amount(row) / most)),
  }));
  return listCard(words, items, options);
}
