// The SMS Interface: services that speak to any gateway by HTTP, with their request templates and the request that comes of
// them.

import { Group, Select, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { MessagingService, ServiceType } from "#web/api/objects.ts";
import { CodeBlock } from "#web/ui/code.tsx";
import type { FieldSchema } from "#web/ui/form/schema.ts";
import { PageLink } from "#web/ui/page-link.tsx";
import { Asked, Empty } from "#web/ui/states.tsx";
import { PreviewBlock } from "../../blocks/preview-block.tsx";
import { storedDraft } from "../../blocks/preview-body.ts";
import { servicesQuery, typeNamed, typesQuery } from "../../blocks/service-queries.ts";
import { useSession } from "../../shell/session.tsx";

const smsInterface = "smshttp";

export function SmsInterface() {
	const { t } = useTranslation("system");
	const services = useQuery(servicesQuery);
	const types = useQuery(typesQuery);
	return (
		<section aria-labelledby="sms-interface">
			<Title order={2} size="h4" id="sms-interface">
				{t("smsServer.interface")}
			</Title>
			<Text size="sm" c="dimmed" mb="sm">
				{t("smsServer.interfaceHelp")}
			</Text>
			<Asked query={types}>
				{({ body }) => {
					const type = typeNamed(body, smsInterface);
					return (
						type !== undefined && (
							<Asked query={services}>
								{(all) => <Chosen services={all.filter((one) => one.type === smsInterface)} type={type} />}
							</Asked>
						)
					);
				}}
			</Asked>
		</section>
	);
}

function Chosen({ services, type }: { services: readonly MessagingService[]; type: ServiceType }) {
	const { t } = useTranslation("system");
	const { rights } = useSession();
	const { service: wanted } = useSearch({ from: "/smsServer" });
	const navigate = useNavigate();
	const service = services.find(({ id }) => id === wanted) ?? services[0];
	if (service === undefined) {
		return (
			<Empty
				title={t("smsServer.noInterface")}
				action={
					rights.may("create", "messagingService", "every") && (
						<PageLink to="/services/new" search={{ type: smsInterface }} size="md">
							{t("smsServer.addInterface")}
						</PageLink>
					)
				}
			>
				{t("smsServer.noInterfaceHelp")}
			</Empty>
		);
	}
	return (
		<Stack gap="md">
			<Group align="flex-end" gap="md">
				<Select
					label={t("smsServer.service")}
					data={services.map(({ id, name }) => ({ value: id, label: name }))}
					value={service.id}
					onChange={(id) => id !== null && void navigate({ to: "/smsServer", search: { service: id }, replace: true })}
					allowDeselect={false}
					searchable={services.length > 10}
					flex="0 1 24rem"
				/>
				<PageLink to="/services/$id" params={{ id: service.id }} pb={6} size="md">
					{t("smsServer.edit", { name: service.name })}
				</PageLink>
			</Group>
			<Templates service={service} type={type} />
			{service.allowed.includes("modify") ? (
				<PreviewBlock key={service.id} type={type} draft={storedDraft(service)} serviceId={service.id} />
			) : (
				<Text size="sm" c="dimmed">
					{t("smsServer.previewNeedsModify")}
				</Text>
			)}
		</Stack>
	);
}

/** The settings that hold placeholders, as they are stored. */
function Templates({ service, type }: { service: MessagingService; type: ServiceType }) {
	const { t } = useTranslation("system");
	const templates = templatesOf(service, type);
	return (
		<Stack gap="sm">
			<Title order={3} size="h5">
				{t("smsServer.templates")}
			</Title>
			{templates.map(([name, title, text]) => (
				<CodeBlock key={name} label={title} text={text} />
			))}
		</Stack>
	);
}

function templatesOf(service: MessagingService, type: ServiceType): readonly (readonly [string, string, string])[] {
	const properties = (type.fields.settings["properties"] ?? {}) as Readonly<Record<string, FieldSchema>>;
	const connection = type.fields.serviceConnection["title"];
	const entered = Object.entries(properties).flatMap(([name, schema]) => {
		const value = service.settings[name];
		const text = Array.isArray(value) ? value.join("\n") : value;
		return schema["x-template"] === true && typeof text === "string" && text !== ""
			? [[name, schema.title ?? name, text] as const]
			: [];
	});
	return [["serviceConnection", String(connection), service.serviceConnection], ...entered];
}
