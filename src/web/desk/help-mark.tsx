// Whether a supervisor is with this agent, or was asked for: told in the bar, since nobody is watched without knowing it,
// but for those who may look on unseen.

import { Badge, Button, Menu } from "@mantine/core";
import { IconLifebuoy } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useDesk, useDeskState } from "./desk-context.tsx";
import { useDoing } from "./use-doing.ts";

type Supervisor = { id: string | null; name: string };

/** The session in which one is the agent. */
function useOwnSession(): { id: string; supervisor: Supervisor } | undefined {
	const { supervisions } = useDeskState().tree;
	const own = supervisions.find(({ supervisor }) => supervisor !== undefined);
	return own === undefined ? undefined : { id: own.id, supervisor: own["supervisor"] as Supervisor };
}

export function HelpMark() {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const own = useOwnSession();
	const { isBusy, run } = useDoing();
	if (own === undefined) {
		return null;
	}
	const { id, supervisor } = own;
	return (
		<span role="status">
			{supervisor.id === null ? (
				<Button
					size="compact-sm"
					variant="default"
					loading={isBusy}
					onClick={() => run(() => desk.ask("DELETE", `/supervisor_sessions/${id}`))}
				>
					{t("help.withdraw")}
				</Button>
			) : (
				<Badge variant="default" tt="none">
					{t("help.isHere", { name: supervisor.name })}
				</Badge>
			)}
		</span>
	);
}

/** To stand in a menu. */
export function AskForHelp() {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const own = useOwnSession();
	const { run } = useDoing();
	return (
		<Menu.Item
			leftSection={<IconLifebuoy size={16} aria-hidden />}
			disabled={own !== undefined}
			onClick={() => run(() => desk.ask("POST", "/supervisor_sessions", { state: "monitoring" }))}
		>
			{t("help.ask")}
		</Menu.Item>
	);
}
