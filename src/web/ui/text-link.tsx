// A link within the application that looks like text.

import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

export function TextLink({ to, children }: { to: string; children: ReactNode }) {
	return (
		<Anchor renderRoot={(props) => <Link to={to} {...props} />} size="sm">
			{children}
		</Anchor>
	);
}
