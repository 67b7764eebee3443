// Links within the application: the router knows their addresses and fetches their screens ahead, Mantine knows their looks.

import { Anchor, type AnchorProps, Button, type ButtonProps } from "@mantine/core";
import { createLink, type LinkProps } from "@tanstack/react-router";
import type { ComponentPropsWithRef } from "react";

/** An address that the map of the application knows. */
export type PageAddress = NonNullable<LinkProps["to"]>;

type Drawn<P> = P & Omit<ComponentPropsWithRef<"a">, keyof P>;

export const PageLink = createLink((props: Drawn<AnchorProps>) => <Anchor size="sm" {...props} />);

/** For what is the main thing to do, where it leads to another screen. */
export const PageButton = createLink((props: Drawn<ButtonProps>) => <Button component="a" {...props} />);
