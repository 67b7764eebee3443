// What to do next about a messaging service: a short link to the place where it is done. The server's sentence says why.

import { type LinkProps } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { ServiceState } from "#web/api/objects.ts";
import { PageLink } from "#web/ui/page-link.tsx";

type Step = "complete" | "credentials" | "check" | "look" | "refused" | "enable";

/** By state. Refused calls are the one reason for `degraded` that is mended elsewhere. */
export function stepFor(state: ServiceState, because: string): Step | undefined {
	switch (state) {
		case "draft":
			return "complete";
		case "unauthorised":
			return "credentials";
		case "connecting":
		case "failing":
			return "check";
		case "degraded":
			return /\brefused\b/.test(because) ? "refused" : "look";
		case "paused":
			return "enable";
		case "ready":
			return undefined;
	}
}

function placeOf(step: Step, id: string): Pick<LinkProps, "to" | "params" | "search"> {
	switch (step) {
		case "refused":
			return { to: "/quarantine", search: { service: id } };
		case "look":
			return { to: "/health", search: { service: id } };
		case "complete":
		case "enable":
			return { to: "/services/$id", params: { id }, search: {} };
		case "credentials":
			return { to: "/services/$id", params: { id }, search: { tab: "authentications" } };
		case "check":
			return { to: "/services/$id", params: { id }, search: { tab: "check" } };
	}
}

type NextStepProps = {
	id: string;
	name: string;
	state: ServiceState;
	because: string;
	action: string | null;
	/** Who may not is shown only where there is something to look at. */
	mayModify: boolean;
	/** One is there already, where one would look closer: the check comes next. */
	isCloser?: boolean;
};

const looks: ReadonlySet<Step | undefined> = new Set(["look", "refused"]);

export function NextStep({ id, name, state, because, action, mayModify, isCloser = false }: NextStepProps) {
	const { t } = useTranslation("services");
	const first = stepFor(state, because);
	const step = isCloser && first === "look" ? "check" : first;
	if (action === null || step === undefined || (!mayModify && !looks.has(step))) {
		return null;
	}
	return (
		<PageLink {...placeOf(step, id)} title={action} aria-label={t("stepFor", { step: t(`steps.${step}`), name })}>
			{t(`steps.${step}`)}
		</PageLink>
	);
}
