// A new event webhook. Its secret is shown this once, before anything else.

import { Button, Stack } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { cmiPostSubscriptions, type CmiPostSubscriptionsBody } from "#web/api/cmi.ts";
import { useRenew } from "#web/api/renew.ts";
import { useMaking } from "#web/api/use-making.ts";
import { mistakesOf } from "#web/ui/form/mistakes.tsx";
import { focusFirstMistake, SaveError } from "#web/ui/form/saving.tsx";
import type { Values } from "#web/ui/form/schema.ts";
import { LeaveGuard } from "#web/ui/leave-guard.tsx";
import { Page } from "#web/ui/page.tsx";
import { NoRight } from "#web/ui/states.tsx";
import { useSession } from "../../shell/session.tsx";
import { HookFields } from "./fields.tsx";
import { SecretOnce } from "./secret-once.tsx";

export function NewHook() {
	const { t } = useTranslation("subscriptions");
	const { rights } = useSession();
	return (
		<Page title={t("add")} lead={t("lead")} crumbs={[{ label: t("title"), to: "/eventWebhooks" }]} isNarrow>
			{rights.may("create", "eventSubscription", "every") ? <NewForm /> : <NoRight reason={t("mayNotCreate")} />}
		</Page>
	);
}

const fresh: Values = { name: "", url: "", events: [], services: [], queues: [], headers: [] };

type Made = { id: string; name: string; secret: string };

function NewForm() {
	const { t } = useTranslation("subscriptions");
	const navigate = useNavigate();
	const renew = useRenew();
	const [values, setValues] = useState(fresh);
	const [made, setMade] = useState<Made>();
	const isLeaving = useRef(false);
	const create = useMaking({
		// Whether what was entered fits is the server's judgement.
		make: (body: Values, key) => cmiPostSubscriptions(body as CmiPostSubscriptionsBody, key),
		async onMade({ data }) {
			isLeaving.current = true;
			setMade(data);
			await renew("subscriptions");
		},
		onError: focusFirstMistake,
	});
	if (made !== undefined) {
		return (
			<SecretOnce
				title={t("secret.madeTitle", { name: made.name })}
				secret={made.secret}
				onKept={() => void navigate({ to: "/eventWebhooks/$id", params: { id: made.id } })}
			/>
		);
	}
	return (
		<form
			noValidate
			onSubmit={(event) => {
				event.preventDefault();
				create.start(values);
			}}
		>
			<Stack>
				<SaveError error={create.error} />
				<HookFields
					values={values}
					onChange={(name, value) => setValues((before) => ({ ...before, [name]: value }))}
					mistakes={mistakesOf(create.error)}
					isReadOnly={false}
				/>
				<Button type="submit" w="fit-content" loading={create.isPending}>
					{t("add")}
				</Button>
			</Stack>
			<LeaveGuard isDirty={values !== fresh} isLeaving={isLeaving} />
		</form>
	);
}
