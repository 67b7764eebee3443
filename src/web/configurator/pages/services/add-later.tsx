// The steps of adding a service after it was first stored: back to the form, incoming authentication, webhook, check.

import { Button, Group, Stack, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { MessagingService, ServiceType } from "#web/api/objects.ts";
import type { Answer } from "#web/api/read.ts";
import { MistakeSummary } from "#web/ui/form/mistakes.tsx";
import { LeaveGuard } from "#web/ui/leave-guard.tsx";
import { tell } from "#web/ui/notice.tsx";
import { CheckBlock } from "../../blocks/check-block.tsx";
import { IncomingBlock } from "../../blocks/incoming-block.tsx";
import { MergeView } from "../../blocks/merge-view.tsx";
import { StateChip } from "../../blocks/state-chip.tsx";
import { type ServiceEditor, useServiceEditor } from "../../blocks/use-service-editor.ts";
import { WebhookBlock } from "../../blocks/webhook-block.tsx";
import type { StepName } from "./add.tsx";
import { Notes, StateLine } from "./service-header.tsx";
import { WholeForm } from "./whole-form.tsx";

type LaterStepsProps = { type: ServiceType; answer: Answer<MessagingService>; step: StepName };

export function LaterSteps({ type, answer, step }: LaterStepsProps) {
	const editor = useServiceEditor(type, answer);
	const isLeaving = useRef(false);
	const onLeave = () => {
		isLeaving.current = true;
	};
	const { body: service, etag } = answer;
	return (
		<Stack gap="md">
			<Group gap="sm">
				<Text fw={600}>{service.name}</Text>
				<StateChip state={service.state} because={service.stateBecause} />
			</Group>
			<StateLine service={service} />
			<Notes notes={service.notes} />
			<MistakeSummary error={editor.form.error} />
			{step === "form" && (
				<WholeForm form={editor.form} service={editor.base}>
					<Ways editor={editor} step={step} onLeave={onLeave} />
				</WholeForm>
			)}
			{step === "incoming" && <IncomingBlock service={service} etag={etag} type={type} />}
			{step === "webhook" && <WebhookBlock service={service} type={type} />}
			{step === "check" && <CheckBlock service={service} autoStart />}
			{step !== "form" && <Ways editor={editor} step={step} onLeave={onLeave} />}
			<MergeView editor={editor} />
			<LeaveGuard isDirty={editor.isDirty} isLeaving={isLeaving} />
		</Stack>
	);
}

const next = { type: "form", form: "incoming", incoming: "webhook", webhook: "check", check: undefined } as const;
const before = { type: undefined, form: undefined, incoming: "form", webhook: "incoming", check: "webhook" } as const;

/** `onLeave` says that leaving is meant now. */
type WaysProps = { editor: ServiceEditor; step: StepName; onLeave: () => void };

function Ways({ editor, step, onLeave }: WaysProps) {
	const { t } = useTranslation("service");
	const navigate = useNavigate({ from: "/services/new" });
	const [isBusy, setBusy] = useState(false);
	const { id, name, state } = editor.base;
	const stored = async (): Promise<boolean> => {
		if (!editor.isDirty) {
			return true;
		}
		if (!editor.form.demandRight()) {
			return false;
		}
		setBusy(true);
		const isStored = await editor.save();
		setBusy(false);
		return isStored;
	};
	const goTo = async (other: StepName) => {
		if (await stored()) {
			void navigate({ search: (old) => ({ ...old, step: other }) });
		}
	};
	const leave = async () => {
		if (await stored()) {
			onLeave();
			tell(t(state === "draft" ? "add.savedDraft" : "add.saved", { name }));
			void navigate({ to: "/services/$id", params: { id } });
		}
	};
	const onward = next[step];
	const back = before[step];
	return (
		<Group gap="sm" className="save-bar">
			{back !== undefined && (
				<Button variant="default" onClick={() => void goTo(back)}>
					{t("add.back")}
				</Button>
			)}
			{onward === undefined ? (
				<Button onClick={() => void leave()}>{t("add.done")}</Button>
			) : (
				<>
					<Button onClick={() => void goTo(onward)} loading={isBusy}>
						{t(editor.isDirty ? "add.next" : "add.goOn")}
					</Button>
					<Button variant="default" onClick={() => void leave()}>
						{t(state === "draft" ? "add.leaveDraft" : "add.leave")}
					</Button>
				</>
			)}
		</Group>
	);
}
