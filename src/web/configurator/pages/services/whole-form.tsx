// Everything an administrator enters for a service on one page: basics, authentications, further settings.

import { Stack } from "@mantine/core";
import type { ReactNode } from "react";
import type { MessagingService } from "#web/api/objects.ts";
import { AuthenticationsBlock } from "../../blocks/authentications-block.tsx";
import { BasicsBlock } from "../../blocks/basics-block.tsx";
import { SettingsBlock } from "../../blocks/settings-block.tsx";
import type { DraftForm } from "../../blocks/use-draft-form.ts";
import { Preview, TypeNotes } from "./basics-panel.tsx";
import "../../blocks/service-form.css";

export function WholeForm({
	form,
	service,
	children,
}: {
	form: DraftForm;
	service?: MessagingService;
	children: ReactNode;
}) {
	return (
		<div className="service-form">
			<Stack gap="xl">
				<BasicsBlock form={form} />
				<AuthenticationsBlock form={form} service={service} />
				<SettingsBlock form={form} />
				<Preview form={form} {...(service === undefined ? {} : { serviceId: service.id })} />
				{children}
			</Stack>
			<TypeNotes type={form.type} />
		</div>
	);
}
