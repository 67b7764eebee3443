// Something that works but should not stay so. The words keep the colour of text, which is readable on every ground.

import { Alert } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";

type CautionProps = { title?: string; role?: "alert" | "status"; children: ReactNode };

export function Caution({ title, role = "status", children }: CautionProps) {
	return (
		<Alert
			role={role}
			color="yellow"
			icon={<IconAlertTriangle aria-hidden />}
			classNames={{ title: "caution-text", icon: "caution-text", message: "caution-text" }}
			{...(title === undefined ? {} : { title })}
		>
			{children}
		</Alert>
	);
}
