// Refused requests, oldest first: why, from where, and what can be let in once the cause is mended.

import { Alert, Anchor, Button, Group, Select } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { cmiGetQuarantine, type CmiGetQuarantine200Item, cmiPostQuarantineRelease } from "#web/api/cmi.ts";
import { rciGetMessagingServices } from "#web/api/rci.ts";
import { read, readPages } from "#web/api/read.ts";
import { type Column, ListTable } from "#web/ui/list-table.tsx";
import { Page } from "#web/ui/page.tsx";
import { Pages } from "#web/ui/pages.tsx";
import { Empty, Failed } from "#web/ui/states.tsx";
import { Time } from "#web/ui/time.tsx";

export function QuarantinePage() {
	const { t } = useTranslation("refused");
	const { service } = useSearch({ from: "/quarantine" });
	const navigate = useNavigate();
	const columns = useColumns();
	const refused = useInfiniteQuery({
		// What is refused is in no event stream.
		refetchInterval: 5000,
		...readPages(["quarantine", service], (cursor, options) =>
			cmiGetQuarantine({ ...(service === undefined ? {} : { service }), ...cursor, limit: 100 }, options),
		),
	});
	return (
		<Page title={t("title")} lead={t("lead")}>
			<Chooser service={service} />
			<Pages query={refused} empty={<Empty title={t("none")}>{t("noneNext")}</Empty>}>
				{(rows) => (
					<ListTable
						caption={t("title")}
						rows={rows}
						columns={columns}
						rowKey={({ id }) => id}
						onOpen={({ id }) => void navigate({ to: "/quarantine/$id", params: { id } })}
					/>
				)}
			</Pages>
		</Page>
	);
}

/** Requests are released for one service together, in the order they came. */
function Chooser({ service }: { service: string | undefined }) {
	const { t } = useTranslation("refused");
	const navigate = useNavigate();
	const queries = useQueryClient();
	const services = useQuery(
		read(["services", "names"], (options) => rciGetMessagingServices({ limit: 1000 }, options)),
	);
	const release = useMutation({
		mutationFn: () => cmiPostQuarantineRelease({ service: service ?? "" }),
		onSettled: () => queries.invalidateQueries({ queryKey: ["quarantine"] }),
	});
	return (
		<>
			<Group align="flex-end">
				<Select
					label={t("service")}
					placeholder={t("anyService")}
					data={(services.data?.body ?? []).map(({ id, name }) => ({ value: id, label: name }))}
					value={service ?? null}
					onChange={(id) => void navigate({ to: "/quarantine", search: id === null ? {} : { service: id } })}
					clearable
					searchable
					w={260}
				/>
				<Button
					variant="default"
					disabled={service === undefined}
					loading={release.isPending}
					onClick={() => release.mutate()}
				>
					{t("releaseAll")}
				</Button>
			</Group>
			{release.isSuccess && <Alert role="status">{t("releasing", { count: release.data.data.requests })}</Alert>}
			{release.isError && <Failed error={release.error} />}
		</>
	);
}

function useColumns(): readonly Column<CmiGetQuarantine200Item>[] {
	const { t } = useTranslation("refused");
	return [
		{
			key: "receivedAt",
			label: t("columns.time"),
			cell: ({ id, receivedAt }) => (
				<Anchor renderRoot={(props) => <Link to="/quarantine/$id" params={{ id }} {...props} />}>
					<Time at={receivedAt} isExact />
				</Anchor>
			),
		},
		{ key: "service", label: t("service"), cell: ({ serviceName }) => serviceName ?? "–" },
		{ key: "explanation", label: t("columns.why"), cell: ({ explanation }) => explanation },
		{ key: "remoteAddress", label: t("columns.from"), cell: ({ remoteAddress }) => remoteAddress ?? "–" },
		{ key: "bytes", label: t("columns.bytes"), cell: ({ bytes }) => bytes, align: "end" },
	];
}
