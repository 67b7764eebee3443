// A word for a state, told by icon and text as well as by colour.

import { Badge } from "@mantine/core";
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

const icons: Readonly<Record<Tone, typeof IconInfoCircle>> = {
	good: IconCircleCheck,
	warning: IconAlertTriangle,
	bad: IconCircleX,
	neutral: IconInfoCircle,
	paused: IconPlayerPause,
	pending: IconCircleDashed,
};

export function Chip({ tone, title, children }: { tone: Tone; title?: string | undefined; children: ReactNode }) {
	const Icon = icons[tone];
	return (
		<Badge
			className={`chip chip-${tone}`}
			variant="default"
			tt="none"
			title={title}
			leftSection={<Icon size={14} aria-hidden />}
		>
			{children}
		</Badge>
	);
}
