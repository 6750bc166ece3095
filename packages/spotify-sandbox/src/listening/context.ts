import type { Playable } from '../catalogue/items.ts';

export type ContextKind = 'playlist' | 'album' | 'artist' | 'show' | 'collection';

/** What somebody plays from, with its items in their own order at the moment it was started. */
export interface PlayContext {
  kind: ContextKind;
  /** `spotify:playlist:…`, for liked songs `spotify:user:{id}:collection`. */
  uri: string;
  items: readonly Playable[];
}
