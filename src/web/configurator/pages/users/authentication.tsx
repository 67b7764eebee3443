// Block Authentication: how somebody signs in. People have a password that they alone know, external users one that a
// machine made and that is shown once.

import { Button, Group, List, PasswordInput, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { rciDeleteUsersIdSecondFactor, rciPatchUsersId } from "#web/api/rci.ts";
import { type Answer, ifMatch } from "#web/api/read.ts";
import { useRenew } from "#web/api/renew.ts";
import { Block } from "#web/ui/block.tsx";
import { Caution } from "#web/ui/caution.tsx";
import { Chip } from "#web/ui/chip.tsx";
import { Confirm } from "#web/ui/confirm.tsx";
import { Facts } from "#web/ui/facts.tsx";
import { mistakesOf } from "#web/ui/form/mistakes.tsx";
import { focusFirstMistake, SaveError } from "#web/ui/form/saving.tsx";
import { fieldId } from "#web/ui/form/schema-fields.tsx";
import { tell } from "#web/ui/notice.tsx";
import { PageLink } from "#web/ui/page-link.tsx";
import { Time } from "#web/ui/time.tsx";
import { fullName, type User } from "../../blocks/people-objects.ts";
import { useSession } from "../../shell/session.tsx";
import { useUsedServices } from "./effective-rights.tsx";
import { MachinePassword } from "./machine-password.tsx";

export function AuthenticationBlock({ answer }: { answer: Answer<User> }) {
	const { t } = useTranslation(["people", "ui"]);
	const { me } = useSession();
	const user = answer.body;
	const mayModify = user.allowed.includes("modify");
	return (
		<>
			<Block title={t("people:blocks.authentication")}>
				<Facts
					facts={[
						[t("people:fields.login"), user.login],
						[t("people:auth.password"), <PasswordState key="password" user={user} />],
						...(user.externalUser
							? []
							: [[t("people:auth.secondFactor"), <SecondFactor key="factor" answer={answer} />] as const]),
					]}
				/>
				{!mayModify && <Text c="dimmed">{t("ui:readOnly", { reason: t("people:users.mayNotModify") })}</Text>}
				{user.id === me.id && (
					<PageLink to="/account" search={{ tab: "password" }}>
						{t("people:auth.own")}
					</PageLink>
				)}
				{mayModify && user.externalUser && <MachinePassword answer={answer} />}
				{mayModify && !user.externalUser && user.id !== me.id && <PersonPassword answer={answer} />}
			</Block>
			{user.externalUser && <UsedServices userId={user.id} />}
		</>
	);
}

function PasswordState({ user }: { user: User }) {
	const { t } = useTranslation("people");
	if (!user.passwordSet) {
		return t("auth.kinds.none");
	}
	return (
		<>
			{t(`auth.kinds.${user.passwordKind}`)}, {t("auth.changed")} <Time at={user.passwordChangedAt} />
		</>
	);
}

function SecondFactor({ answer: { body: user, etag } }: { answer: Answer<User> }) {
	const { t } = useTranslation("people");
	const { me } = useSession();
	const renew = useRenew();
	const [asks, setAsks] = useState(false);
	if (!user.secondFactor) {
		return t("auth.noFactor");
	}
	const mayTake = user.allowed.includes("modify") && user.id !== me.id;
	return (
		<Group gap="sm">
			<Chip tone="good">{t("auth.factorOn")}</Chip>
			{mayTake && (
				<Button size="compact-sm" variant="default" onClick={() => setAsks(true)}>
					{t("auth.takeFactor")}
				</Button>
			)}
			<Confirm
				isOpen={asks}
				title={t("auth.takeFactorTitle", { name: fullName(user) })}
				verb={t("auth.takeFactor")}
				isDangerous
				onConfirm={async () => {
					await rciDeleteUsersIdSecondFactor(user.id, ifMatch(etag));
					await renew("users");
					tell(t("auth.factorTaken"));
				}}
				onClose={() => setAsks(false)}
			>
				<Text>{t("auth.takeFactorLead")}</Text>
			</Confirm>
		</Group>
	);
}

function PersonPassword({ answer: { body: user, etag } }: { answer: Answer<User> }) {
	const { t } = useTranslation("people");
	const renew = useRenew();
	const [password, setPassword] = useState("");
	const [again, setAgain] = useState("");
	const save = useMutation({
		mutationFn: () => rciPatchUsersId(user.id, { password }, ifMatch(etag)),
		async onSuccess() {
			await renew("users");
			setPassword("");
			setAgain("");
			tell(t("auth.passwordSet"));
		},
		onError: focusFirstMistake,
	});
	const mistake = mistakesOf(save.error)["/password"];
	const differs = again !== "" && again !== password;
	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				if (password === again) {
					save.mutate();
				}
			}}
		>
			<Stack maw={420} gap="sm">
				<SaveError error={save.error} onLoadTheirs={() => void renew("users").then(() => save.reset())} />
				<PasswordInput
					id={fieldId("/password")}
					label={t("auth.new")}
					description={t("auth.newHelp")}
					autoComplete="new-password"
					value={password}
					onChange={(event) => setPassword(event.currentTarget.value)}
					error={mistake}
					aria-invalid={mistake !== undefined}
				/>
				<PasswordInput
					label={t("auth.again")}
					autoComplete="new-password"
					value={again}
					onChange={(event) => setAgain(event.currentTarget.value)}
					error={differs ? t("auth.differs") : undefined}
					aria-invalid={differs}
				/>
				<Button type="submit" w="fit-content" loading={save.isPending} disabled={password === "" || password !== again}>
					{t("auth.set")}
				</Button>
			</Stack>
		</form>
	);
}

function UsedServices({ userId }: { userId: string }) {
	const { t } = useTranslation("people");
	const services = useUsedServices(userId) ?? [];
	return (
		<Block title={t("used.title")} lead={t("used.lead")}>
			{services.length === 0 ? (
				<Caution>
					{t("used.none")}{" "}
					<PageLink to="/users/$id" params={{ id: userId }} search={{ tab: "rights" }} underline="always">
						{t("used.toRights")}
					</PageLink>
				</Caution>
			) : (
				<List size="sm">
					{services.map(({ id, name }) => (
						<List.Item key={id ?? "all"}>
							{id === null ? (
								name
							) : (
								<PageLink to="/services/$id" params={{ id }}>
									{name}
								</PageLink>
							)}
						</List.Item>
					))}
				</List>
			)}
		</Block>
	);
}
