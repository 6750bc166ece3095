import {
  ActionIcon,
  type ActionIconProps,
  Anchor,
  type AnchorProps,
  Button,
  type ButtonProps,
  Menu,
  type MenuItemProps,
} from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, ReactNode } from 'react';

/** Mantine's looks with the router's typed addresses. */

type LinkAttributes<Props> = Props & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof Props>;

function PlainAnchor(props: LinkAttributes<AnchorProps>): ReactNode {
  return <Anchor {...props} />;
}
function PlainButton(props: LinkAttributes<ButtonProps>): ReactNode {
  return <Button component="a" {...props} />;
}
function PlainIcon(props: LinkAttributes<ActionIconProps>): ReactNode {
  return <ActionIcon component="a" {...props} />;
}

function PlainMenuItem(props: LinkAttributes<MenuItemProps>): ReactNode {
  return <Menu.Item component="a" {...props} />;
}

export const AnchorLink = createLink(PlainAnchor);
export const ButtonLink = createLink(PlainButton);
export const IconLink = createLink(PlainIcon);
export const MenuLink = createLink(PlainMenuItem);
