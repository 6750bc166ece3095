/** Visible characters that a nickname may have. */
const LONGEST = 24;
/** Letters with heaps of marks on them cover the lines above. */
const MOST_MARKS = 3;

/** Blank to the eye, though no blank by their category: the braille pattern of no dots. */
const LOOKS_BLANK = /\u2800/g;
/** An emoji made of several: joiner and selector between and behind pictures are part of it. */
const EMOJI_GLUE = /(?<=\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\uFE0F)*)(?:\u200D|\uFE0F)+/gu;
/** Controls, direction overrides, what is ignored by default, private and unassigned characters. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\p{Default_Ignorable_Code_Point}]/gu;
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * What is refused wherever it stands in a name, however it is spelt. Short on purpose: it keeps the worst
 * off a screen in the living room; for the rest there is the host, who sends people out.
 */
const SLURS = [
  'nigger',
  'nigga',
  'faggot',
  'kike',
  'tranny',
  'wetback',
  'hitler',
  'heilh',
  'chink',
  'retard',
];
/** Names and words in which one of them stands. */
const HARMLESS = /chinkara|retardant/g;

const LOOK_ALIKES: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
  '|': 'i',
  l: 'i',
  ı: 'i',
  // Cyrillic and Greek letters that look like Latin ones.
  а: 'a',
  е: 'e',
  о: 'o',
  р: 'p',
  с: 'c',
  у: 'y',
  х: 'x',
  і: 'i',
  ѕ: 's',
  ј: 'j',
  к: 'k',
  н: 'h',
  т: 't',
  в: 'b',
  м: 'm',
  α: 'a',
  ε: 'e',
  ι: 'i',
  ο: 'o',
  ρ: 'p',
  ν: 'v',
  κ: 'k',
};

/** The same for names that a glance takes for one another. */
export function nicknameKey(name: string): string {
  const letters = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return Array.from(letters, (letter) => LOOK_ALIKES[letter] ?? letter)
    .join('')
    .replace(/[^\p{L}\p{N}\p{Extended_Pictographic}]/gu, '');
}

/** As it is written on screens: one form of each letter, nothing unseen, single blanks. */
export function cleanNickname(text: string): string {
  const normal = text.normalize('NFKC').replace(LOOKS_BLANK, ' ').replace(/\s+/g, ' ');
  const glue: number[] = [];
  for (const match of normal.matchAll(EMOJI_GLUE)) {
    for (let at = match.index; at < match.index + match[0].length; at++) glue.push(at);
  }
  const kept = new Set(glue);
  return normal
    .replace(UNSEEN, (found, at: number) => (kept.has(at) ? found : ''))
    .replace(/\u200D+(?!\p{Extended_Pictographic})/gu, '')
    .replace(/ +/g, ' ')
    .trim();
}

function isSlur(name: string): boolean {
  // Letters that are repeated, or kept apart by anything, make no other word.
  const key = nicknameKey(name).replace(/(.)\1+/gu, '$1');
  const plain = key.replace(HARMLESS, '');
  return SLURS.some((slur) => plain.includes(nicknameKey(slur).replace(/(.)\1+/gu, '$1')));
}

/** Why nobody may be called so, in words for who chose it; null: they may. `name`: as it was cleaned. */
export function nicknameRefusal(name: string, hostName: string): string | null {
  const characters = [...graphemes.segment(name)];
  if (!VISIBLE.test(name)) return 'must have a letter, a number or another sign that can be seen';
  if (characters.length > LONGEST) return `must have ${LONGEST} characters at most`;
  const isHeaped = characters.some(({ segment }) => (segment.match(/\p{M}/gu)?.length ?? 0) > MOST_MARKS);
  if (isHeaped) return 'has too many marks on its letters';
  if (isSlur(name)) return 'is not a name for a party';
  if (nicknameKey(name) !== '' && nicknameKey(name) === nicknameKey(hostName))
    return 'is the name of the host';
  return null;
}
