// Service.

import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { Service } from "#web/api/objects.ts";
import { rciGetMessagingServicesId, rciGetMessagingServiceTypesType } from "#web/api/rci.ts";
import { read } from "#web/api/read.ts";
import { Page } from "#web/ui/page.tsx";
import { Asked } from "#web/ui/states.tsx";
import { CheckBlock } from "../../blocks/check-block.tsx";
import { IncomingBlock } from "../../blocks/incoming-block.tsx";
import { PreviewBlock } from "../../blocks/preview-block.tsx";
import { storedDraft } from "../../blocks/preview-body.ts";
import { WebhookBlock } from "../../blocks/webhook-block.tsx";

export function ServicePage() {
	const { id } = useParams({ from: "/services/$id" });
	const query = useQuery(read(["service", id], (options) => rciGetMessagingServicesId(id, options)));
	return <Asked query={query}>{({ body, etag }) => <Shown service={body} etag={etag} />}</Asked>;
}

function Shown({ service, etag }: { service: Service; etag: string | null }) {
	const { tab = "webhook" } = useSearch({ from: "/services/$id" });
	const navigate = useNavigate();
	const query = useQuery(
		read(["type", service.type], (options) => rciGetMessagingServiceTypesType(service.type, options)),
	);
	return (
		<Page title={service.name}>
			<Tabs
				value={tab}
				onChange={(to) => void navigate({ to: "/services/$id", params: { id: service.id }, search: { tab: to ?? "" } })}
				keepMounted={false}
			>
				<Tabs.List mb="md">
					<Tabs.Tab value="webhook">Webhook</Tabs.Tab>
					<Tabs.Tab value="incoming">Incoming</Tabs.Tab>
					<Tabs.Tab value="check">Check</Tabs.Tab>
					<Tabs.Tab value="preview">Preview</Tabs.Tab>
				</Tabs.List>
				<Asked query={query}>
					{({ body: type }) => (
						<>
							<Tabs.Panel value="webhook">
								<WebhookBlock service={service} type={type} />
							</Tabs.Panel>
							<Tabs.Panel value="incoming">
								<IncomingBlock service={service} etag={etag} type={type} />
							</Tabs.Panel>
							<Tabs.Panel value="check">
								<CheckBlock service={service} />
							</Tabs.Panel>
							<Tabs.Panel value="preview">
								<PreviewBlock type={type} draft={storedDraft(service)} serviceId={service.id} />
							</Tabs.Panel>
						</>
					)}
				</Asked>
			</Tabs>
		</Page>
	);
}
