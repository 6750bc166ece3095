import { ActionIcon, useMantineColorScheme } from '@mantine/core';
import { IconMoon, IconSun } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './scheme-switch.module.css';

/** Switches between light and dark, and remembers it. */
export function SchemeSwitch(): ReactNode {
  const { toggleColorScheme } = useMantineColorScheme();
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      onClick={toggleColorScheme}
      aria-label="Switch between light and dark"
    >
      <IconSun size={18} className={classes.inDark} />
      <IconMoon size={18} className={classes.inLight} />
    </ActionIcon>
  );
}
