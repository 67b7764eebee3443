// The form of a service that is not stored yet. Without its credentials it is stored as a draft.

import { Button, Group, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { MessagingService, ServiceType } from "#web/api/objects.ts";
import { rciPostMessagingServices } from "#web/api/rci.ts";
import { type Answer, toAnswer } from "#web/api/read.ts";
import { useRepetitionKey } from "#web/api/use-making.ts";
import { MistakeSummary } from "#web/ui/form/mistakes.tsx";
import { LeaveGuard } from "#web/ui/leave-guard.tsx";
import { tell } from "#web/ui/notice.tsx";
import { bodyOf, type FormDraft, isSame } from "../../blocks/draft.ts";
import { serviceQuery } from "../../blocks/service-queries.ts";
import { type DraftForm, useDraftForm } from "../../blocks/use-draft-form.ts";
import { WholeForm } from "./whole-form.tsx";

export function NewServiceForm({ type, start }: { type: ServiceType; start: () => FormDraft }) {
	const { t } = useTranslation("service");
	const navigate = useNavigate();
	const [first] = useState(start);
	const form = useDraftForm(type, () => first);
	const isLeaving = useRef(false);
	const { create, isBusy } = useCreate(form);
	const goOn = async () => {
		const id = await create();
		if (id !== undefined) {
			isLeaving.current = true;
			void navigate({ to: "/services/new", search: { type: type.type, id, step: "incoming" }, replace: true });
		}
	};
	const leave = async () => {
		const id = await create();
		if (id !== undefined) {
			isLeaving.current = true;
			tell(t("add.savedDraft", { name: form.draft.name }));
			void navigate({ to: "/services/$id", params: { id } });
		}
	};
	return (
		<form
			noValidate
			onSubmit={(event) => {
				event.preventDefault();
				void goOn();
			}}
		>
			<Stack gap="md">
				<MistakeSummary error={form.error} />
				<WholeForm form={form}>
					<Stack gap="xs" className="save-bar">
						<Group gap="sm">
							<Button type="submit" loading={isBusy}>
								{t("add.next")}
							</Button>
							<Button variant="default" onClick={() => void leave()} disabled={isBusy}>
								{t("add.leaveDraft")}
							</Button>
						</Group>
						<Text size="sm" c="dimmed" visibleFrom="sm">
							{t("add.leaveDraftHelp")}
						</Text>
					</Stack>
				</WholeForm>
			</Stack>
			<LeaveGuard isDirty={!isSame(form.draft, first)} isLeaving={isLeaving} isOfSearch />
		</form>
	);
}

function useCreate(form: DraftForm): { create: () => Promise<string | undefined>; isBusy: boolean } {
	const queries = useQueryClient();
	const [isBusy, setBusy] = useState(false);
	const { keyFor, ended } = useRepetitionKey();
	const create = async () => {
		if (!form.demandRight()) {
			return undefined;
		}
		const { authentications, ...fields } = bodyOf(form.type, form.draft);
		const body = { ...fields, authentications: authentications.map((entry) => ({ ...entry })) };
		setBusy(true);
		try {
			const answer: Answer<MessagingService> = toAnswer(await rciPostMessagingServices(body, keyFor(body)));
			ended();
			queries.setQueryData(serviceQuery(answer.body.id).queryKey, answer);
			return answer.body.id;
		} catch (error) {
			ended(error);
			form.refuse(error);
			return undefined;
		} finally {
			setBusy(false);
		}
	};
	return { create, isBusy };
}
