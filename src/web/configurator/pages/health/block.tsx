// A titled part of the page.

import { Card, Stack, Title } from "@mantine/core";
import { type ReactNode, useId } from "react";

export function Block({ title, children }: { title: string; children: ReactNode }) {
	const id = useId();
	return (
		<Card withBorder component="section" aria-labelledby={id}>
			<Stack gap="sm">
				<Title order={2} size="h4" id={id}>
					{title}
				</Title>
				{children}
			</Stack>
		</Card>
	);
}
