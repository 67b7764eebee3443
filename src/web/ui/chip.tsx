// A word for a state, told by icon and text as well as by colour.

import { Badge, type MantineColor } from "@mantine/core";
import {
	IconAlertTriangle,
	IconCircleCheck,
	IconCircleDashed,
	IconCircleX,
	IconInfoCircle,
	IconPlayerPause,
} from "@tabler/icons-react";
import type { ReactNode } from "react";

export type Tone = "good" | "warning" | "bad" | "neutral" | "paused" | "pending";

const looks: Readonly<Record<Tone, { color: MantineColor; Icon: typeof IconInfoCircle }>> = {
	good: { color: "teal", Icon: IconCircleCheck },
	warning: { color: "yellow", Icon: IconAlertTriangle },
	bad: { color: "red", Icon: IconCircleX },
	neutral: { color: "gray", Icon: IconInfoCircle },
	paused: { color: "gray", Icon: IconPlayerPause },
	pending: { color: "blue", Icon: IconCircleDashed },
};

export function Chip({ tone, title, children }: { tone: Tone; title?: string | undefined; children: ReactNode }) {
	const { color, Icon } = looks[tone];
	return (
		<Badge
			className={`chip chip-${tone}`}
			color={color}
			variant="light"
			tt="none"
			title={title}
			leftSection={<Icon size={14} aria-hidden />}
		>
			{children}
		</Badge>
	);
}
