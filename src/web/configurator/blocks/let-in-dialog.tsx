// The dialog that lets a user call in: makes an external user, or gives Use to one that is there. The password of a new one
// is shown this once.

import { Alert, Button, Group, Modal, SegmentedControl, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { MessagingService } from "#web/api/objects.ts";
import { rciGetUsers } from "#web/api/rci.ts";
import { read } from "#web/api/read.ts";
import { CopyField } from "#web/ui/copy.tsx";
import { MistakeSummary, mistakesOf } from "#web/ui/form/mistakes.tsx";
import { fieldId } from "#web/ui/form/schema-fields.tsx";
import { tell } from "#web/ui/notice.tsx";
import { Failed } from "#web/ui/states.tsx";
import { type Credentials, grantUse, makeAndLetIn, type NewUser, type Progress } from "./let-in.ts";

export type LetInDialogProps = { service: MessagingService; mayMake: boolean; isOpen: boolean; onClose: () => void };

export function LetInDialog(props: LetInDialogProps) {
	const { t } = useTranslation("webhook");
	const [made, setMade] = useState<Credentials>();
	const close = () => {
		setMade(undefined);
		props.onClose();
	};
	const isKept = made !== undefined; // A click beside the window must not lose the password.
	return (
		<Modal
			opened={props.isOpen}
			onClose={close}
			title={t("letIn.title")}
			centered
			closeOnClickOutside={!isKept}
			closeOnEscape={!isKept}
		>
			{props.isOpen &&
				(made === undefined ? (
					<Choice {...props} onClose={close} onMade={setMade} />
				) : (
					<Made credentials={made} onClose={close} />
				))}
		</Modal>
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
	const progress = useRef<Progress>({});
	const [made, setMadeId] = useState<string>();
	const [user, setUser] = useState<NewUser>(() => ({
		firstName: service.name.slice(0, 100),
		surname: "Webhook",
		login: `webhook-${service.type}-${service.id.slice(-6).toLowerCase()}`,
	}));
	const { error, isBusy, run } = useTry(async () => {
		try {
			onMade(await makeAndLetIn(user, service.id, progress.current));
		} finally {
			setMadeId(progress.current.userId);
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
		read(["users", "to let in"], (options) => rciGetUsers({ limit: 1000, sort: "login" }, options)),
	);
	const [id, setId] = useState<string | null>(null);
	const users = query.data?.body ?? [];
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
					<Alert color="yellow" icon={<IconAlertTriangle />} title={t("letIn.person")} role="alert">
						<Text size="sm">{t("letIn.personHelp", { login: chosen.login })}</Text>
					</Alert>
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
		<Stack>
			<Alert color="teal" icon={<IconCircleCheck />} title={t("letIn.made")} role="status">
				<Text size="sm">{t("letIn.madeHelp")}</Text>
			</Alert>
			<CopyField label={t("letIn.login")} text={credentials.login} />
			<CopyField label={t("letIn.password")} text={credentials.password} description={t("letIn.once")} />
			<Button onClick={onClose}>{t("letIn.copied")}</Button>
		</Stack>
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
