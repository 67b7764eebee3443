// One messaging service: how it is, what it consists of, and everything about it that can be changed.

import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { type ReactNode, useCallback, useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { MessagingService, ServiceType } from "#web/api/objects.ts";
import { isProblem } from "#web/api/problem.ts";
import type { Answer } from "#web/api/read.ts";
import { MistakeSummary } from "#web/ui/form/mistakes.tsx";
import { fieldId } from "#web/ui/form/schema-fields.tsx";
import { LeaveGuard } from "#web/ui/leave-guard.tsx";
import { Page } from "#web/ui/page.tsx";
import { Asked, Empty } from "#web/ui/states.tsx";
import { AuthenticationsBlock } from "../../blocks/authentications-block.tsx";
import { CheckBlock } from "../../blocks/check-block.tsx";
import { IncomingBlock } from "../../blocks/incoming-block.tsx";
import { MergeView } from "../../blocks/merge-view.tsx";
import { serviceQuery, typeNamed, typesQuery } from "../../blocks/service-queries.ts";
import { SourceBlock } from "../../blocks/source-block.tsx";
import { StateChip } from "../../blocks/state-chip.tsx";
import { type ServiceEditor, useServiceEditor } from "../../blocks/use-service-editor.ts";
import { WebhookBlock } from "../../blocks/webhook-block.tsx";
import { BasicsPanel } from "./basics-panel.tsx";
import { SaveBar } from "./save-bar.tsx";
import { BehindNote, HeaderActions, Notes, ReadOnlyNote, StateLine } from "./service-header.tsx";

export function ServicePage() {
	const { t } = useTranslation("service");
	const { id } = useParams({ from: "/services/$id" });
	const types = useQuery(typesQuery);
	const service = useQuery(serviceQuery(id));
	if (types.data === undefined || service.data === undefined) {
		return (
			<Page title={t("service")} crumbs={[{ label: t("services"), to: "/services" }]}>
				{service.data === undefined ? (
					<Asked query={service}>{() => null}</Asked>
				) : (
					<Asked query={types}>{() => null}</Asked>
				)}
			</Page>
		);
	}
	const type = typeNamed(types.data.body, service.data.body.type);
	return type === undefined ? (
		<WithoutType service={service.data.body} />
	) : (
		<Editor key={id} type={type} answer={service.data} />
	);
}

/** The program that stored it had a connector that this one has not. */
function WithoutType({ service }: { service: MessagingService }) {
	const { t } = useTranslation("service");
	return (
		<Page title={service.name} crumbs={[{ label: t("services"), to: "/services" }]}>
			<Empty title={t("add.unknownType", { type: service.type })}>{service.stateBecause}</Empty>
		</Page>
	);
}

const tabs = ["basics", "authentications", "incoming", "webhook", "check", "source"] as const;
type Tab = (typeof tabs)[number];

function Editor({ type, answer }: { type: ServiceType; answer: Answer<MessagingService> }) {
	const { t } = useTranslation("service");
	const editor = useServiceEditor(type, answer);
	const service = answer.body;
	const mayChange = service.allowed.includes("modify");
	return (
		<Page
			title={service.name}
			crumbs={[{ label: t("services"), to: "/services" }]}
			lead={t("serviceOf", { type: type.label })}
			mark={<StateChip state={service.state} because={service.stateBecause} />}
			actions={<HeaderActions answer={answer} onChanged={editor.adopt} isDirty={editor.isDirty} />}
		>
			<StateLine service={service} />
			{!mayChange && <ReadOnlyNote />}
			<Notes notes={editor.notes} onDismiss={editor.dismissNotes} />
			{editor.theirs !== undefined && editor.isDirty && <BehindNote onLook={editor.openMerge} />}
			<MistakesByPart error={editor.form.error} />
			<Parts editor={editor} type={type} answer={answer} isReadOnly={!mayChange} />
			{mayChange && <SaveBar editor={editor} />}
			<MergeView editor={editor} />
			<LeaveGuard isDirty={editor.isDirty} />
		</Page>
	);
}

/** A mistake may be on another tab: its tab opens, then its field gets the focus. */
function MistakesByPart({ error }: { error: unknown }) {
	const navigate = useNavigate({ from: "/services/$id" });
	const go = useCallback(
		async (id: string) => {
			const tab: Tab = id.startsWith(fieldId("/authentications")) ? "authentications" : "basics";
			await navigate({ search: (old) => ({ ...old, tab }), replace: true });
			requestAnimationFrame(() => document.getElementById(id)?.focus());
		},
		[navigate],
	);
	useEffect(() => {
		const [first] = isProblem(error) ? error.errors : [];
		if (first !== undefined) {
			void go(fieldId(first.pointer));
		}
	}, [error, go]);
	return (
		<div
			onClickCapture={(event) => {
				const link = event.target instanceof Element ? event.target.closest("a") : null;
				if (link !== null) {
					event.preventDefault();
					event.stopPropagation();
					void go(link.hash.slice(1));
				}
			}}
		>
			<MistakeSummary error={error} />
		</div>
	);
}

type PartsProps = { editor: ServiceEditor; type: ServiceType; answer: Answer<MessagingService>; isReadOnly: boolean };

function Parts({ editor, type, answer, isReadOnly }: PartsProps) {
	const { t } = useTranslation("service");
	const { tab } = useSearch({ from: "/services/$id" });
	const navigate = useNavigate({ from: "/services/$id" });
	const { body: service, etag } = answer;
	const shown = tabs.find((one) => one === tab) ?? "basics";
	const panels: Readonly<Record<Tab, () => ReactNode>> = {
		basics: () => <BasicsPanel form={editor.form} serviceId={service.id} isReadOnly={isReadOnly} />,
		authentications: () => <AuthenticationsBlock form={editor.form} service={editor.base} isReadOnly={isReadOnly} />,
		incoming: () => <IncomingBlock service={service} etag={etag} type={type} />,
		webhook: () => <WebhookBlock service={service} type={type} />,
		check: () => <CheckBlock service={service} />,
		source: () => <SourceBlock type={type} service={editor.base} etag={etag} draft={editor.form.draft} />,
	};
	return (
		<Tabs
			value={shown}
			onChange={(value) => void navigate({ search: (old) => ({ ...old, tab: value ?? "basics" }), replace: true })}
			keepMounted={false}
		>
			<Tabs.List aria-label={t("tabs.label")} mb="lg">
				{tabs.map((one) => (
					<Tabs.Tab key={one} value={one}>
						{t(`tabs.${one}`)}
					</Tabs.Tab>
				))}
			</Tabs.List>
			<Tabs.Panel value={shown}>{panels[shown]()}</Tabs.Panel>
		</Tabs>
	);
}
