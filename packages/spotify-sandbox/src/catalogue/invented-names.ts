import type { SeededRandom } from '../seeded-random.ts';

const ADJECTIVES =
  'Amber Silent Velvet Crooked Electric Hollow Golden Paper Midnight Saffron Distant Feral Gentle Lunar Brittle Neon Copper Restless Salted Tidal Wild Winter Borrowed Cobalt Burning Second Lonely Perfect Tangled Northern'.split(
    ' ',
  );
const NOUNS =
  'Harbour Foxes Lanterns Orchard Satellite Rivers Mirrors Parade Hours Pianos Sparrow Arcade Gardens Tigers Letters Thunder Glass Atlas Engines Feathers Cathedral Oceans Ghosts Honey Signals Motel Meadow Compass Static Embers Archive Carousel'.split(
    ' ',
  );
const VERBS =
  'Chasing Losing Painting Burning Following Waking Missing Holding Leaving Finding Dreaming Counting Breaking Calling Building Crossing'.split(
    ' ',
  );
const PLACES =
  'Lisbon Trieste Osaka Reykjavik Valparaíso Tbilisi Tromsø Marseille Kraków Oaxaca Galway Bergen İzmir Zürich Antwerp Dakar'.split(
    ' ',
  );
const GIVEN =
  'Mara Ilse Tobias Noor Kofi Jun Sanna Rafael Élodie Aoife Dmitri Leila Mateo Yara Björn Ines Otis Wren Zoë Thandi'.split(
    ' ',
  );
const FAMILY =
  'Okonkwo|Lindqvist|Marchetti|Delacroix|Hartmann|Sørensen|Novák|Abernathy|Castellanos|Yılmaz|Petrov|Nakamura|Oyelaran|Fairweather|Vasquez|Ó Briain'.split(
    '|',
  );
const CJK =
  '夜明けの灯台 雨上がりの交差点 星屑レコード 月光列车 青い観覧車 海邊的信 겨울의정원 별빛산책 北風と珈琲 夏の終わりに 火车站的猫 새벽라디오'.split(
    ' ',
  );
const RTL = 'ليل المدينة|قمر فوق البحر|شارع الياسمين|צללים ארוכים|אור ראשון|نسيم الصباح|רחוב השקדים'.split(
  '|',
);
const EMOJI = '🌊 tides|heart📼tape|🔥 & 🧊|good 🌞 morning|✨2AM✨|moon 🌙 rider|🦊'.split('|');
const AWKWARD = [
  'Salt & Pepper <3',
  '"Quotes" & \'Apostrophes\'',
  'R&B; or <Not> To Be',
  '5 > 4 && 3 < 4',
  'AC\\DC? No; Tab\tless',
  '100% (of Nothing)',
  '¿Dónde está? — ¡Aquí!',
  "Robert'); DROP TABLE tracks;--",
  '../../etc/remix',
  '...',
];
const ENDLESS =
  'The Slow and Occasionally Surprising Cartography of Everything We Never Quite Managed to Say to One Another on the Last Night Train out of the City Before the Bridges Were Raised for Good and the Harbour Lights Went Out, Parts I through VII (including the Epilogue)';

export const GENRES =
  'dream pop|indie folk|synthwave|nu jazz|afrobeat|city pop|post-punk|ambient|deep house|lo-fi beats|bossa nova|shoegaze|chamber pop|neo soul|garage rock|minimal techno|highlife|trip hop'.split(
    '|',
  );

export function artistName(random: SeededRandom): string {
  const word = (): string => random.pick(NOUNS);
  return random.weighted<() => string>([
    [() => `The ${random.pick(ADJECTIVES)} ${word()}`, 20],
    [() => `${random.pick(GIVEN)} ${random.pick(FAMILY)}`, 30],
    [() => `${random.pick(ADJECTIVES)} ${word()}`, 18],
    [() => `${word()} of ${random.pick(PLACES)}`, 10],
    [() => `${random.pick(GIVEN)} & the ${word()}`, 8],
    [() => word().toUpperCase(), 4],
    [() => random.pick(CJK), 5],
    [() => random.pick(RTL), 3],
    [() => `DJ ${random.pick(PLACES)}`, 2],
  ])();
}

