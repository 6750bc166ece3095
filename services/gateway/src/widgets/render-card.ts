import type { WidgetOptions } from '@spindle/contracts';
import type { CardData } from './card-data.ts';
import { gridCard } from './grid-card.ts';
import { recentCard, topCard } from './list-cards.ts';
import { nowPlayingCard } from './now-playing-card.ts';
import { streakCard } from './streak-card.ts';
import { summaryCard } from './summary-card.ts';

/**
 * A card as SVG (UTF-8, `image/svg+xml`). The same data and options give the same bytes. It is well-formed
 * whatever the names contain, has no script and asks for nothing from outside.
 */
export function renderCard(data: CardData, options: WidgetOptions): string {
  switch (data.kind) {
    case 'now-playing':
      return nowPlayingCard(data, options);
    case 'recently-played':
      return recentCard(data, options);
    case 'top-tracks':
    case 'top-artists':
      return topCard(data, options);
    case 'grid':
      return gridCard(data, options);
    case 'summary':
      return summaryCard(data, options);
    case 'streak':
      return streakCard(data, options);
  }
}
