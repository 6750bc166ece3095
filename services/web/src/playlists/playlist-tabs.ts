export const PLAYLIST_TABS = ['mine', 'shuffles', 'schedules'] as const;
export type PlaylistTab = (typeof PLAYLIST_TABS)[number];

export interface PlaylistsSearch {
  readonly tab?: PlaylistTab;
  readonly q?: string;
}
