// Going back to a time: what happened since then and was not delivered is sent.

import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { cmiPostSubscriptionsIdRecover } from "#web/api/cmi.ts";
import { useRenew } from "#web/api/renew.ts";
import { Dialog } from "#web/ui/dialog.tsx";
import { mistakesOf } from "#web/ui/form/mistakes.tsx";
import { focusFirstMistake, SaveError } from "#web/ui/form/saving.tsx";
import { fieldId } from "#web/ui/form/schema-fields.tsx";
import { tell } from "#web/ui/notice.tsx";
import type { Subscription } from "./event-groups.ts";

export function Recover({ hook }: { hook: Subscription }) {
	const { t } = useTranslation("subscriptions");
	const [isOpen, setOpen] = useState(false);
	return (
		<Group gap="sm">
			<Button variant="default" disabled={!hook.enabled} onClick={() => setOpen(true)}>
				{t("recover.verb")}
			</Button>
			<Text size="sm" c="dimmed" flex="1 1 16rem">
				{t(hook.enabled ? "recover.lead" : "recover.needsEnabled")}
			</Text>
			<Dialog opened={isOpen} onClose={() => setOpen(false)} title={t("recover.title", { name: hook.name })}>
				{isOpen && <RecoverForm hook={hook} onClose={() => setOpen(false)} />}
			</Dialog>
		</Group>
	);
}

const dayMs = 86_400_000;

function RecoverForm({ hook, onClose }: { hook: Subscription; onClose: () => void }) {
	const { t } = useTranslation(["subscriptions", "ui"]);
	const renew = useRenew();
	const [since, setSince] = useState(() => toLocal(new Date(Date.now() - dayMs)));
	const recover = useMutation({
		mutationFn: () => cmiPostSubscriptionsIdRecover(hook.id, { since: fromLocal(since) }),
		async onSuccess({ data }) {
			await renew("subscriptions");
			tell(t(data.back ? "subscriptions:recover.done" : "subscriptions:recover.nothing"));
			onClose();
		},
		onError: focusFirstMistake,
	});
	return (
		<form
			noValidate
			onSubmit={(event) => {
				event.preventDefault();
				recover.mutate();
			}}
		>
			<Stack>
				<SaveError error={recover.error} />
				<TextInput
					type="datetime-local"
					id={fieldId("/since")}
					label={t("subscriptions:recover.since")}
					description={t("subscriptions:recover.sinceHelp")}
					value={since}
					onChange={(event) => setSince(event.currentTarget.value)}
					error={mistakesOf(recover.error)["/since"]}
					data-autofocus
				/>
				<Group justify="flex-end">
					<Button variant="default" onClick={onClose}>
						{t("ui:cancel")}
					</Button>
					<Button type="submit" loading={recover.isPending}>
						{t("subscriptions:recover.verb")}
					</Button>
				</Group>
			</Stack>
		</form>
	);
}

/** As the browser's own field wants it: without seconds and zone. */
function toLocal(moment: Date): string {
	return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** What is no time is sent as it is: the server says what is wrong with it. */
function fromLocal(text: string): string {
	const moment = new Date(text);
	return Number.isNaN(moment.getTime()) ? text : moment.toISOString();
}
