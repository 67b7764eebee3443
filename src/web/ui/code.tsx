// Text as a machine wrote it: never HTML, always copyable, reachable by keyboard because it scrolls.

import { Stack, Text } from "@mantine/core";
import { Group } from "@mantine/core";
import { CopyIcon } from "./copy.tsx";

export function CodeBlock({ label, text }: { label: string; text: string }) {
	return (
		<Stack gap={4}>
			<Group justify="space-between">
				<Text size="sm" fw={600}>
					{label}
				</Text>
				<CopyIcon label={label} text={text} />
			</Group>
			<pre className="code-block" tabIndex={0} role="region" aria-label={label}>
				{text}
			</pre>
		</Stack>
	);
}
