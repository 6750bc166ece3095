import { ColorInput, NativeSelect, NumberInput, Switch, TextInput } from '@mantine/core';
import { LAYOUTS_OF_WIDGET, type WidgetKind, type WidgetOptionField } from '@spindle/contracts';
import type { ReactNode } from 'react';

/** An option of a card, as its declaration says it is put. */
export function OptionField(props: {
  readonly field: WidgetOptionField;
  readonly kind: WidgetKind;
  readonly value: string | undefined;
  readonly onChange: (value: string) => void;
}): ReactNode {
  const { field, kind, value, onChange } = props;
  const { label, help } = field;
  const shown = value ?? field.default ?? '';
  if (field.input === 'switch')
    return (
      <Switch
        label={label}
        description={help}
        checked={shown === '1'}
        onChange={(event) => onChange(event.currentTarget.checked ? '1' : '0')}
      />
    );
  if (field.input === 'colour')
    return (
      <ColorInput
        label={label}
        description={help}
        placeholder="of the theme"
        value={shown === '' ? '' : `#${shown}`}
        onChange={(colour) => onChange(colour.replace('#', ''))}
        format="hex"
        withEyeDropper={false}
      />
    );
  if (field.input === 'number')
    return (
      <NumberInput
        label={label}
        description={help}
        placeholder={field.default ?? 'of the theme'}
        min={field.min ?? 0}
        max={field.max ?? 1_000}
        clampBehavior="blur"
        value={shown === '' ? '' : Number(shown)}
        onChange={(next) => onChange(next === '' ? '' : String(next))}
      />
    );
  if (field.input === 'text')
    return (
      <TextInput
        label={label}
        description={help}
        maxLength={field.max ?? 60}
        value={shown}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  const choices = field.name === 'layout' ? LAYOUTS_OF_WIDGET[kind] : (field.choices ?? []);
  return (
    <NativeSelect
      label={label}
      description={help}
      data={field.default === null ? [{ value: '', label: 'usual' }, ...choices] : [...choices]}
      value={shown}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
