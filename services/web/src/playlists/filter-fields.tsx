import { Accordion, Badge, Checkbox, Group, NumberInput, SimpleGrid, Stack, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { ArtistPicker } from './artist-picker.tsx';
import { conditionsIn, type ShuffleDraft } from './shuffle-draft.ts';

/** Which tracks come along, folded away until somebody wants it. */
export function FilterFields(props: {
  readonly draft: ShuffleDraft;
  readonly errors: Readonly<Record<string, string>>;
  readonly onChange: (next: Partial<ShuffleDraft>) => void;
}): ReactNode {
  const { draft, errors, onChange } = props;
  const set = conditionsIn(draft);
  return (
    <Accordion variant="contained">
      <Accordion.Item value="filter">
        <Accordion.Control>
          <Group gap="xs" fz="sm" fw={500}>
            Only some of the tracks
            {set > 0 ? (
              <Badge size="sm" variant="light" tt="none">
                {set === 1 ? '1 condition' : `${set} conditions`}
              </Badge>
            ) : null}
          </Group>
        </Accordion.Control>
        <Accordion.Panel>
          <Stack gap="sm">
            <ArtistPicker artists={draft.artists} onChange={(artists) => onChange({ artists })} />
            <TextInput
              label="Added since"
              type="date"
              value={draft.addedSince}
              error={errors['filter.addedSince']}
              onChange={(event) => onChange({ addedSince: event.currentTarget.value })}
            />
            <SimpleGrid cols={2} spacing="sm">
              <NumberInput
                label="Released from"
                placeholder="year"
                min={1000}
                max={9999}
                thousandSeparator=""
                allowDecimal={false}
                hideControls
                value={draft.releasedFrom}
                error={errors['filter.releasedFrom']}
                onChange={(releasedFrom) => onChange({ releasedFrom })}
              />
              <NumberInput
                label="Released until"
                placeholder="year"
                min={1000}
                max={9999}
                thousandSeparator=""
                allowDecimal={false}
                hideControls
                value={draft.releasedTo}
                error={errors['filter.releasedTo']}
                onChange={(releasedTo) => onChange({ releasedTo })}
              />
            </SimpleGrid>
            <NumberInput
              label="Not played for"
              description="As far as Spindle knows your history"
              placeholder="days"
              suffix=" days"
              min={1}
              max={36_500}
              allowDecimal={false}
              value={draft.notPlayedForDays}
              error={errors['filter.notPlayedForDays']}
              onChange={(notPlayedForDays) => onChange({ notPlayedForDays })}
            />
            <Checkbox
              label="Without explicit tracks"
              checked={draft.withoutExplicit}
              onChange={(event) => onChange({ withoutExplicit: event.currentTarget.checked })}
            />
          </Stack>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}
