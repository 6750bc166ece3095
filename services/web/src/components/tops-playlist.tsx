import type { Measure } from '@spindle/contracts';
import type { ReactNode } from 'react';
import type { PeriodSearch } from '../statistics/period-search.ts';

/** Makes a playlist of a top list. */
export function TopsPlaylist(_props: { readonly period: PeriodSearch; readonly by: Measure }): ReactNode {
  return null;
}
