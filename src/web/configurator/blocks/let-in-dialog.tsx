// The dialog that lets a user call in: makes an external user, or gives Use to one that is there. The password of a new one
// is shown this once.

import { Button, Group, SegmentedControl, Select, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { MessagingService } from "#web/api/objects.ts";
import { rciGetUsers } from "#web/api/rci.ts";
import { readAll } from "#web/api/read.ts";
import { Caution } from "#web/ui/caution.tsx";
import { CopyField } from "#web/ui/copy.tsx";
import { Dialog } from "#web/ui/dialog.tsx";
import { MistakeSummary, mistakesOf } from "#web/ui/form/mistakes.tsx";
import { fieldId } from "#web/ui/form/schema-fields.tsx";
import { tell } from "#web/ui/notice.tsx";
import { Failed } from "#web/ui/states.tsx";
import { type Credentials, grantUse, makeAndLetIn, type NewUser, type Progress } from "./let-in.ts";
import { ShownOnce } from "./shown-once.tsx";

type LetInDialogProps = { service: MessagingService; mayMake: boolean; isOpen: boolean; onClose: () => void };

export function LetInDialog(props: LetInDialogProps) {
	const { t } = useTranslation("webhook");
	const [made, setMade] = useState<Credentials>();
	const close = () => {
		setMade(undefined);
		props.onClose();
	};
	const isKept = made !== undefined; // A click beside the window must not lose the password.
	return (
		<Dialog opened={props.isOpen} onClose={close} title={t("letIn.title")} isHeld={isKept}>
			{props.isOpen &&
				(made === undefined ? (
					<Choice {...props} onClose={close} onMade={setMade} />
				) : (
					<Made credentials={made} onClose={close} />
				))}
		</Dialog>
	);
}

function Choice(props: LetInDialogProps & { onMade: (made: Credentials) => void }) {
	const { t } = useTranslation("webhook");
	const [kind, setKind] = useState(props.mayMake ? "new" : "existing");
	return (
		<Stack>
			{props.mayMake && (
				<SegmentedControl
					fullWidth
					aria-label={t("letIn.kind")}
					value={kind}
					onChange={setKind}
					data={[
						{ value: "new", label: t("letIn.new") },
						{ value: "existing", label: t("letIn.existing") },
					]}
				/>
			)}
			{kind === "new" ? <NewUserForm {...props} /> : <ExistingUserForm {...props} />}
		</Stack>
	);
}

const fields = ["firstName", "surname", "login"] as const;

function NewUserForm({ service, onClose, onMade }: LetInDialogProps & { onMade: (made: Credentials) => void }) {
	const { t } = useTranslation(["webhook", "ui"]);
	// What is done already is not done again: one object through all tries.
	const [progress] = useState<Progress>(() => ({}));
	const [made, setMadeId] = useState<string>();
	const [user, setUser] = useState<NewUser>(() => ({
		firstName: service.name.slice(0, 100),
		surname: "Webhook",
		login: `webhook-${service.type}-${service.id.slice(-6).toLowerCase()}`,
	}));
	const { error, isBusy, run } = useTry(async () => {
		try {
			onMade(await makeAndLetIn(user, service.id, progress));
		} finally {
			setMadeId(progress.userId);
		}
	});
	const isMade = made !== undefined;
	const mistakes = mistakesOf(error);
	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				void run();
			}}
		>
			<Stack>
				<Text size="sm">{t("webhook:letIn.newHelp")}</Text>
				<MistakeSummary error={error} />
				{fields.map((field) => (
					<TextInput
						key={field}
						id={fieldId(`/${field}`)}
						label={t(`webhook:letIn.${field}`)}
						value={user[field]}
						onChange={(event) => setUser({ ...user, [field]: event.currentTarget.value })}
						error={mistakes[`/${field}`]}
						required
						autoComplete="off"
						readOnly={isMade}
						maxLength={field === "login" ? 100 : 400}
					/>
				))}
				<Buttons verb={t("webhook:letIn.makeVerb")} isBusy={isBusy} onClose={onClose} />
			</Stack>
		</form>
	);
}

function ExistingUserForm({ service, onClose }: LetInDialogProps) {
	const { t } = useTranslation("webhook");
	const query = useQuery(
		readAll(["users", "byLogin"], (page, options) => rciGetUsers({ ...page, sort: "login" }, options)),
	);
	const [id, setId] = useState<string | null>(null);
	const users = query.data ?? [];
	const chosen = users.find((user) => user.id === id);
	const { error, isBusy, run } = useTry(async () => {
		if (chosen !== undefined) {
			await grantUse(chosen.id, service.id);
			tell(t("letIn.granted", { login: chosen.login }));
			onClose();
		}
	});
	const group = (isExternal: boolean) => ({
		group: isExternal ? t("letIn.externalUsers") : t("letIn.people"),
		items: users
			.filter(({ externalUser }) => externalUser === isExternal)
			.map((user) => ({ value: user.id, label: user.login })),
	});
	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				void run();
			}}
		>
			<Stack>
				<Text size="sm">{t("letIn.existingHelp")}</Text>
				{(error !== undefined || query.isError) && <Failed error={error ?? query.error} />}
				<Select
					label={t("letIn.user")}
					data={[group(true), group(false)]}
					value={id}
					onChange={setId}
					searchable
					required
					limit={200}
					nothingFoundMessage={t("letIn.nobody")}
				/>
				{chosen?.externalUser === false && (
					<Caution title={t("letIn.person")} role="alert">
						<Text size="sm">{t("letIn.personHelp", { login: chosen.login })}</Text>
					</Caution>
				)}
				<Buttons verb={t("letIn.grantVerb")} isBusy={isBusy} onClose={onClose} />
			</Stack>
		</form>
	);
}

function Buttons({ verb, isBusy, onClose }: { verb: string; isBusy: boolean; onClose: () => void }) {
	const { t } = useTranslation("ui");
	return (
		<Group justify="flex-end">
			<Button variant="default" onClick={onClose}>
				{t("cancel")}
			</Button>
			<Button type="submit" loading={isBusy}>
				{verb}
			</Button>
		</Group>
	);
}

function Made({ credentials, onClose }: { credentials: Credentials; onClose: () => void }) {
	const { t } = useTranslation("webhook");
	return (
		<ShownOnce title={t("letIn.made")} onKept={onClose}>
			<Text size="sm">{t("letIn.madeHelp")}</Text>
			<CopyField label={t("letIn.login")} text={credentials.login} />
			<CopyField label={t("letIn.password")} text={credentials.password} />
		</ShownOnce>
	);
}

function useTry(act: () => Promise<void>) {
	const [error, setError] = useState<unknown>();
	const [isBusy, setBusy] = useState(false);
	const run = async () => {
		setBusy(true);
		setError(undefined);
		try {
			await act();
		} catch (thrown) {
			setError(thrown);
		} finally {
			setBusy(false);
		}
	};
	return { error, isBusy, run };
}
