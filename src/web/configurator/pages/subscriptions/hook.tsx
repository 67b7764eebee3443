// One event webhook: how it does, its settings, its secret, and what was delivered. `new` is the form.

import { Stack, Tabs } from "@mantine/core";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { cmiPatchSubscriptionsId } from "#web/api/cmi.ts";
import type { Answer } from "#web/api/read.ts";
import { Facts } from "#web/ui/facts.tsx";
import { StoredForm } from "#web/ui/form/stored-form.tsx";
import { Page } from "#web/ui/page.tsx";
import { Failed, Loading } from "#web/ui/states.tsx";
import { Time } from "#web/ui/time.tsx";
import { useNameOf } from "../../blocks/object-names.ts";
import { useSession } from "../../shell/session.tsx";
import { Deliveries } from "./deliveries.tsx";
import type { Subscription } from "./event-groups.ts";
import { HookFields } from "./fields.tsx";
import { HookActions } from "./hook-actions.tsx";
import { NewHook } from "./new-hook.tsx";
import { type OwnSteps, useOwnSteps } from "./own-steps.ts";
import { Secret } from "./secret.tsx";
import { HookChip, HookReason } from "./state-chip.tsx";
import { TestAnswer } from "./test-answer.tsx";
import { useHook } from "./use-hook.ts";

export function EventWebhookPage() {
	const { id } = useParams({ from: "/eventWebhooks/$id" });
	return id === "new" ? <NewHook /> : <StoredHook key={id} id={id} />;
}

function StoredHook({ id }: { id: string }) {
	const { t } = useTranslation("subscriptions");
	const hook = useHook(id);
	if (hook.data !== undefined) {
		return <HookScreen answer={hook.data} />;
	}
	return (
		<Page title={t("one")} crumbs={[{ label: t("title"), to: "/eventWebhooks" }]}>
			{hook.isError ? <Failed error={hook.error} again={() => void hook.refetch()} /> : <Loading />}
		</Page>
	);
}

function HookScreen({ answer }: { answer: Answer<Subscription> }) {
	const { t } = useTranslation("subscriptions");
	const [testId, setTestId] = useState<string>();
	const steps = useOwnSteps();
	const hook = answer.body;
	return (
		<Page
			title={hook.name}
			lead={<bdi className="breaks">{hook.url}</bdi>}
			crumbs={[{ label: t("title"), to: "/eventWebhooks" }]}
			mark={<HookChip hook={hook} />}
			actions={<HookActions answer={answer} steps={steps} onTest={setTestId} />}
		>
			{testId !== undefined && <TestAnswer key={testId} hookId={hook.id} id={testId} />}
			<HookReason hook={hook} />
			<HookFacts hook={hook} />
			<HookTabs answer={answer} steps={steps} />
		</Page>
	);
}

function HookFacts({ hook }: { hook: Subscription }) {
	const { t } = useTranslation("subscriptions");
	const { me } = useSession();
	const nameOf = useNameOf(["user"]);
	const owner = nameOf("user", hook.owner) ?? hook.owner;
	return (
		<Facts
			facts={[
				[t("lastDelivered"), <Time key="last" at={hook.lastDeliveredAt} never={t("never")} />],
				[t("waiting"), hook.waiting],
				[t("owner"), hook.owner === me.id ? t("ownerIsYou") : t("ownerIs", { owner })],
			]}
		/>
	);
}

const tabs = ["settings", "secret", "deliveries"] as const;

type PanelProps = { answer: Answer<Subscription>; steps: OwnSteps };

function HookTabs({ answer, steps }: PanelProps) {
	const { t } = useTranslation("subscriptions");
	const { tab } = useSearch({ from: "/eventWebhooks/$id" });
	const navigate = useNavigate();
	const hook = answer.body;
	const shown = tabs.find((one) => one === tab) ?? "settings";
	const panels = {
		settings: <Settings answer={answer} steps={steps} />,
		secret: <Secret answer={answer} steps={steps} />,
		deliveries: shown === "deliveries" && <Deliveries hook={hook} />,
	};
	return (
		<Tabs
			value={shown}
			onChange={(chosen) =>
				void navigate({
					to: "/eventWebhooks/$id",
					params: { id: hook.id },
					search: chosen === null || chosen === "settings" ? {} : { tab: chosen },
					replace: true,
				})
			}
		>
			<Tabs.List>
				{tabs.map((name) => (
					<Tabs.Tab key={name} value={name}>
						{t(`tabs.${name}`)}
					</Tabs.Tab>
				))}
			</Tabs.List>
			{tabs.map((name) => (
				<Tabs.Panel key={name} value={name} pt="md">
					<Stack>{panels[name]}</Stack>
				</Tabs.Panel>
			))}
		</Tabs>
	);
}

function Settings({ answer, steps }: PanelProps) {
	const { t } = useTranslation("subscriptions");
	const { id, allowed } = answer.body;
	return (
		<StoredForm
			answer={answer}
			kind="subscriptions"
			save={(changed, match) => cmiPatchSubscriptionsId(id, changed, steps.onward(match))}
			readOnlyBecause={allowed.includes("modify") ? undefined : t("needsModify")}
		>
			{(fields) => <HookFields {...fields} />}
		</StoredForm>
	);
}
