// Requests are released for one messaging service together, in the order they came; what became of them is told at the end.

import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { cmiGetQuarantine, cmiPostQuarantineRelease } from "#web/api/cmi.ts";
import { read } from "#web/api/read.ts";
import { useRenew } from "#web/api/renew.ts";
import { Confirm } from "#web/ui/confirm.tsx";
import { given } from "../../blocks/given-reason.ts";
import { endOf } from "./release-end.ts";

type Asked = { service: string; requests: number; at: string };

export function ReleaseAll({ service }: { service: string | undefined }) {
	const { t } = useTranslation("refused");
	const renew = useRenew();
	const [asked, setAsked] = useState<Asked>();
	const [asks, setAsks] = useState(false);
	const release = async (reason: string) => {
		if (service === undefined) {
			return;
		}
		setAsked(undefined);
		const { data, headers } = await cmiPostQuarantineRelease({ service, ...given(reason) });
		const at = new Date(headers.get("date") ?? Date.now()).toISOString();
		setAsked({ service, requests: data.requests, at });
		await renew("quarantine");
	};
	return (
		<Stack gap="xs">
			<Group gap="sm">
				<Button variant="default" disabled={service === undefined} onClick={() => setAsks(true)}>
					{t("releaseAll")}
				</Button>
				{service === undefined && (
					<Text size="sm" c="dimmed">
						{t("releaseAllNext")}
					</Text>
				)}
			</Group>
			{asked !== undefined && asked.service === service && <Outcome key={asked.at} asked={asked} />}
			<Confirm
				isOpen={asks}
				title={t("releaseAll")}
				verb={t("release")}
				reasonLabel={t("reason")}
				onConfirm={release}
				onClose={() => setAsks(false)}
			>
				{t("releaseLead")}
			</Confirm>
		</Stack>
	);
}

function Outcome({ asked: { service, requests, at } }: { asked: Asked }) {
	const { t } = useTranslation("refused");
	const left = useQuery({
		...read(["quarantine", "left", service], (options) => cmiGetQuarantine({ service, limit: 1000 }, options)),
		refetchInterval: ({ state }) => (endOf(state.data?.body, requests, at) === undefined ? 500 : false),
		enabled: requests > 0,
	});
	const end = endOf(left.data?.body, requests, at);
	return <Alert role="status">{end === undefined ? sayBegin(requests) : sayEnd(end)}</Alert>;

	function sayBegin(count: number): string {
		return count === 0 ? t("nothingToRelease") : t("releasing", { count });
	}

	function sayEnd({ released, kept }: { released: number; kept: number }): string {
		return kept === 0 ? t("releasedAll", { count: released }) : t("releasedSome", { requests, released, kept });
	}
}
