export const LIBRARY_TABS = ['analysis', 'problems'] as const;

export interface LibrarySearch {
  readonly tab?: (typeof LIBRARY_TABS)[number];
  readonly source?: string;
}
