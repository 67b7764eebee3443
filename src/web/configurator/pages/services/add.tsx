// A new messaging service in steps: its type, its form, how the provider proves itself, what to enter there, and whether it
// works. The step stands in the address; after the form everything is stored, so that one may leave at any time.

import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { MessagingService, ServiceType } from "#web/api/objects.ts";
import type { Answer } from "#web/api/read.ts";
import { PageLink } from "#web/ui/page-link.tsx";
import { Page } from "#web/ui/page.tsx";
import { Asked, Empty, NoRight } from "#web/ui/states.tsx";
import { Steps } from "#web/ui/steps.tsx";
import { copyOf, emptyDraft } from "../../blocks/draft.ts";
import { serviceQuery, typeNamed, typesQuery } from "../../blocks/service-queries.ts";
import { useSession } from "../../shell/session.tsx";
import { LaterSteps } from "./add-later.tsx";
import { NewServiceForm } from "./new-service-form.tsx";
import { TypeCards } from "./type-cards.tsx";

const steps = ["type", "form", "incoming", "webhook", "check"] as const;
export type StepName = (typeof steps)[number];

export function AddServicePage() {
	const { t } = useTranslation("service");
	const { rights } = useSession();
	const { type, copy, id } = useSearch({ from: "/services/new" });
	const types = useQuery(typesQuery);
	const stored = useQuery({ ...serviceQuery(id ?? ""), enabled: id !== undefined });
	const crumbs = [{ label: t("services"), to: "/services" }] as const;
	if (!rights.may("create", "messagingService", "every") && id === undefined) {
		return (
			<Page title={t("add.title")} crumbs={crumbs}>
				<NoRight reason={t("add.noRight")} />
			</Page>
		);
	}
	const chosen = typeNamed(types.data?.body ?? [], type ?? stored.data?.body.type);
	return (
		<Page
			title={chosen === undefined ? t("add.title") : t("add.titleOf", { type: chosen.label })}
			lead={type === undefined && copy === undefined && id === undefined ? t("add.chooseLead") : undefined}
			crumbs={crumbs}
		>
			<Way />
			<Asked query={types}>{({ body }) => <Content types={body} />}</Asked>
		</Page>
	);
}

function useStep(): StepName {
	const { type, copy, id, step } = useSearch({ from: "/services/new" });
	if (id !== undefined) {
		return steps.find((one) => one === step && one !== "type") ?? "form";
	}
	return type === undefined && copy === undefined ? "type" : "form";
}

function Way() {
	const { t } = useTranslation("service");
	const navigate = useNavigate({ from: "/services/new" });
	const { id, type, copy } = useSearch({ from: "/services/new" });
	const current = useStep();
	const goTo = (key: string) => {
		const step = steps.find((one) => one === key);
		if (step === "type" || id === undefined) {
			const isOpen = step === "type" && id === undefined && (type ?? copy) !== undefined;
			return isOpen ? () => void navigate({ search: {} }) : undefined;
		}
		return () => void navigate({ search: (old) => ({ ...old, step: key }) });
	};
	return (
		<Steps
			label={t("steps.label")}
			steps={steps.map((key) => ({ key, label: t(`steps.${key}`) }))}
			current={current}
			goTo={goTo}
		/>
	);
}

function Content({ types }: { types: readonly ServiceType[] }) {
	const { type: name, copy, id } = useSearch({ from: "/services/new" });
	const step = useStep();
	if (id !== undefined) {
		return <Stored id={id} types={types} step={step} />;
	}
	if (copy !== undefined) {
		return <Copy id={copy} types={types} />;
	}
	if (name === undefined) {
		return <TypeCards types={types} />;
	}
	const type = typeNamed(types, name);
	return type === undefined ? (
		<UnknownType name={name} />
	) : (
		<NewServiceForm key={name} type={type} start={() => emptyDraft(type)} />
	);
}

function UnknownType({ name }: { name: string }) {
	const { t } = useTranslation("service");
	return (
		<Empty
			title={t("add.unknownType", { type: name })}
			action={
				<PageLink to="/services/new" size="md">
					{t("add.chooseOther")}
				</PageLink>
			}
		>
			{t("add.unknownTypeLead")}
		</Empty>
	);
}

function Copy({ id, types }: { id: string; types: readonly ServiceType[] }) {
	const { t } = useTranslation("service");
	const original = useQuery(serviceQuery(id));
	return (
		<Asked query={original}>
			{({ body: service }) => {
				const type = typeNamed(types, service.type);
				const start = (of: ServiceType) => copyOf(service, of, t("add.copyName", { name: service.name }));
				return type === undefined ? (
					<UnknownType name={service.type} />
				) : (
					<Stack>
						<Text>
							<strong>{t("add.copyTitle", { name: service.name })}</strong> {t("add.copyLead")}
						</Text>
						<NewServiceForm key={id} type={type} start={() => start(type)} />
					</Stack>
				);
			}}
		</Asked>
	);
}

type StoredProps = { id: string; types: readonly ServiceType[]; step: StepName };

function Stored({ id, types, step }: StoredProps) {
	const service = useQuery(serviceQuery(id));
	return (
		<Asked query={service}>
			{(answer: Answer<MessagingService>) => {
				const type = typeNamed(types, answer.body.type);
				return type === undefined ? (
					<UnknownType name={answer.body.type} />
				) : (
					<LaterSteps key={id} type={type} answer={answer} step={step} />
				);
			}}
		</Asked>
	);
}
