// Short news at the edge of the screen: what was done, with the way back where there is one.

import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import type { ReactNode } from "react";

export type WayBack = { label: string; run: () => void };

/** With a way back it stays long enough to be read and reached by keyboard. */
export function tell(text: ReactNode, wayBack?: WayBack): void {
	const id = notifications.show({
		message:
			wayBack === undefined ? (
				text
			) : (
				<Group justify="space-between" wrap="nowrap">
					<Text size="sm">{text}</Text>
					<Button
						size="compact-sm"
						variant="light"
						flex="none"
						onClick={() => {
							notifications.hide(id);
							wayBack.run();
						}}
					>
						{wayBack.label}
					</Button>
				</Group>
			),
		autoClose: wayBack === undefined ? 5000 : 20_000,
		withBorder: true,
	});
}

export function warn(text: ReactNode): void {
	notifications.show({ message: text, color: "red", autoClose: 10_000, withBorder: true, role: "alert" });
}
