import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { LIKED } from '@spindle/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { myPlaylistsQuery } from '../playlists/queries.ts';

const LIKED_SONGS = 'Liked Songs';

/** Liked Songs or one of my playlists that can be read. */
export function SourcePicker(props: {
  readonly source: string;
  /** Its name, where known: it may not be among those found. */
  readonly name: string | undefined;
  readonly onChange: (source: string) => void;
}): ReactNode {
  const { source } = props;
  const [text, setText] = useState('');
  const [q] = useDebouncedValue(text.trim(), 250);
  const known = props.name ?? (source === LIKED ? LIKED_SONGS : source);
  // The words in the field are the name of what is chosen until somebody types.
  const { data } = useInfiniteQuery(myPlaylistsQuery(q === known ? '' : q));
  const found = (data?.pages.flatMap((page) => page.items) ?? []).filter(({ readable }) => readable);
  const options = found.map(({ id, name }) => ({ value: id, label: name }));
  return (
    <Select
      label="Playlist"
      searchable
      allowDeselect={false}
      data={
        options.some(({ value }) => value === source)
          ? options
          : [{ value: source, label: known }, ...options]
      }
      filter={({ options: all }) => all}
      value={source}
      onSearchChange={setText}
      onChange={(value) => value && props.onChange(value)}
      nothingFoundMessage="No playlist of this name that can be read."
    />
  );
}
