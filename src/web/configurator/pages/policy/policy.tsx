// Authentication Policy: what is asked of everybody who signs in. One object, saved as a whole form.

import { Button, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import {
	rciGetAuthenticationPolicy,
	rciPatchAuthenticationPolicy,
	type RciGetAuthenticationPolicy200,
	type RciPatchAuthenticationPolicyBody,
} from "#web/api/rci.ts";
import { type Answer, ifMatch, read } from "#web/api/read.ts";
import { Failed, Asked } from "#web/ui/states.tsx";
import { MistakeSummary, mistakesOf } from "#web/ui/form/mistakes.tsx";
import { SchemaFields } from "#web/ui/form/schema-fields.tsx";
import type { Fields, Values } from "#web/ui/form/schema.ts";
import { isProblem } from "#web/api/problem.ts";
import { tell } from "#web/ui/notice.tsx";
import { Page } from "#web/ui/page.tsx";
import { useSession } from "../../shell/session.tsx";

export function PolicyPage() {
	const { t } = useTranslation("system");
	const policy = useQuery(read(["policy"], (options) => rciGetAuthenticationPolicy(options)));
	return (
		<Page title={t("policy.title")} lead={t("policy.lead")} isNarrow>
			<Asked query={policy}>{(answer) => <PolicyForm answer={answer} again={() => void policy.refetch()} />}</Asked>
		</Page>
	);
}

function PolicyForm({ answer, again }: { answer: Answer<RciGetAuthenticationPolicy200>; again: () => void }) {
	const { t } = useTranslation(["system", "ui"]);
	const { rights } = useSession();
	const queries = useQueryClient();
	const [edited, setEdited] = useState<Values>({});
	const mayModify = rights.may("modify", "authenticationPolicy");
	const save = useMutation({
		mutationFn: (changes: Values) =>
			rciPatchAuthenticationPolicy(changes as RciPatchAuthenticationPolicyBody, ifMatch(answer.etag)),
		async onSuccess() {
			setEdited({});
			await queries.invalidateQueries({ queryKey: ["policy"] });
			tell(t("system:policy.saved"));
		},
	});
	const isOld = isProblem(save.error, "precondition_failed");
	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				save.mutate(edited);
			}}
		>
			<Stack maw={560}>
				{!mayModify && <Text c="dimmed">{t("ui:readOnly", { reason: t("system:policy.noRight") })}</Text>}
				{isOld ? <Failed error={save.error} again={again} /> : <MistakeSummary error={save.error} />}
				<SchemaFields
					fields={useFields()}
					values={{ ...answer.body, ...edited }}
					onChange={(name, value) => setEdited({ ...edited, [name]: value })}
					mistakes={mistakesOf(save.error)}
					isReadOnly={!mayModify}
				/>
				{mayModify && (
					<Group>
						<Button type="submit" loading={save.isPending} disabled={Object.keys(edited).length === 0}>
							{t("ui:save")}
						</Button>
						<Button variant="default" onClick={() => setEdited({})} disabled={Object.keys(edited).length === 0}>
							{t("ui:cancel")}
						</Button>
					</Group>
				)}
			</Stack>
		</form>
	);
}

/** Bounds as in `PATCH /authenticationPolicy`. */
function useFields(): Fields {
	const { t } = useTranslation("system");
	const number = (minimum: number, maximum: number, unit?: string) => ({
		type: "integer",
		minimum,
		maximum,
		...(unit === undefined ? {} : { "x-unit": unit }),
	});
	const words = (name: FieldName) => ({
		title: t(`policy.fields.${name}.title`),
		description: t(`policy.fields.${name}.help`),
	});
	return {
		minimumPasswordLength: { ...words("minimumPasswordLength"), ...number(8, 128) },
		passwordExpiryDays: { ...words("passwordExpiryDays"), ...number(0, 3650, t("policy.days")) },
		initialPasswordMustBeChanged: { ...words("initialPasswordMustBeChanged"), type: "boolean" },
		secondFactorRequired: {
			...words("secondFactorRequired"),
			type: "string",
			oneOf: (["nobody", "administrators", "everybody"] as const).map((who) => ({
				const: who,
				title: t(`policy.who.${who}`),
			})),
		},
		sessionIdleMinutes: { ...words("sessionIdleMinutes"), ...number(1, 1440, t("policy.minutes")) },
		sessionAbsoluteHours: { ...words("sessionAbsoluteHours"), ...number(1, 168, t("policy.hours")) },
	};
}

type FieldName =
	| "minimumPasswordLength"
	| "passwordExpiryDays"
	| "initialPasswordMustBeChanged"
	| "secondFactorRequired"
	| "sessionIdleMinutes"
	| "sessionAbsoluteHours";
