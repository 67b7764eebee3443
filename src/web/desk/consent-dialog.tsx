// What a contact said about our messages, entered by who was told: it counts from now on.

import { Button, Radio, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "#web/ui/dialog.tsx";
import { tell } from "#web/ui/notice.tsx";
import type { Said } from "./contact.ts";
import { useDesk } from "./desk-context.tsx";
import { useDoing } from "./use-doing.ts";

export type ConsentAbout = { channel: string; address: string; isRefused: boolean };

type ConsentProps = { about: ConsentAbout | undefined; onClose: () => void; onDone: () => void };

export function ConsentDialog({ about, onClose, onDone }: ConsentProps) {
	const { t } = useTranslation("desk");
	return (
		<Dialog opened={about !== undefined} onClose={onClose} title={t("consent.title")}>
			{about !== undefined && (
				<ConsentForm
					about={about}
					onDone={() => {
						onClose();
						onDone();
					}}
				/>
			)}
		</Dialog>
	);
}

function ConsentForm({ about, onDone }: { about: ConsentAbout; onDone: () => void }) {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const { isBusy, run } = useDoing();
	// Mostly it is entered because it changed.
	const [state, setState] = useState<Said["state"]>(about.isRefused ? "granted" : "refused");
	const [note, setNote] = useState("");
	const { channel, address } = about;
	const usage = channel.toLowerCase().replaceAll("_", "-");
	const body = { channel: usage, address: address.trim(), state, note: note.trim() };
	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				// It may stand over another form, whose affair this is not.
				event.stopPropagation();
				run(
					() => desk.ask("POST", "/consents", body),
					() => {
						tell(t("consent.entered"));
						onDone();
					},
				);
			}}
		>
			<Stack gap="sm">
				<Text size="sm">
					{channel} <bdi>{address}</bdi>
				</Text>
				<Radio.Group
					label={t("consent.state")}
					value={state}
					onChange={(chosen) => setState(chosen === "granted" ? "granted" : "refused")}
				>
					<Stack gap="xs" mt="xs">
						<Radio value="granted" label={t("consent.granted")} />
						<Radio value="refused" label={t("consent.refused")} />
					</Stack>
				</Radio.Group>
				<Text size="sm" role="status">
					{t(`consent.means.${state}`)}
				</Text>
				<TextInput
					label={t("consent.note")}
					description={t("consent.noteHelp")}
					value={note}
					onChange={(event) => setNote(event.currentTarget.value)}
					required
					maxLength={200}
					pattern=".*\S.*"
					data-autofocus
				/>
				<Button type="submit" loading={isBusy} w="fit-content">
					{t("consent.enter")}
				</Button>
			</Stack>
		</form>
	);
}
