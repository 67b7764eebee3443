// A new person, or an external user that a provider or a program calls in as.

import { Alert, Button, Group, PasswordInput, Stack, Text } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { rciPostUsers, type RciPostUsersBody } from "#web/api/rci.ts";
import { useRenew } from "#web/api/renew.ts";
import { useMaking } from "#web/api/use-making.ts";
import { Block } from "#web/ui/block.tsx";
import { mistakesOf } from "#web/ui/form/mistakes.tsx";
import { focusFirstMistake, SaveError } from "#web/ui/form/saving.tsx";
import { fieldId } from "#web/ui/form/schema-fields.tsx";
import type { Values } from "#web/ui/form/schema.ts";
import { tell } from "#web/ui/notice.tsx";
import { Page } from "#web/ui/page.tsx";
import { NoRight } from "#web/ui/states.tsx";
import { LeaveGuard } from "#web/ui/leave-guard.tsx";
import { fullName } from "../../blocks/people-objects.ts";
import { useSession } from "../../shell/session.tsx";
import { toSent } from "./user-changes.ts";
import { UserFields } from "./user-fields.tsx";

export function NewUser() {
	const { t } = useTranslation("people");
	const { rights } = useSession();
	const { external } = useSearch({ from: "/users/$id" });
	const isExternal = external !== undefined;
	return (
		<Page
			title={t(isExternal ? "users.addExternal" : "users.add")}
			lead={t(isExternal ? "users.externalLead" : "users.personLead")}
			crumbs={[{ label: t("users.title"), to: "/users" }]}
			isNarrow
		>
			{rights.may("create", "user", "every") ? (
				<NewUserForm isExternal={isExternal} />
			) : (
				<NoRight reason={t("users.mayNotCreate")} />
			)}
		</Page>
	);
}

const nobody: Values = { firstName: "", surname: "", login: "" };

function NewUserForm({ isExternal }: { isExternal: boolean }) {
	const { t } = useTranslation("people");
	const navigate = useNavigate();
	const renew = useRenew();
	const [values, setValues] = useState<Values>(nobody);
	const [password, setPassword] = useState("");
	const isLeaving = useRef(false);
	const create = useMaking({
		make: rciPostUsers,
		async onMade({ data }) {
			await renew("users");
			tell(t("users.created", { name: fullName(data) }));
			isLeaving.current = true;
			const tab = isExternal ? "authentication" : "groups";
			await navigate({ to: "/users/$id", params: { id: data.id }, search: { tab } });
		},
		onError: focusFirstMistake,
	});
	const mistakes = mistakesOf(create.error);
	return (
		<form
			noValidate
			onSubmit={(event) => {
				event.preventDefault();
				create.start(bodyOf(values, password, isExternal));
			}}
		>
			<Stack>
				<SaveError error={create.error} />
				<Block title={t("blocks.basics")}>
					<UserFields
						values={values}
						onChange={(name, value) => setValues((before) => ({ ...before, [name]: value }))}
						mistakes={mistakes}
						isReadOnly={false}
					/>
				</Block>
				<Block title={t("blocks.authentication")}>
					{isExternal ? (
						<Alert>{t("users.machineNext")}</Alert>
					) : (
						<PasswordInput
							id={fieldId("/password")}
							label={t("auth.initial")}
							description={t("auth.initialHelp")}
							autoComplete="new-password"
							maw={420}
							value={password}
							onChange={(event) => setPassword(event.currentTarget.value)}
							error={mistakes["/password"]}
							aria-invalid={mistakes["/password"] !== undefined}
						/>
					)}
				</Block>
				<Group>
					<Button type="submit" loading={create.isPending}>
						{t(isExternal ? "users.addExternal" : "users.add")}
					</Button>
					<Text size="sm" c="dimmed">
						{t("users.rightsNext")}
					</Text>
				</Group>
			</Stack>
			<LeaveGuard isDirty={values !== nobody || password !== ""} isLeaving={isLeaving} isOfSearch />
		</form>
	);
}

function bodyOf(values: Values, password: string, externalUser: boolean): RciPostUsersBody {
	return {
		...toSent(values),
		externalUser,
		...(password === "" || externalUser ? {} : { password }),
	} as RciPostUsersBody;
}
