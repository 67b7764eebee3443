// How a service is and what to do about it, its switch, and what the reader should know before changing anything.

import { Alert, Button, Group, List, Stack, Switch, Text } from "@mantine/core";
import { IconCopy, IconInfoCircle, IconLock, IconTrash, IconUsers } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { MessagingService } from "#web/api/objects.ts";
import { rciPatchMessagingServicesId } from "#web/api/rci.ts";
import { type Answer, ifMatch, toAnswer } from "#web/api/read.ts";
import { Confirm } from "#web/ui/confirm.tsx";
import { complain, tell } from "#web/ui/notice.tsx";
import { PageButton } from "#web/ui/page-link.tsx";
import { useSession } from "../../shell/session.tsx";
import { DeleteDialog } from "./delete-dialog.tsx";

export function StateLine({ service: { stateBecause, stateAction } }: { service: MessagingService }) {
	return (
		<Text size="sm" maw="60rem">
			{stateBecause} {stateAction !== null && <strong>{stateAction}</strong>}
		</Text>
	);
}

type HeaderActionsProps = {
	answer: Answer<MessagingService>;
	onChanged: (answer: Answer<MessagingService>) => void;
	isDirty: boolean;
};

export function HeaderActions({ answer, onChanged, isDirty }: HeaderActionsProps) {
	const { t } = useTranslation("service");
	const { rights } = useSession();
	const navigate = useNavigate();
	const [isDeleting, setDeleting] = useState(false);
	const { body: service } = answer;
	const mayDelete = service.allowed.includes("delete") && service.allowed.includes("view");
	return (
		<Group gap="md">
			{service.allowed.includes("modify") && <OnOff answer={answer} onChanged={onChanged} isDirty={isDirty} />}
			{rights.may("create", "messagingService", "every") && (
				<PageButton
					to="/services/new"
					search={{ copy: service.id }}
					variant="default"
					leftSection={<IconCopy size={16} aria-hidden />}
				>
					{t("copy")}
				</PageButton>
			)}
			{mayDelete && (
				<Button
					variant="default"
					leftSection={<IconTrash size={16} aria-hidden />}
					disabled={isDirty}
					onClick={() => setDeleting(true)}
				>
					{t("delete")}
				</Button>
			)}
			{isDeleting && (
				<DeleteDialog
					service={service}
					health={undefined}
					onClose={() => setDeleting(false)}
					onDeleted={() => void navigate({ to: "/services" })}
				/>
			)}
		</Group>
	);
}

function OnOff({ answer, onChanged, isDirty }: HeaderActionsProps) {
	const { t } = useTranslation("service");
	const [isAsking, setAsking] = useState(false);
	const { body: service, etag } = answer;
	const { id, name } = service;
	const switchTo = async (enabled: boolean, version: string | null) => {
		const saved = toAnswer(await rciPatchMessagingServicesId(id, { enabled }, ifMatch(version)));
		onChanged(saved);
		tell(
			t(enabled ? "switchedOn" : "switchedOff", { name }),
			() => void switchTo(!enabled, saved.etag).catch(complain),
		);
	};
	return (
		<>
			<Switch
				label={t(service.enabled ? "enabled" : "enabledOff")}
				checked={service.enabled}
				disabled={isDirty}
				onChange={(event) =>
					event.currentTarget.checked ? void switchTo(true, etag).catch(complain) : setAsking(true)
				}
			/>
			<Confirm
				isOpen={isAsking}
				title={t("switchOff", { name })}
				verb={t("switchOffVerb")}
				isDangerous
				onConfirm={() => switchTo(false, etag)}
				onClose={() => setAsking(false)}
			>
				{t("switchOffLead")}
			</Confirm>
		</>
	);
}

export function ReadOnlyNote() {
	const { t } = useTranslation("service");
	return (
		<Alert color="gray" variant="light" icon={<IconLock aria-hidden />} title={t("readOnly")}>
			{t("readOnlyBecause")}
		</Alert>
	);
}

/** What the server mended in the last save, and what should be looked at. */
export function Notes({ notes, onDismiss }: { notes: readonly string[]; onDismiss?: () => void }) {
	const { t } = useTranslation("service");
	if (notes.length === 0) {
		return null;
	}
	return (
		<Alert
			color="blue"
			variant="light"
			icon={<IconInfoCircle aria-hidden />}
			title={t("notes")}
			withCloseButton={onDismiss !== undefined}
			closeButtonLabel={t("dismiss")}
			{...(onDismiss === undefined ? {} : { onClose: onDismiss })}
		>
			<List size="sm" spacing={4}>
				{notes.map((note) => (
					<List.Item key={note}>{note}</List.Item>
				))}
			</List>
		</Alert>
	);
}

export function BehindNote({ onLook }: { onLook: () => void }) {
	const { t } = useTranslation("service");
	return (
		<Alert role="alert" color="blue" variant="light" icon={<IconUsers aria-hidden />} title={t("merge.behind")}>
			<Stack gap="xs" align="flex-start">
				<Text size="sm">{t("merge.behindLead")}</Text>
				<Button size="xs" variant="default" onClick={onLook}>
					{t("merge.look")}
				</Button>
			</Stack>
		</Alert>
	);
}
