import type { ShuffleModeName } from '@spindle/contracts';
import type { ShuffleRequest } from './queries.ts';

/** What the form of a shuffle holds; empty texts are conditions not set. */
export interface ShuffleDraft {
  readonly mode: ShuffleModeName;
  readonly name: string;
  readonly target: 'refresh' | 'new';
  readonly artists: readonly { readonly id: string; readonly name: string }[];
  readonly addedSince: string;
  readonly releasedFrom: number | string;
  readonly releasedTo: number | string;
  readonly notPlayedForDays: number | string;
  readonly withoutExplicit: boolean;
  readonly limitBy: 'all' | 'tracks' | 'minutes';
  readonly limit: number | string;
  readonly overflow: 'split' | 'cut' | null;
}

export const NEW_DRAFT: ShuffleDraft = {
  mode: 'uniform',
  name: '',
  target: 'refresh',
  artists: [],
  addedSince: '',
  releasedFrom: '',
  releasedTo: '',
  notPlayedForDays: '',
  withoutExplicit: false,
  limitBy: 'all',
  limit: '',
  overflow: null,
};

const numberIn = (value: number | string): number | null =>
  value === '' || !Number.isFinite(Number(value)) ? null : Number(value);

/** Conditions that are set. */
function filterOf(draft: ShuffleDraft): NonNullable<ShuffleRequest['filter']> {
  const releasedFrom = numberIn(draft.releasedFrom);
  const releasedTo = numberIn(draft.releasedTo);
  const notPlayedForDays = numberIn(draft.notPlayedForDays);
  return {
    ...(draft.artists.length > 0 && { artists: draft.artists.map(({ id }) => id) }),
    ...(draft.addedSince !== '' && { addedSince: draft.addedSince }),
    ...(releasedFrom !== null && { releasedFrom }),
    ...(releasedTo !== null && { releasedTo }),
    ...(notPlayedForDays !== null && { notPlayedForDays }),
    ...(draft.withoutExplicit && { withoutExplicit: true }),
  };
}

/** How many conditions are set. */
export const conditionsIn = (draft: ShuffleDraft): number => Object.keys(filterOf(draft)).length;

/** The request that a form makes. */
export function requestOf(playlistId: string, draft: ShuffleDraft): ShuffleRequest {
  const filter = filterOf(draft);
  const limit = draft.limitBy === 'all' ? null : numberIn(draft.limit);
  const name = draft.name.trim();
  return {
    kind: 'shuffle',
    playlistId,
    mode: draft.mode,
    target: draft.target,
    ...(name !== '' && { name }),
    ...(Object.keys(filter).length > 0 && { filter }),
    ...(limit !== null && draft.limitBy !== 'all' && { limit: { [draft.limitBy]: limit } }),
    ...(draft.overflow && { overflow: draft.overflow }),
  };
}
