// A part of a screen with a heading of its own.

import { Card, Group, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

type BlockProps = { title: string; lead?: ReactNode; actions?: ReactNode; children: ReactNode };

export function Block({ title, lead, actions, children }: BlockProps) {
	return (
		<Card withBorder component="section" aria-label={title}>
			<Stack gap="md">
				<Group justify="space-between" align="flex-start" gap="sm">
					<Stack gap={2} flex="1 1 18rem">
						<Title order={2} size="h4">
							{title}
						</Title>
						{lead !== undefined && (
							<Text c="dimmed" size="sm">
								{lead}
							</Text>
						)}
					</Stack>
					{actions !== undefined && <Group gap="xs">{actions}</Group>}
				</Group>
				{children}
			</Stack>
		</Card>
	);
}