export function albumName(random: SeededRandom): string {
  return random.weighted<() => string>([
    [() => `${random.pick(ADJECTIVES)} ${random.pick(NOUNS)}`, 35],
    [() => `${random.pick(VERBS)} ${random.pick(NOUNS)}`, 20],
    [() => `Songs from ${random.pick(PLACES)}`, 8],
    [() => random.pick(NOUNS), 12],
    [() => `${random.pick(PLACES)}, ${random.int(1967, 2026)}`, 6],
    [() => `${random.pick(ADJECTIVES)} ${random.pick(NOUNS)} (Deluxe Edition)`, 6],
    [() => random.pick(CJK), 5],
    [() => random.pick(EMOJI), 2],
    [() => random.pick(AWKWARD), 2],
  ])();
}

export function trackName(random: SeededRandom): string {
  return random.weighted<() => string>([
    [() => `${random.pick(ADJECTIVES)} ${random.pick(NOUNS)}`, 24],
    [() => `${random.pick(VERBS)} ${random.pick(NOUNS)}`, 18],
    [() => `${random.pick(VERBS)} the ${random.pick(ADJECTIVES)} ${random.pick(NOUNS)}`, 10],
    [() => random.pick(NOUNS), 10],
    [() => `${random.pick(PLACES)} by Night`, 6],
    [() => `Letter to ${random.pick(GIVEN)}`, 5],
    [() => `${random.pick(NOUNS)} (feat. ${random.pick(GIVEN)} ${random.pick(FAMILY)})`, 6],
    [() => `${random.pick(ADJECTIVES)} ${random.pick(NOUNS)} - Remastered ${random.int(2009, 2026)}`, 4],
    [() => `${random.pick(NOUNS)} - Live in ${random.pick(PLACES)}`, 4],
    [() => random.pick(CJK), 5],
    [() => random.pick(RTL), 2.5],
    [() => random.pick(EMOJI), 2],
    [() => random.pick(AWKWARD), 2],
    [() => ENDLESS, 0.3],
  ])();
}

export function labelName(random: SeededRandom): string {
  return `${random.pick(NOUNS)} ${random.pick(['Records', 'Recordings', 'Music', 'Sound Co.', '& Sons'])}`;
}

export function showName(random: SeededRandom): string {
  return random.weighted<() => string>([
    [() => `The ${random.pick(NOUNS)} Hour`, 3],
    [() => `${random.pick(VERBS)} ${random.pick(NOUNS)}, with ${random.pick(GIVEN)}`, 3],
    [() => `Notes from ${random.pick(PLACES)}`, 2],
  ])();
}

export function episodeName(random: SeededRandom, number: number): string {
  return `#${number}: ${random.pick(VERBS)} the ${random.pick(ADJECTIVES)} ${random.pick(NOUNS)}`;
}

export function playlistName(random: SeededRandom): string {
  return random.weighted<() => string>([
    [() => `${random.pick(ADJECTIVES)} ${random.pick(NOUNS)} mix`, 3],
    [() => `${random.pick(PLACES)} drive`, 2],
    [() => `${random.pick(['Monday', 'Friday', 'Sunday'])} ${random.pick(NOUNS).toLowerCase()}`, 2],
    [() => `for ${random.pick(GIVEN)} ${random.pick(['♥', '🌻', '(do not skip)', '&amp; co'])}`, 1],
    [() => random.pick(['gym', 'focus', 'dinner <loud>', 'sleep 💤', 'covers & b-sides']), 2],
  ])();
}

export interface InventedName {
  given: string;
  full: string;
}

/** The n-th inhabitant's name; unique for the first few hundred. */
export function inhabitantName(index: number): InventedName {
  const given = GIVEN[(index * 7) % GIVEN.length] as string;
  const family = FAMILY[(index * 3 + Math.floor(index / GIVEN.length)) % FAMILY.length] as string;
  return { given, full: `${given} ${family}` };
}
