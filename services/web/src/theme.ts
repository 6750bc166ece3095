import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

/** The violet of the mark, from paper to ink. */
const spindle: MantineColorsTuple = [
  '#f1effc',
  '#e0dcf6',
  '#bfb7ec',
  '#9c8fe2',
  '#7f6fd9',
  '#6c5ad3',
  '#5b4bc4',
  '#4d3fac',
  '#43379a',
  '#382d87',
];

export const theme = createTheme({
  primaryColor: 'spindle',
  primaryShade: { light: 6, dark: 5 },
  colors: { spindle },
  autoContrast: true,
  defaultRadius: 'md',
  respectReducedMotion: true,
  fontFamily: "'Inter', ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
  headings: { fontWeight: '650' },
  components: {
    // Mantine's titles of alerts in orange and yellow are fainter than what may be read.
    Alert: { styles: { label: { color: 'var(--mantine-color-text)' } } },
    Card: { defaultProps: { withBorder: true, padding: 'lg', radius: 'lg' } },
    Notification: {
      defaultProps: { closeButtonProps: { 'aria-label': 'Close' } },
      // Mantine's grey for the words below a title is fainter than what may be read.
      styles: { description: { color: 'var(--mantine-color-dimmed)' } },
    },
  },
});

/** Quiet text keeps a contrast of 4.5 to 1 and more (WCAG 2.2, 1.4.3) in both schemes. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#5c636a',
    '--mantine-color-placeholder': '#6b7280',
    '--mantine-color-error': '#c92a2a',
  },
  dark: {
    '--mantine-color-anchor': 'var(--mantine-color-spindle-3)',
    '--mantine-color-dimmed': '#a6a7ab',
    '--mantine-color-placeholder': '#a0a2a6',
    '--mantine-color-error': '#ff8787',
  },
});
