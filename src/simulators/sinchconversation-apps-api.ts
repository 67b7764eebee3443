// What the simulated Sinch shows of its project to who may read it: the apps with their channels, and the webhooks of each.

import { type HeardRequest, type HttpReply, jsonReply } from "./kit.ts";
import { bearerRefusal, type SinchAccount, type SinchRefusal } from "./sinchconversation-send-api.ts";

export type ShownChannel = { channel: string; status: "ACTIVE" | "PENDING" | "FAILING" };
export type ShownApp = { id: string; channels: readonly ShownChannel[] };
/** As somebody entered it in the dashboard. An empty secret is none. */
export type ShownWebhook = {
	target: string;
	targetType: "HTTP" | "DISMISS";
	secret: string;
	triggers: readonly string[];
};

export const everyTrigger: readonly string[] = [
	"MESSAGE_INBOUND",
	"MESSAGE_DELIVERY",
	"EVENT_INBOUND",
	"OPT_IN",
	"OPT_OUT",
	"UNSUPPORTED",
];

/** What there is to read. `region`: the only one that has it; undefined: any. `isDenied`: the access key may not. */
export type ShownProject = {
	apps: readonly ShownApp[];
	webhooks: readonly ShownWebhook[];
	region: string | undefined;
	isDenied: boolean;
};
export type Shown = { ok: true; reply: HttpReply } | { ok: false; refusal: SinchRefusal };

export function appsPath({ projectId }: SinchAccount): string {
	return `/v1/projects/${projectId}/apps`;
}

export function webhooksPath(account: SinchAccount): string {
	return `${appsPath(account)}/${account.appId}/webhooks`;
}

/** Undefined: the request is none that reads these. */
export function readProject(request: HeardRequest, account: SinchAccount, project: ShownProject): Shown | undefined {
	const resource = { [appsPath(account)]: listApps, [webhooksPath(account)]: listWebhooks }[request.path];
	if (request.method !== "GET" || resource === undefined) {
		return undefined;
	}
	const refusal = bearerRefusal(request, account) ?? projectRefusal(request, project);
	return refusal === undefined ? { ok: true, reply: resource(project, account) } : { ok: false, refusal };
}

function projectRefusal({ headers }: HeardRequest, { region, isDenied }: ShownProject): SinchRefusal | undefined {
	if (region !== undefined && headers.host?.startsWith(`${region}.`) !== true) {
		return { status: 404, word: "NOT_FOUND", message: "The project is unknown in this region." };
	}
	return isDenied ? { status: 403, word: "PERMISSION_DENIED", message: "The access key may not do this." } : undefined;
}

/** With the credentials of the channels, as Sinch shows them: nothing for other people's eyes. */
function listApps({ apps }: ShownProject): HttpReply {
	const shown = apps.map(({ id, channels }) => ({
		id,
		display_name: "Parley",
		processing_mode: "DISPATCH",
		channel_credentials: channels.map(({ channel, status }) => ({
			channel,
			static_bearer: { claimed_identity: `${channel} of the simulator`, token: "token-of-a-channel" },
			callback_secret: "",
			state: { status, description: "" },
		})),
	}));
	return jsonReply(200, { apps: shown });
}

function listWebhooks({ webhooks }: ShownProject, { appId }: SinchAccount): HttpReply {
	const shown = webhooks.map(({ target, targetType, secret, triggers }, index) => ({
		id: `01WEBHOOK${index}`,
		app_id: appId,
		target,
		target_type: targetType,
		secret,
		triggers,
		client_credentials: null,
	}));
	return jsonReply(200, { webhooks: shown });
}
