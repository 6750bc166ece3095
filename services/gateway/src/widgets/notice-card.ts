import type { WidgetOptions } from '@spindle/contracts';
import type { CardNotice } from './card-data.ts';
import { type Area, type Canvas, cardFrame, type Drawn } from './card-frame.ts';

interface NoticeWords {
  readonly heading: string;
  readonly sentence: string;
  readonly details: readonly string[];
}

const PROBLEMS_SHOWN = 4;

function wordsOf(notice: CardNotice): NoticeWords {
  switch (notice.kind) {
    case 'sharing-stopped':
      return {
        heading: 'Not shared',
        sentence: `${notice.name ?? 'This listener'} does not share listening now`,
        details: ['It shows here again when sharing goes on.'],
      };
    case 'reconnect':
      return {
        heading: 'Reconnect',
        sentence: 'Spotify has to be connected again',
        details: [`${notice.name ?? 'The owner of this card'} can do so with one click in Spindle.`],
      };
    case 'no-such-user':
      return {
        heading: 'Nobody here',
        sentence: 'This card has no listener',
        details: ['The address may be mistyped, or its link was revoked.'],
      };
    case 'nothing-yet':
      return {
        heading: 'Nothing yet',
        sentence: 'No music has been played yet',
        details: [`It shows here as soon as ${notice.name ?? 'somebody'} listens.`],
      };
    case 'unavailable':
      return {
        heading: 'Back soon',
        sentence: 'This card cannot be drawn just now',
        details: ['It comes back by itself.'],
      };
    case 'bad-options': {
      const more = notice.problems.length - PROBLEMS_SHOWN;
      return {
        heading: 'Check the address',
        sentence:
          notice.problems.length === 1
            ? 'One option of this card is wrong'
            : `${notice.problems.length} options of this card are wrong`,
        details: [...notice.problems.slice(0, PROBLEMS_SHOWN), ...(more > 0 ? [`… and ${more} more`] : [])],
      };
    }
  }
}

/** Words in lines of a width; a last line that is too long is cut by the pen. */
function linesOf(text: string, width: number, measure: (text: string) => number): string[] {
  const lines: string[] = [];
  for (const word of text.slice(0, 600).split(/\s+/u)) {
    const line = lines.at(-1);
    if (line !== undefined && measure(`${line} ${word}`) <= width)
      lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Lines that one detail may take. */
const LINES = 3;

function draw(words: NoticeWords, area: Area, { pen }: Canvas): Drawn {
  const measure = (text: string) => pen.measure(text, { size: 12 });
  const lines = words.details.flatMap((detail) => {
    const all = linesOf(detail, area.width, measure);
    return all.length <= LINES ? all : [...all.slice(0, LINES - 1), all.slice(LINES - 1).join(' ')];
  });
  const body = lines.map((line, index) =>
    pen.text(area.x, area.y + 38 + index * 18, line, { size: 12, ink: 'muted', width: area.width }),
  );
  return {
    svg:
      pen.text(area.x, area.y + 16, words.sentence, {
        size: 16,
        ink: 'text',
        bold: true,
        width: area.width,
      }) + body.join(''),
    height: 28 + lines.length * 18,
  };
}

/**
 * A card that says why there is no other: an address that answered with an error would show as a broken
 * image.
 */
export function renderNotice(notice: CardNotice, options: WidgetOptions): string {
  const words = wordsOf(notice);
  return cardFrame(
    {
      user: null,
      title: words.sentence,
      description: words.details.join(' '),
      heading: words.heading,
      command: `spindle # ${words.heading.toLowerCase()}`,
      width: 460,
      form: 'full',
      draw: (area, canvas) => draw(words, area, canvas),
    },
    { ...options, title: null },
  );
}
