// A question before something that cannot be taken back, with what hangs on it. A reason is asked where one is kept.

import { Button, Group, Stack, Textarea } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "./dialog.tsx";
import { Failed } from "./states.tsx";

type ConfirmProps = {
	isOpen: boolean;
	title: string;
	/** The verb: "Delete", never "OK". */
	verb: string;
	isDangerous?: boolean;
	/** Asks for a reason, which may be left out. */
	reasonLabel?: string;
	/** False: something in the question is not filled in yet, and says so itself. */
	isComplete?: () => boolean;
	/** Resolves when it is done; what it throws is shown and the question stays. */
	onConfirm: (reason: string) => Promise<unknown>;
	onClose: () => void;
	children: ReactNode;
};

export function Confirm(props: ConfirmProps) {
	return (
		<Dialog opened={props.isOpen} onClose={props.onClose} title={props.title}>
			{props.isOpen && <Question {...props} />}
		</Dialog>
	);
}

function Question(props: ConfirmProps) {
	const { verb, isDangerous = false, reasonLabel, isComplete, onConfirm, onClose, children } = props;
	const { t } = useTranslation("ui");
	const [reason, setReason] = useState("");
	const [isBusy, setBusy] = useState(false);
	const [error, setError] = useState<unknown>();
	const confirm = async () => {
		setBusy(true);
		setError(undefined);
		try {
			await onConfirm(reason.trim());
			onClose();
		} catch (thrown) {
			setError(thrown);
		} finally {
			setBusy(false);
		}
	};
	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				if (isComplete?.() !== false) {
					void confirm();
				}
			}}
		>
			<Stack>
				<div>{children}</div>
				{reasonLabel !== undefined && (
					<Textarea
						label={reasonLabel}
						value={reason}
						onChange={(event) => setReason(event.currentTarget.value)}
						maxLength={500}
						autosize
						minRows={2}
						data-autofocus
					/>
				)}
				{error !== undefined && <Failed error={error} />}
				<Group justify="flex-end">
					<Button variant="default" onClick={onClose}>
						{t("cancel")}
					</Button>
					<Button type="submit" {...(isDangerous ? { color: "red.9" } : {})} loading={isBusy}>
						{verb}
					</Button>
				</Group>
			</Stack>
		</form>
	);
}
