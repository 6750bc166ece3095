import {
  Button,
  Card,
  Group,
  Progress,
  SegmentedControl,
  SimpleGrid,
  Stack,
  Table,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { type Comparison, DISCOVERY_KINDS } from '@spindle/contracts';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { Picture } from '../components/artwork.tsx';
import { Attribution } from '../components/attribution.tsx';
import { Failure } from '../components/failure.tsx';
import { periodName } from '../statistics/calendar.ts';
import { Figure } from '../statistics/figure.tsx';
import { listeningTime, percent } from '../statistics/figure-words.ts';
import { neighbour, orDefault, type PeriodSearch } from '../statistics/period-search.ts';
import { comparisonQuery } from '../statistics/queries.ts';
import { RangePicker } from '../statistics/range-picker.tsx';
import { faceOf, ItemName } from '../statistics/top-rows.tsx';
import { useToday } from '../statistics/use-today.ts';
import { count } from '../time-words.ts';

export interface CompareSearch extends PeriodSearch {
  /** Handle of the other listener. */
  readonly with?: string;
  readonly kind?: Comparison['kind'];
  readonly otherRange?: PeriodSearch['range'];
  readonly otherAt?: string;
  readonly otherFrom?: string;
  readonly otherTo?: string;
}

const keep = <T extends object>(values: T): T =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;

function otherOf(search: CompareSearch): PeriodSearch {
  const { otherRange: range, otherAt: at, otherFrom: from, otherTo: to } = search;
  return keep({ range, at, from, to });
}

const asOther = (period: PeriodSearch) => ({
  otherRange: period.range,
  otherAt: period.at,
  otherFrom: period.from,
  otherTo: period.to,
});

function Side({ side }: { readonly side: Comparison['mine'] | undefined }): ReactNode {
  return (
    <SimpleGrid cols={2}>
      <Figure name="Listening time" value={side && listeningTime(side.figures.msPlayed)} />
      <Figure name="Plays" value={side && count(side.figures.plays)} />
      <Figure name="Artists" value={side && count(side.distinct.artists)} />
      <Figure name="Tracks" value={side && count(side.distinct.tracks)} />
    </SimpleGrid>
  );
}

function Shared({ comparison }: { readonly comparison: Comparison }): ReactNode {
  if (comparison.items.length === 0) return <Text c="dimmed">Nothing in common. Opposites attract.</Text>;
  return (
    <Table fz="sm" verticalSpacing={6}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>In common</Table.Th>
          <Table.Th ta="right">Left</Table.Th>
          <Table.Th ta="right">Right</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {comparison.items.map((item) => {
          const face = faceOf(item, 36);
          return (
            <Table.Tr key={face.key}>
              <Table.Td maw={220}>
                <Group gap="sm" wrap="nowrap">
                  {face.picture ? <Picture {...face.picture} /> : null}
                  <div style={{ minWidth: 0 }}>
                    <Text size="sm" fw={600} truncate>
                      <ItemName face={face} />
                    </Text>
                    {face.by ? (
                      <Text size="xs" c="dimmed" truncate>
                        {face.by}
                      </Text>
                    ) : null}
                  </div>
                </Group>
              </Table.Td>
              {[item.mine, item.theirs].map((side, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: left and right
                <Table.Td key={index} ta="right">
                  {count(side.plays)}
                  <Text span size="xs" c="dimmed">
                    {' '}
                    (#{side.rank})
                  </Text>
                </Table.Td>
              ))}
            </Table.Tr>
          );
        })}
      </Table.Tbody>
    </Table>
  );
}

/** Two periods side by side, or oneself and a friend. */
export function Compare(): ReactNode {
  const search: CompareSearch = useSearch({ from: '/app/compare' });
  const navigate = useNavigate({ from: '/compare' });
  const today = useToday();
  const kind = search.kind ?? 'artists';
  const mine = orDefault(search, 'year');
  const given = otherOf(search);
  const other =
    Object.keys(given).length > 0 ? given : search.with ? mine : (neighbour(mine, -1, today) ?? mine);
  const [handle, setHandle] = useState(search.with ?? '');
  const change = (next: Partial<CompareSearch>) =>
    void navigate({ search: keep({ ...search, ...next }), replace: true, resetScroll: false });
  const { data, error } = useQuery(comparisonQuery(keep({ mine, other, with: search.with, kind })));
  return (
    <Stack gap="lg">
      <Title order={1} size="h2">
        Compare
      </Title>
      <Card component="section" aria-label="What is compared">
        <Stack gap="md">
          <Group
            component="form"
            align="flex-end"
            onSubmit={(event: React.FormEvent) => {
              event.preventDefault();
              change({ with: handle.trim() || undefined });
            }}
          >
            <TextInput
              label="With"
              placeholder="myself"
              description="Handle of a listener who allows it, as you do in your settings; empty for yourself"
              value={handle}
              onChange={(event) => setHandle(event.currentTarget.value)}
              style={{ flex: 1 }}
            />
            <Button type="submit" variant="default">
              Compare
            </Button>
          </Group>
          <RangePicker
            period={mine}
            today={today}
            whole={data?.mine.period}
            onChange={({ range, at, from, to }) => change({ range, at, from, to })}
          />
          <Text size="sm" c="dimmed">
            against
          </Text>
          <RangePicker
            period={other}
            today={today}
            whole={data?.theirs.period}
            onChange={(period) => change(asOther(period))}
          />
        </Stack>
      </Card>
      {error ? <Failure error={error} /> : null}
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
        {[data?.mine, data?.theirs].map((side, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: left and right
          <Card key={index} component="section" aria-label={index === 0 ? 'Left' : 'Right'}>
            <Title order={2} size="h5" mb="sm" mih={24}>
              {side
                ? `${index === 1 && search.with ? `${search.with}, ` : ''}${periodName(side.period)}`
                : ' '}
            </Title>
            <Side side={side} />
          </Card>
        ))}
      </SimpleGrid>
      <Card component="section" aria-label="Likeness">
        <Group justify="space-between" mb="sm">
          <Text fw={600}>
            {data ? `${percent(data.likeness)} alike, ${count(data.shared)} ${kind} in common` : ' '}
          </Text>
          <SegmentedControl
            size="xs"
            data={DISCOVERY_KINDS.map((value) => ({ value, label: value }))}
            value={kind}
            onChange={(value) => change({ kind: DISCOVERY_KINDS.find((one) => one === value) })}
            aria-label="Kind"
          />
        </Group>
        <Progress value={(data?.likeness ?? 0) * 100} aria-label="Likeness" mb="md" />
        {data ? <Shared comparison={data} /> : null}
      </Card>
      <Attribution />
    </Stack>
  );
}
