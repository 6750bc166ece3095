export const TRACKER_SPANS = ['month', 'quarter', 'year', 'all'] as const;
export type TrackerSpan = (typeof TRACKER_SPANS)[number];

export interface TrackersSearch {
  readonly span?: TrackerSpan;
}
