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

type WayBack = { label: string; run: () => void };

/** With a way back it stays long enough to be read and reached by keyboard. */
export function tell(text: ReactNode, wayBack?: WayBack): void {
	void withStore((notices) => {
		const id = notices.show({
			message:
				wayBack === undefined ? text : <WithWayBack text={text} wayBack={wayBack} onDone={() => notices.hide(id)} />,
			autoClose: wayBack === undefined ? 5000 : 20_000,
			withBorder: true,
			closeButtonProps: { "aria-label": i18next.t("close", { ns: "ui" }) },
		});
	});
}

function WithWayBack({ text, wayBack, onDone }: { text: ReactNode; wayBack: WayBack; onDone: () => void }) {
	return (
		<Group justify="space-between" wrap="nowrap">
			<Text size="sm">{text}</Text>
			<Button
				size="compact-sm"
				variant="light"
				flex="none"
				onClick={() => {
					onDone();
					wayBack.run();
				}}
			>
				{wayBack.label}
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
		notices.show({ message: text, color: "red", autoClose: 10_000, withBorder: true, role: "alert" }),
	);
}
