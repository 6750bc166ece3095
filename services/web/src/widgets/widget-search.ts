import { WIDGET_OPTION_FIELDS, type WidgetKind, type WidgetOptionField } from '@spindle/contracts';

/** The address of the page says all that is chosen, so that a look can be kept and shared. */
export type WidgetSearch = { readonly kind?: WidgetKind } & {
  readonly [Name in WidgetOptionField['name']]?: string;
};

export const WIDGET_NAMES: Readonly<Record<WidgetKind, string>> = {
  'now-playing': 'Now playing',
  'recently-played': 'Recently played',
  'top-tracks': 'Top tracks',
  'top-artists': 'Top artists',
  grid: 'Hours of the week',
  summary: 'In figures',
  streak: 'Streak',
};

/** Only what differs from the defaults, so that addresses stay short. */
export function queryOf(kind: WidgetKind, search: WidgetSearch, instead: Partial<WidgetSearch> = {}): string {
  const chosen = { ...search, ...instead };
  const query = new URLSearchParams();
  for (const { name, kinds, default: usual } of WIDGET_OPTION_FIELDS) {
    const value = chosen[name];
    if (value !== undefined && value !== '' && value !== usual && kinds.includes(kind))
      query.set(name, value);
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}
