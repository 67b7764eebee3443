// A secret that is stored: since when, how to tell it from another, and its replacement. A secret with which the provider
// proves itself may stay valid beside the new one for a while, so that nothing is refused meanwhile.

import { Alert, Button, Group, Select, Stack, Text, TextInput, Tooltip } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Authentication } from "#web/api/objects.ts";
import { exactTime } from "#web/ui/moments.ts";
import type { FormEntry } from "./draft.ts";
import { SecretField, type SecretFieldProps } from "./secret-field.tsx";

type StoredSecretProps = Omit<SecretFieldProps, "value" | "onChange"> & {
	stored: Authentication;
	entry: FormEntry;
	/** Of an incoming secret: whether the replaced one may stay valid. */
	mayOverlap: boolean;
	onEntry: (change: Partial<FormEntry>) => void;
};

export function StoredSecret(props: StoredSecretProps) {
	const { stored, entry, label, isReadOnly = false, onEntry, mayOverlap } = props;
	const { t } = useTranslation("service");
	const [isReplacing, setReplacing] = useState(false);
	const isOpen = isReplacing || (entry.password ?? "") !== "";
	return (
		<Stack gap="xs">
			<Group gap="sm">
				<Text size="sm" fw={500}>
					{label}
				</Text>
				<SetSince stored={stored} />
				{!isReadOnly && !isOpen && (
					<Button
						size="compact-sm"
						variant="default"
						aria-label={t("secret.replaceOf", { what: label })}
						onClick={() => setReplacing(true)}
					>
						{t("secret.replace")}
					</Button>
				)}
			</Group>
			{isOpen ? (
				<Replacement
					{...props}
					mayOverlap={mayOverlap}
					onKeep={() => {
						setReplacing(false);
						onEntry({ password: undefined, previousValidUntil: undefined });
					}}
				/>
			) : (
				<Running {...props} />
			)}
		</Stack>
	);
}

function SetSince({ stored }: { stored: Authentication }) {
	const { t, i18n } = useTranslation("service");
	const at = stored.changedAt === null ? undefined : exactTime(new Date(stored.changedAt), i18n.language);
	return (
		<Text size="sm" c="dimmed">
			{at === undefined ? t("secret.set") : t("secret.setAt", { at })}
			{stored.fingerprint !== null && (
				<>
					{" · "}
					<Tooltip label={t("secret.fingerprintHelp")} multiline maw={280}>
						<span>{t("secret.fingerprint", { fingerprint: stored.fingerprint })}</span>
					</Tooltip>
				</>
			)}
		</Text>
	);
}

/** A rotation that goes on from an earlier replacement. */
function Running({ stored, entry, onEntry, isReadOnly = false }: StoredSecretProps) {
	const { t, i18n } = useTranslation("service");
	if (stored.previousValidUntil === null) {
		return null;
	}
	if (entry.previousValidUntil === null) {
		return (
			<Text size="sm" component="output">
				{t("secret.ended")}
			</Text>
		);
	}
	return (
		<Alert color="blue" variant="light" p="xs">
			<Group gap="sm">
				<Text size="sm">
					{t("secret.running", { at: exactTime(new Date(stored.previousValidUntil), i18n.language) })}
				</Text>
				{!isReadOnly && (
					<Button size="compact-sm" variant="default" onClick={() => onEntry({ previousValidUntil: null })}>
						{t("secret.end")}
					</Button>
				)}
			</Group>
		</Alert>
	);
}

function Replacement(props: StoredSecretProps & { onKeep: () => void }) {
	const { entry, onEntry, onKeep, mayOverlap, stored: _, label, ...field } = props;
	const { t } = useTranslation("service");
	return (
		<Stack gap="xs">
			<SecretField
				{...field}
				isAwaited={(entry.password ?? "") === ""}
				label={t("secret.new", { what: label })}
				value={entry.password ?? ""}
				onChange={(password) =>
					onEntry({
						password,
						...(mayOverlap && entry.previousValidUntil === undefined ? { previousValidUntil: inFuture(usualMs) } : {}),
					})
				}
			/>
			{mayOverlap && <Overlap entry={entry} onEntry={onEntry} id={field.id} />}
			<Group>
				<Button size="compact-sm" variant="subtle" onClick={onKeep}>
					{t("secret.keep")}
				</Button>
			</Group>
		</Stack>
	);
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const usualMs = dayMs;
/** The last one is a little less than 30 days: that is the most the server takes, counted from when it arrives there. */
const spans = { hour: hourMs, day: dayMs, week: 7 * dayMs, month: 30 * dayMs - 10 * 60_000 } as const;
type Span = keyof typeof spans | "atOnce" | "chosen";

function inFuture(ms: number): string {
	return new Date(Date.now() + ms).toISOString();
}

function Overlap({ id, entry, onEntry }: { id: string } & Pick<StoredSecretProps, "entry" | "onEntry">) {
	const { t } = useTranslation("service");
	const [span, setSpan] = useState<Span>("day");
	const names: readonly Span[] = ["atOnce", "hour", "day", "week", "month", "chosen"];
	const choose = (name: Span) => {
		setSpan(name);
		if (name === "atOnce") {
			onEntry({ previousValidUntil: undefined });
		} else if (name !== "chosen") {
			onEntry({ previousValidUntil: inFuture(spans[name]) });
		}
	};
	return (
		<Group align="flex-start" gap="sm">
			<Select
				label={t("secret.overlap")}
				description={t("secret.overlapHelp")}
				data={names.map((name) => ({ value: name, label: t(`secret.${name}`) }))}
				value={span}
				onChange={(name) => name !== null && choose(name)}
				allowDeselect={false}
			/>
			{span === "chosen" && (
				<TextInput
					id={`${id}-until`}
					type="datetime-local"
					label={t("secret.until")}
					description={t("secret.untilHelp")}
					value={toLocal(entry.previousValidUntil)}
					min={toLocal(inFuture(0))}
					max={toLocal(inFuture(spans.month))}
					onChange={(event) => {
						const moment = new Date(event.currentTarget.value);
						onEntry({ previousValidUntil: Number.isNaN(moment.getTime()) ? inFuture(usualMs) : moment.toISOString() });
					}}
				/>
			)}
		</Group>
	);
}

/** As the browser's field for a moment takes it: local time without a zone. */
function toLocal(at: string | null | undefined): string {
	if (at === null || at === undefined) {
		return "";
	}
	const moment = new Date(at);
	return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
