// Health: how all messaging services do, by what really happened to them; and one of them in detail.

import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { MessagingService } from "#web/api/objects.ts";
import { Page } from "#web/ui/page.tsx";
import { Asked, Empty } from "#web/ui/states.tsx";
import { type HealthOfService, healthOfAll } from "../../blocks/health-queries.ts";
import { servicesQuery } from "../../blocks/service-queries.ts";
import { isInState } from "../services/service-rows.ts";
import { DayCard } from "./day-card.tsx";
import { dayOfAll } from "./day.ts";
import "./health.css";
import { HealthOfOne } from "./health-of-one.tsx";
import { type HealthRow, HealthTable } from "./health-table.tsx";
import { StateFilter } from "./state-filter.tsx";

export function HealthPage() {
	const { service } = useSearch({ from: "/health" });
	return service === undefined ? <HealthOfAll /> : <HealthOfOne key={service} id={service} />;
}

function HealthOfAll() {
	const { t } = useTranslation("health");
	const health = useQuery(healthOfAll);
	return (
		<Page title={t("title")} lead={t("lead")}>
			<Asked query={health} rows={8}>
				{(healths) =>
					healths.size === 0 ? <Empty title={t("none")}>{t("noneNext")}</Empty> : <All healths={healths} />
				}
			</Asked>
		</Page>
	);
}

function All({ healths }: { healths: ReadonlyMap<string, HealthOfService> }) {
	const { t } = useTranslation("health");
	const { show } = useSearch({ from: "/health" });
	const navigate = useNavigate();
	const services = useQuery(servicesQuery);
	const day = useMemo(() => dayOfAll(healths.values()), [healths]);
	return (
		<>
			<Asked query={services} rows={8}>
				{(known) => {
					const rows = rowsOf(healths, known);
					const shown = rows.filter(({ health }) => isInState(health.state, show));
					return (
						<>
							<StateFilter
								states={rows.map(({ health }) => health.state)}
								show={show}
								onShow={(next) =>
									void navigate({ to: "/health", search: next === undefined ? {} : { show: next }, replace: true })
								}
							/>
							<Text size="sm" c="dimmed" role="status">
								{t("count", { count: rows.length, shown: shown.length })}. {t("hint")}
							</Text>
							{shown.length === 0 ? <Empty title={t("noneInState")} /> : <HealthTable rows={shown} />}
						</>
					);
				}}
			</Asked>
			<DayCard hours={day} />
		</>
	);
}

/** Health tells ids only. A service that was just made may be known to one of the two answers only: it comes with the next one. */
function rowsOf(
	healths: ReadonlyMap<string, HealthOfService>,
	services: readonly MessagingService[],
): readonly HealthRow[] {
	return services.flatMap((service) => {
		const health = healths.get(service.id);
		return health === undefined ? [] : [{ service, health }];
	});
}
