// Wrap-up: the talk is over, a reason is chosen, and it is done.

import { Button, Group, Select, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Interaction } from "#web/realtime/tree.ts";
import { clockText, leftUntil } from "./chat-facts.ts";
import { useDesk, useDeskState } from "./desk-context.tsx";
import { useDoing } from "./use-doing.ts";
import { useNow } from "./use-now.ts";

export function WrapUp({ chat }: { chat: Interaction }) {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const { tree } = useDeskState();
	const { isBusy, run } = useDoing();
	const [reason, setReason] = useState<string | null>(null);
	const left = leftUntil(chat.wrapup_until, useNow());
	const queue = tree.queues.find(({ id }) => id === chat.from_queue.id);
	const reasons = Array.isArray(queue?.["wrapup_reasons"]) ? queue["wrapup_reasons"].map(String) : [];
	const body = { status: "handled", ...(reason === null ? {} : { reason }) };
	return (
		<Group className="desk-composer" justify="space-between">
			<Text size="sm">{left === undefined ? t("wrapUp") : t("wrapUpLeft", { time: clockText(left) })}</Text>
			<Group gap="xs">
				{reasons.length > 0 && (
					<Select
						size="xs"
						aria-label={t("reason")}
						placeholder={t("reason")}
						data={reasons}
						value={reason}
						onChange={setReason}
						clearable
					/>
				)}
				<Button
					size="compact-md"
					aria-keyshortcuts="e"
					loading={isBusy}
					onClick={() => run(() => desk.ask("PUT", `/interactions/${chat.id}`, body))}
				>
					{t("done")}
				</Button>
			</Group>
		</Group>
	);
}
