// Short news at the edge of the screen: what was done, with the way back where there is one.

import { Button, Group, Text } from "@mantine/core";
import type { notifications as store } from "@mantine/notifications";
import i18next from "i18next";
import type { ReactNode } from "react";
import { errorText } from "./error-text.ts";

let isNeeded = false;
const listeners = new Set<() => void>();

export function hasNotices(): boolean {
	return isNeeded;
}

export function onFirstNotice(listener: () => void): () => void {
	listeners.add(listener);
	return () => listeners.delete(listener);
}

async function withStore(run: (notices: typeof store) => void): Promise<void> {
	const { notifications } = await import("@mantine/notifications");
	isNeeded = true;
	listeners.forEach((listener) => listener());
	run(notifications);
}

/** With a way back it stays long enough to be read and reached by keyboard. */
export function tell(text: ReactNode, undo?: () => void): void {
	void withStore((notices) => {
		const id = notices.show({
			message: undo === undefined ? text : <WithWayBack text={text} undo={undo} onDone={() => notices.hide(id)} />,
			autoClose: undo === undefined ? 5000 : 20_000,
			withBorder: true,
			closeButtonProps: { "aria-label": i18next.t("close", { ns: "ui" }) },
		});
	});
}

function WithWayBack({ text, undo, onDone }: { text: ReactNode; undo: () => void; onDone: () => void }) {
	return (
		<Group justify="space-between" wrap="nowrap">
			<Text size="sm">{text}</Text>
			<Button
				size="compact-sm"
				variant="light"
				flex="none"
				onClick={() => {
					onDone();
					undo();
				}}
			>
				{i18next.t("undo", { ns: "ui" })}
			</Button>
		</Group>
	);
}

/** For what failed where no form or page can say so. */
export function complain(error: unknown): void {
	warn(errorText(error));
}

export function warn(text: ReactNode): void {
	void withStore((notices) =>
		notices.show({
			message: text,
			color: "red",
			autoClose: 10_000,
			withBorder: true,
			role: "alert",
			closeButtonProps: { "aria-label": i18next.t("close", { ns: "ui" }) },
		}),
	);
}
