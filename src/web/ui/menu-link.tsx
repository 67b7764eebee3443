// An entry of a menu that leads to another screen. Apart from the other links, since menus are not part of the first load.

import { Menu, type MenuItemProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { ComponentPropsWithRef } from "react";

type Drawn = MenuItemProps & Omit<ComponentPropsWithRef<"a">, keyof MenuItemProps>;

export const MenuLink = createLink((props: Drawn) => <Menu.Item component="a" {...props} />);
