import {
  localStorageColorSchemeManager,
  type MantineColorScheme,
  type MantineColorSchemeManager,
  useMantineColorScheme,
} from '@mantine/core';
import { useLayoutEffect } from 'react';

/** A party is in a dark room: its pages are dark unless somebody says otherwise, whatever the others are. */
const PLACES = {
  app: { manager: localStorageColorSchemeManager(), fallback: 'auto' },
  party: { manager: localStorageColorSchemeManager({ key: 'spindle-party-colors' }), fallback: 'dark' },
} as const satisfies Record<string, { manager: MantineColorSchemeManager; fallback: MantineColorScheme }>;
type Place = keyof typeof PLACES;

/** Known before the first page is drawn, so that nothing flashes. */
let place: Place = /^\/(?:party\/|room\/|tv(?:\/|$))/.test(location.pathname) ? 'party' : 'app';

const stored = (): MantineColorScheme => PLACES[place].manager.get(PLACES[place].fallback);

/** Keeps what was chosen for the app and for parties apart. */
export const colorSchemes: MantineColorSchemeManager = {
  get: stored,
  set: (value) => PLACES[place].manager.set(value),
  subscribe: (onUpdate) => {
    for (const name of Object.keys(PLACES) as Place[])
      PLACES[name].manager.subscribe((value) => name === place && onUpdate(value));
  },
  unsubscribe: () => {
    for (const { manager } of Object.values(PLACES)) manager.unsubscribe();
  },
  clear: () => PLACES[place].manager.clear(),
};

/** Shows the colours of this place while its pages are there. */
export function useColorsOf(now: Place): void {
  const { setColorScheme } = useMantineColorScheme();
  useLayoutEffect(() => {
    if (place === now) return;
    place = now;
    setColorScheme(stored());
  }, [now, setColorScheme]);
}
