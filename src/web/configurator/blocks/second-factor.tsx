// The second factor: enrolled in three steps (password, QR code and first code, recovery codes), removed with both.

import { Alert, Button, Group, List, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Me } from "#web/api/objects.ts";
import {
	rciPostMeSecondFactor,
	rciPostMeSecondFactorConfirmation,
	rciPostMeSecondFactorRecoveryCodes,
	rciPostMeSecondFactorRemoval,
} from "#web/api/rci.ts";
import { useRenew } from "#web/api/renew.ts";
import { CopyAll, Copyable } from "#web/ui/copy.tsx";
import { MistakeSummary } from "#web/ui/form/mistakes.tsx";
import { QrCode } from "#web/ui/qr-code.tsx";

type Enrolment = { secret: string; otpauthUri: string };

/** `onKept`: the recovery codes, which are shown this once, have been put away. */
export function SecondFactor({ factor, onKept }: { factor: Me["secondFactor"]; onKept?: () => void }) {
	const renew = useRenew();
	const [codes, setCodes] = useState<readonly string[]>();
	if (codes !== undefined) {
		return (
			<RecoveryCodes
				codes={codes}
				onDone={() => {
					setCodes(undefined);
					void renew("me");
					onKept?.();
				}}
			/>
		);
	}
	return factor.enabled ? <Enrolled factor={factor} onCodes={setCodes} /> : <Enrol onCodes={setCodes} />;
}

function Enrol({ onCodes }: { onCodes: (codes: readonly string[]) => void }) {
	const { t } = useTranslation("account");
	const [enrolment, setEnrolment] = useState<Enrolment>();
	const [entered, setEntered] = useState("");
	const begin = useMutation({
		mutationFn: () => rciPostMeSecondFactor({ currentPassword: entered }),
		onSuccess({ data }) {
			setEntered("");
			setEnrolment(data);
		},
	});
	const confirm = useMutation({
		mutationFn: () => rciPostMeSecondFactorConfirmation({ code: entered }),
		onSuccess: ({ data }) => onCodes(data.recoveryCodes),
	});
	const submit = (event: FormEvent) => {
		event.preventDefault();
		(enrolment === undefined ? begin : confirm).mutate();
	};
	return (
		<form onSubmit={submit}>
			<Stack maw={520}>
				<Text>{t("factor.why")}</Text>
				<MistakeSummary error={begin.error ?? confirm.error} />
				{enrolment === undefined ? (
					<PasswordInput
						label={t("password.current")}
						autoComplete="current-password"
						required
						value={entered}
						onChange={(event) => setEntered(event.currentTarget.value)}
					/>
				) : (
					<ScanStep enrolment={enrolment} code={entered} onCode={setEntered} />
				)}
				<Button type="submit" w="fit-content" loading={begin.isPending || confirm.isPending}>
					{enrolment === undefined ? t("factor.begin") : t("factor.confirm")}
				</Button>
			</Stack>
		</form>
	);
}

function ScanStep({ enrolment, code, onCode }: { enrolment: Enrolment; code: string; onCode: (code: string) => void }) {
	const { t } = useTranslation("account");
	return (
		<>
			<Text>{t("factor.scan")}</Text>
			<QrCode text={enrolment.otpauthUri} label={t("factor.qr")} />
			<Text size="sm" component="div">
				{t("factor.type")} <Copyable label={t("factor.secret")} text={enrolment.secret} />
			</Text>
			<CodeInput code={code} onCode={onCode} />
		</>
	);
}

function CodeInput({ code, onCode }: { code: string; onCode: (code: string) => void }) {
	const { t } = useTranslation("account");
	return (
		<TextInput
			label={t("factor.code")}
			description={t("factor.codeHelp")}
			autoComplete="one-time-code"
			required
			autoFocus
			value={code}
			onChange={(event) => onCode(event.currentTarget.value.trim())}
		/>
	);
}

function Enrolled({ factor, onCodes }: { factor: Me["secondFactor"]; onCodes: (codes: readonly string[]) => void }) {
	const { t } = useTranslation("account");
	const renew = useRenew();
	const [currentPassword, setPassword] = useState("");
	const [code, setCode] = useState("");
	const makeCodes = useMutation({
		mutationFn: () => rciPostMeSecondFactorRecoveryCodes({ currentPassword, code }),
		onSuccess: ({ data }) => onCodes(data.recoveryCodes),
	});
	const remove = useMutation({
		mutationFn: () => rciPostMeSecondFactorRemoval({ currentPassword, code }),
		onSuccess: () => renew("me"),
	});
	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				makeCodes.mutate();
			}}
		>
			<Stack maw={520}>
				<Text>{t("factor.on", { count: factor.recoveryCodesLeft })}</Text>
				{factor.recoveryCodesLeft < 3 && <Alert color="red">{t("factor.fewCodes")}</Alert>}
				<MistakeSummary error={makeCodes.error ?? remove.error} />
				<PasswordInput
					label={t("password.current")}
					autoComplete="current-password"
					required
					value={currentPassword}
					onChange={(event) => setPassword(event.currentTarget.value)}
				/>
				<CodeInput code={code} onCode={setCode} />
				<Group>
					<Button type="submit" variant="default" loading={makeCodes.isPending}>
						{t("factor.renew")}
					</Button>
					<Button
						color="red.9"
						loading={remove.isPending}
						disabled={currentPassword === "" || code === ""}
						onClick={() => remove.mutate()}
					>
						{t("factor.remove")}
					</Button>
				</Group>
			</Stack>
		</form>
	);
}

function RecoveryCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
	const { t } = useTranslation("account");
	return (
		<Stack maw={520}>
			<Alert title={t("factor.keepTitle")} role="status">
				{t("factor.keep")}
			</Alert>
			<List listStyleType="none" ff="monospace">
				{codes.map((code) => (
					<List.Item key={code}>{code}</List.Item>
				))}
			</List>
			<Group>
				<CopyAll label={t("factor.copyCodes")} text={codes.join("\n")} />
				<Button onClick={onDone}>{t("factor.kept")}</Button>
			</Group>
		</Stack>
	);
}
