import {
  Button,
  Group,
  NativeSelect,
  NumberInput,
  Radio,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import {
  PLAYLIST_ITEMS,
  PLAYLIST_NAME_LENGTH,
  SHUFFLE_MODES,
  type ShuffleEstimate,
} from '@spindle/contracts';
import { IconArrowsShuffle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { fieldErrors } from '../api.ts';
import { Failure } from '../components/failure.tsx';
import { AnchorLink } from '../components/links.tsx';
import { EstimateNote } from './estimate-note.tsx';
import { FilterFields } from './filter-fields.tsx';
import { MODES } from './playlist-words.ts';
import { estimateQuery, type ShuffleRequest } from './queries.ts';
import { requestOf, type ShuffleDraft } from './shuffle-draft.ts';

const MOST_MINUTES = 60_000;

function ModeField(props: {
  readonly mode: ShuffleDraft['mode'];
  readonly onChange: (mode: ShuffleDraft['mode']) => void;
}): ReactNode {
  return (
    <div>
      <Radio.Group
        label="How"
        value={props.mode}
        onChange={(value) => props.onChange(SHUFFLE_MODES.find((one) => one === value) ?? 'uniform')}
      >
        <Stack gap="xs" mt={6}>
          {SHUFFLE_MODES.map((mode) => (
            <Radio key={mode} value={mode} label={MODES[mode].name} description={MODES[mode].words} />
          ))}
        </Stack>
      </Radio.Group>
      <AnchorLink to="/fair" size="sm" underline="always" mt="xs" display="inline-block">
        Is it really random?
      </AnchorLink>
    </div>
  );
}

function LengthFields(props: {
  readonly draft: ShuffleDraft;
  readonly error: string | undefined;
  readonly onChange: (next: Partial<ShuffleDraft>) => void;
}): ReactNode {
  const { draft, onChange } = props;
  return (
    <SimpleGrid cols={draft.limitBy === 'all' ? 1 : 2} spacing="sm">
      <NativeSelect
        label="Length"
        data={[
          { value: 'all', label: 'All of it' },
          { value: 'tracks', label: 'By tracks' },
          { value: 'minutes', label: 'By minutes' },
        ]}
        value={draft.limitBy}
        onChange={({ currentTarget: { value } }) =>
          onChange(
            value === 'tracks'
              ? { limitBy: 'tracks', limit: 100 }
              : value === 'minutes'
                ? { limitBy: 'minutes', limit: 60 }
                : { limitBy: 'all', limit: '' },
          )
        }
      />
      {draft.limitBy === 'all' ? null : (
        <NumberInput
          label={draft.limitBy === 'tracks' ? 'Tracks at most' : 'Minutes at most'}
          min={1}
          max={draft.limitBy === 'tracks' ? PLAYLIST_ITEMS : MOST_MINUTES}
          allowDecimal={false}
          value={draft.limit}
          error={props.error}
          onChange={(limit) => onChange({ limit })}
        />
      )}
    </SimpleGrid>
  );
}

/** Into which playlist: the one of last time, which keeps its link and name, or a new one. */
function TargetFields(props: {
  readonly draft: ShuffleDraft;
  readonly known: { readonly name: string } | null;
  readonly error: string | undefined;
  readonly onChange: (next: Partial<ShuffleDraft>) => void;
}): ReactNode {
  const { draft, known, onChange } = props;
  const naming = draft.target === 'new' || known === null;
  return (
    <Stack gap="sm">
      {known ? (
        <Radio.Group
          label="Into"
          value={draft.target}
          onChange={(value) => onChange({ target: value === 'new' ? 'new' : 'refresh' })}
        >
          <Stack gap="xs" mt={6}>
            <Radio
              value="refresh"
              label={
                <>
                  <bdi>{known.name}</bdi>, as last time
                </>
              }
              description="It keeps its link and its name."
            />
            <Radio value="new" label="A new playlist" description="Private, on your Spotify account." />
          </Stack>
        </Radio.Group>
      ) : null}
      {naming ? (
        <TextInput
          label={known ? 'Name' : 'Name of the new playlist'}
          description="Unless you give one, it says what it was made of."
          maxLength={PLAYLIST_NAME_LENGTH}
          value={draft.name}
          error={props.error}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
        />
      ) : null}
    </Stack>
  );
}

/** What is to be shuffled and how; shows what it takes before it begins. */
export function ShuffleForm(props: {
  readonly sourceId: string;
  readonly draft: ShuffleDraft;
  readonly onDraft: (draft: ShuffleDraft) => void;
  readonly pending: boolean;
  readonly error: unknown;
  readonly onStart: (request: ShuffleRequest, evenIfShort: boolean) => void;
  readonly onRepeat: (request: ShuffleRequest) => void;
}): ReactNode {
  const { draft, onDraft } = props;
  const [evenIfShort, setEvenIfShort] = useState(false);
  const request = requestOf(props.sourceId, draft);
  const [settled] = useDebouncedValue(JSON.stringify(request), 350);
  const estimate = useQuery(estimateQuery(JSON.parse(settled) as ShuffleRequest));
  // Which playlist would be refreshed shows only while that is what is asked for.
  const [known, setKnown] = useState<ShuffleEstimate['refreshes']>(null);
  const refreshes = estimate.data?.refreshes ?? null;
  if (refreshes && refreshes.playlistId !== known?.playlistId) setKnown(refreshes);
  const errors = { ...fieldErrors(estimate.error), ...fieldErrors(props.error) };
  const change = (next: Partial<ShuffleDraft>) => onDraft({ ...draft, ...next });
  const { data } = estimate;
  const undecided =
    (data?.tooLong === true && draft.overflow === null) || (data?.enough === false && !evenIfShort);
  const told = Object.keys(errors).length > 0;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        props.onStart(request, evenIfShort);
      }}
    >
      <Stack>
        <ModeField mode={draft.mode} onChange={(mode) => change({ mode })} />
        <FilterFields draft={draft} errors={errors} onChange={change} />
        <LengthFields
          draft={draft}
          error={errors['limit.tracks'] ?? errors['limit.minutes'] ?? errors.limit}
          onChange={change}
        />
        <TargetFields draft={draft} known={known} error={errors.name} onChange={change} />
        {estimate.error ? (
          told ? (
            <Text size="sm" c="red" role="alert">
              {Object.values(errors)[0]}
            </Text>
          ) : (
            <Failure error={estimate.error} retry={() => void estimate.refetch()} />
          )
        ) : (
          <EstimateNote
            estimate={data}
            overflow={draft.overflow}
            onOverflow={(overflow) => change({ overflow })}
            evenIfShort={evenIfShort}
            onEvenIfShort={setEvenIfShort}
          />
        )}
        {props.error && Object.keys(fieldErrors(props.error)).length === 0 ? (
          <Failure error={props.error} />
        ) : null}
        <Group justify="space-between">
          <Button
            variant="subtle"
            disabled={undecided || told}
            onClick={() =>
              props.onRepeat(
                known && draft.target === 'refresh' ? { ...request, target: known.playlistId } : request,
              )
            }
          >
            Repeat this …
          </Button>
          <Button
            type="submit"
            disabled={undecided || told || !data}
            loading={props.pending}
            leftSection={<IconArrowsShuffle size={18} aria-hidden />}
          >
            Shuffle
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
