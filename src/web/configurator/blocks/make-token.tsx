// A new API token: what it is for, how long it lives, and as whom it calls. Shown once, with the first call to try.

import { Button, Group, Select, Stack, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { basePath } from "#web/api/base.ts";
import { rciGetUsers, rciPostApiTokens } from "#web/api/rci.ts";
import { readAll } from "#web/api/read.ts";
import { useRenew } from "#web/api/renew.ts";
import { useMaking } from "#web/api/use-making.ts";
import { CodeBlock } from "#web/ui/code.tsx";
import { CopyField } from "#web/ui/copy.tsx";
import { Dialog } from "#web/ui/dialog.tsx";
import { mistakesOf } from "#web/ui/form/mistakes.tsx";
import { SaveError } from "#web/ui/form/saving.tsx";
import { fieldId } from "#web/ui/form/schema-fields.tsx";
import { useSession } from "../shell/session.tsx";
import { fullName, type User } from "./people-objects.ts";
import { ShownOnce } from "./shown-once.tsx";

export type Made = { name: string; token: string };

/** `forUser`: the token is for that user, nobody else is asked. */
export function MakeToken({ forUser, onMade }: { forUser?: string; onMade: (made: Made) => void }) {
	const { t } = useTranslation("people");
	const [isOpen, setOpen] = useState(false);
	return (
		<>
			<Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setOpen(true)}>
				{t("tokens.make")}
			</Button>
			<Dialog opened={isOpen} onClose={() => setOpen(false)} title={t("tokens.make")}>
				{isOpen && (
					<TokenForm
						{...(forUser === undefined ? {} : { forUser })}
						onCancel={() => setOpen(false)}
						onMade={(made) => {
							setOpen(false);
							onMade(made);
						}}
					/>
				)}
			</Dialog>
		</>
	);
}

const lives = ["7", "30", "90", "180", "365"] as const;
type Life = (typeof lives)[number];
const dayMs = 86_400_000;
const marginMs = 60_000; // The longest life is measured by the server's clock.

type FormProps = { forUser?: string; onCancel: () => void; onMade: (made: Made) => void };

function TokenForm({ forUser, onCancel, onMade }: FormProps) {
	const { t } = useTranslation(["people", "ui"]);
	const { me } = useSession();
	const renew = useRenew();
	const [name, setName] = useState("");
	const [days, setDays] = useState<Life>("90");
	const [userId, setUserId] = useState(forUser ?? me.id);
	const make = useMaking({
		make: rciPostApiTokens,
		onMade({ data }) {
			void renew("apiTokens");
			onMade(data);
		},
	});
	const mistakes = mistakesOf(make.error);
	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				const expiresAt = new Date(Date.now() + Number(days) * dayMs - marginMs).toISOString();
				make.start({ name: name.trim(), userId, expiresAt });
			}}
		>
			<Stack>
				<SaveError error={make.error} />
				<TextInput
					id={fieldId("/name")}
					label={t("people:tokens.name")}
					description={t("people:tokens.nameHelp")}
					value={name}
					onChange={(event) => setName(event.currentTarget.value)}
					error={mistakes["/name"]}
					maxLength={100}
					required
					data-autofocus
				/>
				<Select
					id={fieldId("/expiresAt")}
					label={t("people:tokens.life")}
					description={t("people:tokens.lifeHelp")}
					data={lives.map((value) => ({ value, label: t("people:tokens.days", { count: Number(value) }) }))}
					value={days}
					onChange={(value) => value !== null && setDays(value)}
					error={mistakes["/expiresAt"]}
					allowDeselect={false}
				/>
				{forUser === undefined && <ForWhom userId={userId} onChange={setUserId} mistake={mistakes["/userId"]} />}
				<Group justify="flex-end">
					<Button variant="default" onClick={onCancel}>
						{t("ui:cancel")}
					</Button>
					<Button type="submit" loading={make.isPending}>
						{t("people:tokens.make")}
					</Button>
				</Group>
			</Stack>
		</form>
	);
}

function ForWhom({
	userId,
	onChange,
	mistake,
}: {
	userId: string;
	onChange: (userId: string) => void;
	mistake: string | undefined;
}) {
	const { t } = useTranslation("people");
	const { me, rights } = useSession();
	const others = useQuery({ ...externalUsers, enabled: rights.may("modify", "user") }).data ?? [];
	const free = others.filter(({ allowed }) => allowed.includes("modify"));
	return (
		<Select
			id={fieldId("/userId")}
			label={t("tokens.forWhom")}
			description={t("tokens.forWhomHelp")}
			data={[
				{ value: me.id, label: t("tokens.forMe", { login: me.login }) },
				...free
					.filter(({ id }) => id !== me.id)
					.map((user) => ({ value: user.id, label: `${fullName(user)} (${user.login})` })),
			]}
			value={userId}
			onChange={(value) => value !== null && onChange(value)}
			error={mistake}
			searchable={free.length > 8}
			allowDeselect={false}
		/>
	);
}

const externalUsers = readAll<User>(["users", "external"], (page, options) =>
	rciGetUsers({ ...page, externalUser: "true" }, options),
);

export function MadeToken({ made, onKept }: { made: Made; onKept: () => void }) {
	const { t } = useTranslation("people");
	const origin = `${location.origin}${basePath}`;
	return (
		<ShownOnce title={t("tokens.madeTitle", { name: made.name })} onKept={onKept}>
			<CopyField label={t("tokens.token")} text={made.token} />
			<CodeBlock label={t("tokens.try")} text={`curl -H "Authorization: Bearer ${made.token}" ${origin}/RI/rci/me`} />
		</ShownOnce>
	);
}
