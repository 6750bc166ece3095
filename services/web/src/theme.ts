import { createTheme, type MantineColorsTuple } from '@mantine/core';

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
  primaryShade: { light: 6, dark: 4 },
  colors: { spindle },
  autoContrast: true,
  defaultRadius: 'md',
  respectReducedMotion: true,
  fontFamily: "'Inter', ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
  headings: { fontWeight: '650' },
  components: { Card: { defaultProps: { withBorder: true, padding: 'lg', radius: 'lg' } } },
});
