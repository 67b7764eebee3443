// What can be done with an event webhook as a whole: tried out, switched, deleted. Who may only look at it sees none of it.

import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { cmiDeleteSubscriptionsId, cmiPatchSubscriptionsId, cmiPostSubscriptionsIdTest } from "#web/api/cmi.ts";
import { type Answer, ifMatch } from "#web/api/read.ts";
import { useRenew } from "#web/api/renew.ts";
import { Confirm } from "#web/ui/confirm.tsx";
import { complain, tell } from "#web/ui/notice.tsx";
import type { Subscription } from "./event-groups.ts";
import type { OwnSteps } from "./own-steps.ts";

type HookActionsProps = { answer: Answer<Subscription>; steps: OwnSteps; onTest: (deliveryId: string) => void };

export function HookActions({ answer, steps, onTest }: HookActionsProps) {
	const { t } = useTranslation("subscriptions");
	const [asks, setAsks] = useState(false);
	const hook = answer.body;
	return (
		<>
			{hook.allowed.includes("modify") && (
				<>
					<SendTest id={hook.id} onTest={onTest} />
					<Switching answer={answer} steps={steps} />
				</>
			)}
			{hook.allowed.includes("delete") && hook.allowed.includes("view") && (
				<Button variant="default" onClick={() => setAsks(true)}>
					{t("delete")}
				</Button>
			)}
			<DeleteHook answer={answer} isOpen={asks} onClose={() => setAsks(false)} />
		</>
	);
}

function SendTest({ id, onTest }: { id: string; onTest: (deliveryId: string) => void }) {
	const { t } = useTranslation("subscriptions");
	const renew = useRenew();
	const test = useMutation({
		mutationFn: () => cmiPostSubscriptionsIdTest(id),
		onSuccess({ data }) {
			onTest(data.id);
			void renew("subscriptions");
		},
		onError: complain,
	});
	return (
		<Button onClick={() => test.mutate()} loading={test.isPending}>
			{t("test.send")}
		</Button>
	);
}

/** Enabling asks nothing: it hears of what happens from then on. */
function Switching({ answer, steps }: Omit<HookActionsProps, "onTest">) {
	const { t } = useTranslation("subscriptions");
	const renew = useRenew();
	const [asks, setAsks] = useState(false);
	const { id, name, enabled } = answer.body;
	const switchTo = async (on: boolean) => {
		await steps.take(answer.etag, (match) => cmiPatchSubscriptionsId(id, { enabled: on }, match));
		await renew("subscriptions");
		tell(t(on ? "enabled" : "disabled", { name }));
	};
	const enabling = useMutation({ mutationFn: () => switchTo(true), onError: complain });
	return (
		<>
			<Button
				variant="default"
				loading={enabling.isPending}
				onClick={() => (enabled ? setAsks(true) : enabling.mutate())}
			>
				{t(enabled ? "disable" : "enable")}
			</Button>
			<Confirm
				isOpen={asks}
				title={t("disableTitle", { name })}
				verb={t("disable")}
				onConfirm={() => switchTo(false)}
				onClose={() => setAsks(false)}
			>
				{t("disableLead")}
			</Confirm>
		</>
	);
}

type DeleteHookProps = { answer: Answer<Subscription>; isOpen: boolean; onClose: () => void };

function DeleteHook({ answer: { body: hook, etag }, isOpen, onClose }: DeleteHookProps) {
	const { t } = useTranslation("subscriptions");
	const queries = useQueryClient();
	const renew = useRenew();
	const navigate = useNavigate();
	const { id, name } = hook;
	return (
		<Confirm
			isOpen={isOpen}
			title={t("deleteTitle", { name })}
			verb={t("delete")}
			isDangerous
			onConfirm={async () => {
				await cmiDeleteSubscriptionsId(id, ifMatch(etag));
				await navigate({ to: "/eventWebhooks" });
				queries.removeQueries({ queryKey: ["subscriptions", id] });
				await renew("subscriptions");
				tell(t("deleted", { name }));
			}}
			onClose={onClose}
		>
			{t("deleteLead", { count: hook.waiting })}
		</Confirm>
	);
}
