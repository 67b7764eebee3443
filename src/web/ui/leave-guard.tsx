// Asks before a page with unsaved changes is left: within the application here, outside of it the browser asks.

import { Button, Group, Text } from "@mantine/core";
import { useBlocker } from "@tanstack/react-router";
import type { RefObject } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "./dialog.tsx";

type LeaveGuardProps = {
	isDirty: boolean;
	/** Set where leaving is meant, such as right after saving. */
	isLeaving?: RefObject<boolean>;
	/** The form belongs to what the search says, as in `?type=twilio`; else only another path ends it. */
	isOfSearch?: boolean;
};

export function LeaveGuard({ isDirty, isLeaving, isOfSearch = false }: LeaveGuardProps) {
	const { t } = useTranslation("ui");
	const blocker = useBlocker({
		shouldBlockFn: ({ current, next }) =>
			isDirty && isLeaving?.current !== true && (isOfSearch || current.pathname !== next.pathname),
		enableBeforeUnload: () => isDirty && isLeaving?.current !== true,
		withResolver: true,
	});
	return (
		<Dialog opened={blocker.status === "blocked"} onClose={() => blocker.reset?.()} title={t("guard.title")}>
			<Text mb="md">{t("guard.lead")}</Text>
			<Group justify="flex-end">
				<Button variant="default" onClick={() => blocker.proceed?.()}>
					{t("guard.leave")}
				</Button>
				<Button onClick={() => blocker.reset?.()} data-autofocus>
					{t("guard.stay")}
				</Button>
			</Group>
		</Dialog>
	);
}
