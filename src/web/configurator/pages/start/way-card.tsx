// One way to begin, in a few steps.

import { Card, List, Stack, Title } from "@mantine/core";
import type { ReactNode } from "react";

export function WayCard({ title, steps, children }: { title: string; steps: readonly string[]; children: ReactNode }) {
	return (
		<Card withBorder padding="lg">
			<Stack h="100%" justify="space-between" align="flex-start">
				<Title order={2} size="h4">
					{title}
				</Title>
				<List type="ordered" flex={1}>
					{steps.map((step) => (
						<List.Item key={step}>{step}</List.Item>
					))}
				</List>
				{children}
			</Stack>
		</Card>
	);
}
