// One object of what is set for chats, or a new one: the same form for both.

import { Button, Stack } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Answer, ifMatch, read } from "#web/api/read.ts";
import { useRenew } from "#web/api/renew.ts";
import { useMaking } from "#web/api/use-making.ts";
import { Confirm } from "#web/ui/confirm.tsx";
import { mistakesOf } from "#web/ui/form/mistakes.tsx";
import { focusFirstMistake, SaveError } from "#web/ui/form/saving.tsx";
import type { Values } from "#web/ui/form/schema.ts";
import { StoredForm } from "#web/ui/form/stored-form.tsx";
import { LeaveGuard } from "#web/ui/leave-guard.tsx";
import { tell } from "#web/ui/notice.tsx";
import { Page } from "#web/ui/page.tsx";
import { Failed, Loading, NoRight } from "#web/ui/states.tsx";
import { useSession } from "../../shell/session.tsx";
import { pathOf, pathOfOne } from "./addresses.ts";
import { ObjectFields } from "./object-fields.tsx";
import { chatCalls, type ChatKind, type ChatObject, fresh } from "./kinds.ts";
import { useNaming } from "./names.ts";
import { ServiceNow } from "./service-now.tsx";

export function QueuePage() {
	return <ObjectPage kind="queues" id={useParams({ from: "/queues/$id" }).id} />;
}

export function PromptPage() {
	return <ObjectPage kind="prompts" id={useParams({ from: "/prompts/$id" }).id} />;
}

export function CalendarPage() {
	return <ObjectPage kind="calendars" id={useParams({ from: "/calendars/$id" }).id} />;
}

export function SchedulePage() {
	return <ObjectPage kind="schedules" id={useParams({ from: "/schedules/$id" }).id} />;
}

export function AdHocSchedulePage() {
	return <ObjectPage kind="adHocSchedules" id={useParams({ from: "/adHocSchedules/$id" }).id} />;
}

export function ReplyTemplatePage() {
	return <ObjectPage kind="replyTemplates" id={useParams({ from: "/replyTemplates/$id" }).id} />;
}

type Which = { kind: ChatKind; id: string };

function ObjectPage({ kind, id }: Which) {
	return id === "new" ? <NewObject key={kind} kind={kind} /> : <StoredObject key={id} kind={kind} id={id} />;
}

function NewObject({ kind }: { kind: ChatKind }) {
	const { t } = useTranslation("chats");
	const { rights } = useSession();
	const mayCreate = rights.may("create", chatCalls[kind].objectType, "every");
	return (
		<Page
			title={t(`kinds.${kind}.add`)}
			lead={t(`kinds.${kind}.lead`)}
			crumbs={[{ label: t(`kinds.${kind}.title`), to: pathOf[kind] }]}
			isNarrow
		>
			{mayCreate ? <NewForm kind={kind} /> : <NoRight reason={t("mayNotCreate")} />}
		</Page>
	);
}

function NewForm({ kind }: { kind: ChatKind }) {
	const { t } = useTranslation("chats");
	const navigate = useNavigate();
	const renew = useRenew();
	const [values, setValues] = useState<Values>(fresh[kind]);
	const isLeaving = useRef(false);
	const create = useMaking({
		make: (body: Values, key) => chatCalls[kind].post(body, key),
		async onMade({ data }) {
			await renew(kind);
			isLeaving.current = true;
			tell(t("created"));
			await navigate({ to: pathOfOne[kind], params: { id: data.id } });
		},
		onError: focusFirstMistake,
	});
	return (
		<form
			noValidate
			onSubmit={(event) => {
				event.preventDefault();
				create.start(entered(values));
			}}
		>
			<Stack>
				<SaveError error={create.error} />
				<ObjectFields
					kind={kind}
					values={values}
					onChange={(name, value) => setValues((before) => ({ ...before, [name]: value }))}
					mistakes={mistakesOf(create.error)}
					isReadOnly={false}
				/>
				<Button type="submit" w="fit-content" loading={create.isPending}>
					{t(`kinds.${kind}.add`)}
				</Button>
			</Stack>
			<LeaveGuard isDirty={values !== fresh[kind]} isLeaving={isLeaving} />
		</form>
	);
}

/** An emptied field is left out, so that it has its default; no queue is null. */
function entered(values: Values): Values {
	return Object.fromEntries(
		Object.entries(values)
			.filter(([, value]) => value !== undefined)
			.map(([name, value]) => [name, emptyIsNull.has(name) && value === "" ? null : value]),
	);
}

const emptyIsNull = new Set(["queueId", "overflowQueueId", "externalId", "language", "promptId", "promptType"]);

function StoredObject({ kind, id }: Which) {
	const { t } = useTranslation("chats");
	const object = useQuery(read<ChatObject>([kind, id], (options) => chatCalls[kind].get(id, options)));
	if (object.data !== undefined) {
		return <ObjectScreen kind={kind} answer={object.data} />;
	}
	return (
		<Page title={t(`kinds.${kind}.title`)} crumbs={[{ label: t(`kinds.${kind}.title`), to: pathOf[kind] }]}>
			{object.isError ? <Failed error={object.error} again={() => void object.refetch()} /> : <Loading />}
		</Page>
	);
}

function ObjectScreen({ kind, answer }: { kind: ChatKind; answer: Answer<ChatObject> }) {
	const { t } = useTranslation("chats");
	const [asks, setAsks] = useState(false);
	const { body: object } = answer;
	const naming = useNaming(kind);
	const mayDelete = object.allowed.includes("delete") && object.allowed.includes("view");
	return (
		<Page
			title={naming(object)}
			lead={t(`kinds.${kind}.lead`)}
			crumbs={[{ label: t(`kinds.${kind}.title`), to: pathOf[kind] }]}
			isNarrow
			actions={
				mayDelete && (
					<Button variant="default" onClick={() => setAsks(true)}>
						{t("delete")}
					</Button>
				)
			}
		>
			{kind === "queues" && <ServiceNow id={object.id} />}
			<StoredForm
				answer={answer}
				kind={kind}
				save={(changed, match) => chatCalls[kind].patch(object.id, entered(changed), match)}
				readOnlyBecause={object.allowed.includes("modify") ? undefined : t("mayNotModify")}
			>
				{(fields) => <ObjectFields kind={kind} {...fields} />}
			</StoredForm>
			<DeleteObject kind={kind} answer={answer} name={naming(object)} isOpen={asks} onClose={() => setAsks(false)} />
		</Page>
	);
}

type Deleting = { kind: ChatKind; answer: Answer<ChatObject>; name: string; isOpen: boolean; onClose: () => void };

function DeleteObject({ kind, answer: { body: object, etag }, name, isOpen, onClose }: Deleting) {
	const { t } = useTranslation("chats");
	const queries = useQueryClient();
	const renew = useRenew();
	const navigate = useNavigate();
	return (
		<Confirm
			isOpen={isOpen}
			title={t("deleteTitle", { name })}
			verb={t("delete")}
			isDangerous
			onConfirm={async () => {
				await chatCalls[kind].remove(object.id, ifMatch(etag));
				await navigate({ to: pathOf[kind] });
				queries.removeQueries({ queryKey: [kind, object.id] });
				await renew(kind);
				tell(t("deleted", { name }));
			}}
			onClose={onClose}
		>
			{t(`kinds.${kind}.deleteLead`)}
		</Confirm>
	);
}
