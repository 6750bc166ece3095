import { MultiSelect } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { searchCatalogue } from '@spindle/contracts';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api } from '../api.ts';
import { STATISTICS } from '../statistics/queries.ts';
import type { ShuffleDraft } from './shuffle-draft.ts';

const MOST = 50;

/** Artists, found by name. */
export function ArtistPicker(props: {
  readonly artists: ShuffleDraft['artists'];
  readonly onChange: (artists: ShuffleDraft['artists']) => void;
}): ReactNode {
  const { artists, onChange } = props;
  const [text, setText] = useState('');
  const [q] = useDebouncedValue(text.trim(), 200);
  const { data } = useQuery({
    queryKey: [STATISTICS, 'search', 'artists', q],
    queryFn: ({ signal }) => api.call(searchCatalogue, { query: { q, limit: 10 } }, { signal }),
    enabled: q !== '',
  });
  const found = q === '' ? [] : (data?.artists ?? []).map(({ artist: { id, name } }) => ({ id, name }));
  const known = [...artists, ...found.filter((one) => !artists.some(({ id }) => id === one.id))];
  return (
    <MultiSelect
      label="Only by these artists"
      placeholder={artists.length === 0 ? 'Search among artists you have played' : ''}
      searchable
      clearable
      hidePickedOptions
      maxValues={MOST}
      // What the server found matches already, whatever its spelling.
      filter={({ options }) => options}
      data={known.map(({ id, name }) => ({ value: id, label: name }))}
      value={artists.map(({ id }) => id)}
      searchValue={text}
      onSearchChange={setText}
      onChange={(ids) => onChange(known.filter(({ id }) => ids.includes(id)))}
      nothingFoundMessage={q !== '' && data ? 'You have played nobody of this name.' : null}
    />
  );
}
