// What a part of a list is called.

import { Title } from "@mantine/core";

export function ListTitle({ text, order = 2 }: { text: string; order?: 2 | 3 }) {
	return (
		<Title order={order} fz="xs" fw={650} c="dimmed" mb={4}>
			{text}
		</Title>
	);
}
