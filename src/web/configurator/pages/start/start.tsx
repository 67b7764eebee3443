// The start page: what needs attention now, and for who has just installed Parley, the two ways in: trying everything with
// simulated providers, and the first real service. Agents are shown the way to their desk.

import { Button, SimpleGrid } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { basePath } from "#web/api/base.ts";
import { rciGetSandbox } from "#web/api/rci.ts";
import { read } from "#web/api/read.ts";
import { PageButton } from "#web/ui/page-link.tsx";
import { Page } from "#web/ui/page.tsx";
import { Asked, Empty } from "#web/ui/states.tsx";
import { servicesQuery } from "../../blocks/service-queries.ts";
import { useSession } from "../../shell/session.tsx";
import { Attention } from "./attention.tsx";
import { SandboxCard } from "./sandbox-card.tsx";
import { WayCard } from "./way-card.tsx";

export function StartPage() {
	const { t } = useTranslation("start");
	const { me, rights } = useSession();
	const maySee = rights.may("view", "messagingService");
	// Administrators may serve too, but it is not what they come here for.
	const isAgent = rights.may("serve", "queue") && !maySee;
	return (
		<Page title={t("title", { name: me.firstName })} lead={t("lead")}>
			{isAgent && <ToDesk />}
			{maySee && <Overview />}
			{!maySee && !isAgent && <Empty title={t("nothing")}>{t("nothingNext")}</Empty>}
		</Page>
	);
}

function ToDesk() {
	const { t } = useTranslation("start");
	return (
		<SimpleGrid cols={{ base: 1, md: 2 }}>
			<WayCard title={t("desk.title")} steps={[t("desk.one"), t("desk.two"), t("desk.three")]}>
				<Button component="a" href={`${basePath}/desk`}>
					{t("desk.open")}
				</Button>
			</WayCard>
		</SimpleGrid>
	);
}

function Overview() {
	const { t } = useTranslation("start");
	const { rights } = useSession();
	const services = useQuery(servicesQuery);
	const sandbox = useQuery(read(["sandbox"], (options) => rciGetSandbox(options)));
	const mayAdd = rights.may("create", "messagingService", "every");
	return (
		<>
			<Asked query={services} rows={3}>
				{(all) => (
					<>
						{all.length > 0 && <Attention services={all} />}
						{mayAdd && all.every(({ name }) => name.startsWith("Sandbox")) && (
							<SimpleGrid cols={{ base: 1, md: 2 }}>
								<WayCard title={t("real.title")} steps={[t("real.one"), t("real.two"), t("real.three")]}>
									<PageButton to="/services/new">{t("real.begin")}</PageButton>
								</WayCard>
								<WayCard title={t("try.title")} steps={[t("try.one"), t("try.two"), t("try.three")]}>
									<Button variant="default" component="a" href="#sandbox">
										{t("try.begin")}
									</Button>
								</WayCard>
							</SimpleGrid>
						)}
					</>
				)}
			</Asked>
			<Asked query={sandbox} rows={2}>
				{({ body }) => <SandboxCard sandbox={body} mayStart={mayAdd} />}
			</Asked>
		</>
	);
}
