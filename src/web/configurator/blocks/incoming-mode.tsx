// What happens to calls that prove nothing: observe, warn or enforce, each with what it would do now. Saves by itself;
// enforcing while calls fail asks first.

import { Alert, Button, Radio, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { MessagingService } from "#web/api/objects.ts";
import { isProblem } from "#web/api/problem.ts";
import { rciPatchMessagingServicesId } from "#web/api/rci.ts";
import { ifMatch, toAnswer } from "#web/api/read.ts";
import { useRenew } from "#web/api/renew.ts";
import { Block } from "#web/ui/block.tsx";
import { Confirm } from "#web/ui/confirm.tsx";
import { Asked, Failed } from "#web/ui/states.tsx";
import { healthOf } from "./health-queries.ts";
import { countOf, type Refusal } from "./refusal-causes.ts";
import { RefusalFigure } from "./refusal-figure.tsx";
import { useSelfSaving } from "./use-self-saving.ts";
import "./service-blocks.css";

type Mode = MessagingService["incomingMode"];
const modes: readonly Mode[] = ["observe", "warn", "enforce"];

export function IncomingMode({ service, etag }: { service: MessagingService; etag: string | null }) {
	const { t } = useTranslation("webhook");
	const health = useQuery(healthOf(service.id));
	return (
		<Block title={t("mode.title")}>
			<Asked query={health} rows={4}>
				{({ body }) => (
					<>
						<ModeChoice service={service} etag={etag} refusals={body.refusals} />
						<RefusalFigure refusals={body.refusals} />
					</>
				)}
			</Asked>
		</Block>
	);
}

type ModeChoiceProps = { service: MessagingService; etag: string | null; refusals: readonly Refusal[] };

function ModeChoice({ service, etag, refusals }: ModeChoiceProps) {
	const { t } = useTranslation("webhook");
	const [isAsking, setAsking] = useState(false);
	const { save, change, error, isBusy } = useModeChange(service, etag);
	const failing = countOf(refusals, "wouldBe");
	const mayChange = service.allowed.includes("modify");
	const choose = (mode: Mode) => {
		if (mode === "enforce" && failing > 0) {
			setAsking(true);
		} else if (mode !== service.incomingMode) {
			void save(mode);
		}
	};
	return (
		<>
			<Radio.Group
				value={service.incomingMode}
				onChange={(value) => choose(value)}
				label={t("mode.label")}
				description={mayChange ? t("mode.help") : t("mode.needsModify")}
			>
				<Stack gap="sm" mt="sm" className="mode-choice">
					{modes.map((mode) => (
						<Radio
							key={mode}
							value={mode}
							disabled={!mayChange || isBusy}
							label={t(`mode.names.${mode}`)}
							description={<ModeWords mode={mode} refusals={refusals} />}
						/>
					))}
				</Stack>
			</Radio.Group>
			{error !== undefined && <NotSaved error={error} />}
			<Confirm
				isOpen={isAsking}
				title={t("mode.ask")}
				verb={t("mode.askVerb")}
				isDangerous
				onConfirm={() => change("enforce")}
				onClose={() => setAsking(false)}
			>
				<Text mb="sm">{t("mode.askCount", { count: failing })}</Text>
				<Text size="sm">{t("mode.askHelp")}</Text>
			</Confirm>
		</>
	);
}

function ModeWords({ mode, refusals }: { mode: Mode; refusals: readonly Refusal[] }) {
	const { t } = useTranslation("webhook");
	const count = countOf(refusals, "wouldBe") + countOf(refusals, "refused");
	return (
		<>
			{t(`mode.words.${mode}`)}{" "}
			<b>{mode === "enforce" ? t("mode.nowRefused", { count }) : t("mode.nowKept", { count })}</b>
		</>
	);
}

function useModeChange(service: MessagingService, etag: string | null) {
	const { t } = useTranslation("webhook");
	const renew = useRenew();
	return useSelfSaving<Mode>({
		before: service.incomingMode,
		etag,
		async write(incomingMode, match) {
			const answer = toAnswer(await rciPatchMessagingServicesId(service.id, { incomingMode }, ifMatch(match)));
			await renew("service", "services", "health");
			return answer.etag;
		},
		said: (mode) => t("mode.saved", { mode: t(`mode.names.${mode}`) }),
	});
}

function NotSaved({ error }: { error: unknown }) {
	const { t } = useTranslation("webhook");
	const renew = useRenew();
	if (!isProblem(error, "precondition_failed")) {
		return <Failed error={error} />;
	}
	return (
		<Alert role="alert" color="red" icon={<IconAlertTriangle />} title={t("mode.changedMeanwhile")}>
			<Stack gap="xs" align="flex-start">
				<Text size="sm">{t("mode.changedMeanwhileHelp")}</Text>
				<Button size="xs" variant="default" onClick={() => void renew("service")}>
					{t("mode.showPresent")}
				</Button>
			</Stack>
		</Alert>
	);
}
