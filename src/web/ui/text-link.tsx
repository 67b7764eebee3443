// A link within the application that looks like text.

import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

export type TextLinkProps = {
	to: string;
	/** Among other words it is told by more than its colour. */
	isInText?: boolean;
	children: ReactNode;
};

export function TextLink({ to, isInText = false, children }: TextLinkProps) {
	return (
		<Anchor renderRoot={(props) => <Link to={to} {...props} />} size="sm" underline={isInText ? "always" : "hover"}>
			{children}
		</Anchor>
	);
}
