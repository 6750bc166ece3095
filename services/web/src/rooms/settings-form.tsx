import {
  Accordion,
  Button,
  Group,
  NumberInput,
  Radio,
  SegmentedControl,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  TextInput,
} from '@mantine/core';
import { LIKED, ROOM_DEFAULTS, type RoomSettings } from '@spindle/contracts';
import { type ReactNode, useState } from 'react';
import { fieldErrors } from '../api.ts';
import { Failure } from '../components/failure.tsx';
import { SourcePicker } from '../library/source-picker.tsx';

/** What the form begins with: the room's name is the host's to give. */
export const FIRST_SETTINGS: RoomSettings = { ...ROOM_DEFAULTS, name: '' };
const MINUTE_MS = 60_000;
const ROOM_NAME_LENGTH = 60;

/** A number, or nothing for no limit. */
function LimitField(props: {
  readonly label: string;
  readonly description: string;
  readonly value: number | null;
  readonly max: number;
  readonly suffix?: string;
  readonly error: string | undefined;
  readonly onChange: (value: number | null) => void;
}): ReactNode {
  const { onChange, value, ...field } = props;
  return (
    <NumberInput
      {...field}
      min={1}
      allowDecimal={false}
      allowNegative={false}
      clampBehavior="strict"
      placeholder="no limit"
      value={value ?? ''}
      onChange={(next) => onChange(next === '' ? null : Number(next))}
    />
  );
}

function FallbackField(props: {
  readonly settings: RoomSettings;
  readonly error: string | undefined;
  readonly onChange: (change: Partial<RoomSettings>) => void;
}): ReactNode {
  const { fallback } = props.settings;
  return (
    <Stack gap="xs">
      <Radio.Group
        label="When nobody has proposed anything"
        error={props.error}
        value={fallback.kind}
        onChange={(kind) =>
          props.onChange({
            fallback:
              kind === 'playlist'
                ? { kind, source: LIKED }
                : kind === 'participants'
                  ? { kind }
                  : { kind: 'none' },
          })
        }
      >
        <Stack gap="sm" mt={6} mb={4}>
          <Radio value="none" label="Silence" />
          <Radio value="playlist" label="A playlist of mine" description="In random order." />
          <Radio
            value="participants"
            label="Music of the guests"
            description="A random track of somebody here who signed in with Spotify; nobody is named."
          />
        </Stack>
      </Radio.Group>
      {fallback.kind === 'playlist' ? (
        <SourcePicker
          source={fallback.source}
          name={undefined}
          onChange={(source) => props.onChange({ fallback: { kind: 'playlist', source } })}
        />
      ) : null}
    </Stack>
  );
}

/** What a host decides: what matters in sight, the rest folded away. */
export function SettingsForm(props: {
  readonly settings: RoomSettings;
  readonly action: string;
  readonly pending: boolean;
  readonly error: unknown;
  readonly onSubmit: (settings: RoomSettings) => void;
}): ReactNode {
  const [settings, setSettings] = useState(props.settings);
  const change = (next: Partial<RoomSettings>) => setSettings({ ...settings, ...next });
  const errors = fieldErrors(props.error);
  const isAtField = Object.keys(errors).length > 0;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        props.onSubmit({ ...settings, name: settings.name.trim() || 'Party' });
      }}
    >
      <Stack gap="md">
        <TextInput
          label="Name"
          placeholder="Party"
          maxLength={ROOM_NAME_LENGTH}
          value={settings.name}
          error={errors.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
        <Radio.Group
          label="What is played"
          value={settings.mode}
          onChange={(mode) => change({ mode: mode === 'threshold' ? 'threshold' : 'queue' })}
        >
          <Stack gap="sm" mt={6}>
            <Radio
              value="queue"
              label="Everything, most votes first"
              description="What has the most votes comes next."
            />
            <Radio
              value="threshold"
              label="Only what enough people like"
              description="The rest waits until it has enough likes."
            />
          </Stack>
        </Radio.Group>
        {settings.mode === 'threshold' ? (
          <NumberInput
            label="Likes that it takes"
            min={1}
            max={1_000}
            allowDecimal={false}
            clampBehavior="strict"
            value={settings.likeThreshold}
            error={errors.likeThreshold}
            onChange={(likes) => change({ likeThreshold: Math.max(1, Number(likes) || 1) })}
          />
        ) : null}
        <Accordion variant="contained">
          <Accordion.Item value="more">
            <Accordion.Control>
              <Text size="sm" fw={500}>
                More settings
              </Text>
            </Accordion.Control>
            <Accordion.Panel>
              <Stack gap="lg">
                <FallbackField settings={settings} error={errors.fallback} onChange={change} />
                <div>
                  <Text size="sm" fw={500} mb={4} id="guests-may">
                    Guests propose
                  </Text>
                  <SegmentedControl
                    fullWidth
                    aria-labelledby="guests-may"
                    data={[
                      { value: 'search', label: 'anything' },
                      { value: 'pick', label: 'from the music above' },
                    ]}
                    value={settings.guestsMay}
                    onChange={(value) => change({ guestsMay: value === 'pick' ? 'pick' : 'search' })}
                  />
                  {settings.guestsMay === 'pick' && settings.fallback.kind === 'none' ? (
                    <Text size="sm" c="var(--mantine-color-error)" mt={4}>
                      Choose above what they can pick from.
                    </Text>
                  ) : null}
                </div>
                <Switch
                  label="Guests need no account"
                  description="A name is enough. When this is off, they sign in with Spotify."
                  checked={settings.anonymous}
                  onChange={(event) => change({ anonymous: event.currentTarget.checked })}
                />
                <Switch
                  label="Explicit tracks"
                  checked={settings.allowExplicit}
                  onChange={(event) => change({ allowExplicit: event.currentTarget.checked })}
                />
                <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md" verticalSpacing="md">
                  <LimitField
                    label="Tracks per guest"
                    description="Waiting at the same time"
                    max={50}
                    value={settings.proposalsPerGuest}
                    error={errors.proposalsPerGuest}
                    onChange={(proposalsPerGuest) => change({ proposalsPerGuest })}
                  />
                  <LimitField
                    label="In a row"
                    description="Of one guest, while others wait"
                    max={20}
                    value={settings.inARow}
                    error={errors.inARow}
                    onChange={(inARow) => change({ inARow })}
                  />
                  <LimitField
                    label="Longest track"
                    description="In minutes"
                    max={60}
                    suffix=" min"
                    value={settings.maxTrackMs === null ? null : Math.floor(settings.maxTrackMs / MINUTE_MS)}
                    error={errors.maxTrackMs}
                    onChange={(minutes) =>
                      change({ maxTrackMs: minutes === null ? null : minutes * MINUTE_MS })
                    }
                  />
                  <NumberInput
                    label="Votes that skip"
                    description="What plays is skipped"
                    min={1}
                    max={1_000}
                    allowDecimal={false}
                    clampBehavior="strict"
                    placeholder="only I skip"
                    value={settings.skipThreshold ?? ''}
                    error={errors.skipThreshold}
                    onChange={(votes) => change({ skipThreshold: votes === '' ? null : Number(votes) })}
                  />
                </SimpleGrid>
              </Stack>
            </Accordion.Panel>
          </Accordion.Item>
        </Accordion>
        {props.error && !isAtField ? <Failure error={props.error} /> : null}
        {isAtField ? (
          <Text size="sm" c="var(--mantine-color-error)" role="alert">
            {Object.values(errors).join(' ')}
          </Text>
        ) : null}
        <Group justify="flex-end">
          <Button type="submit" size="md" loading={props.pending}>
            {props.action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
