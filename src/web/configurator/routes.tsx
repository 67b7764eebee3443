// The map of the application: which address shows which screen. Each screen is fetched when it is first opened; what it
// shows (filters, sorting, the chosen tab) stands in the address.

import {
	createBrowserHistory,
	createRootRoute,
	createRoute,
	createRouter,
	lazyRouteComponent,
} from "@tanstack/react-router";
import { basePath } from "#web/api/base.ts";
import { fetchTexts } from "#web/texts/texts.ts";
import { Loading } from "#web/ui/states.tsx";
import { Broken, NotFound } from "./shell/dead-ends.tsx";
import { Frame } from "./shell/frame.tsx";
import { plainSearch, searchOf } from "./shell/search.ts";

const root = createRootRoute({ component: Frame, notFoundComponent: NotFound });

const start = createRoute({
	getParentRoute: () => root,
	path: "/",
	loader: () => fetchTexts("start"),
	component: lazyRouteComponent(() => import("./pages/start/start.tsx"), "StartPage"),
});
const services = createRoute({
	getParentRoute: () => root,
	path: "/services",
	validateSearch: searchOf("find", "state", "type", "sort"),
	loader: () => fetchTexts("services"),
	component: lazyRouteComponent(() => import("./pages/services/list.tsx"), "ServicesPage"),
});
const addService = createRoute({
	getParentRoute: () => root,
	path: "/services/new",
	validateSearch: searchOf("type", "copy", "id", "step", "find"),
	loader: () => fetchTexts("service"),
	component: lazyRouteComponent(() => import("./pages/services/add.tsx"), "AddServicePage"),
});
const service = createRoute({
	getParentRoute: () => root,
	path: "/services/$id",
	validateSearch: searchOf("tab", "step"),
	loader: () => fetchTexts("service"),
	component: lazyRouteComponent(() => import("./pages/services/service.tsx"), "ServicePage"),
});
const messages = createRoute({
	getParentRoute: () => root,
	path: "/messages",
	validateSearch: searchOf("find", "service", "direction", "state", "channel", "conversation", "contact"),
	loader: () => fetchTexts("messages"),
	component: lazyRouteComponent(() => import("./pages/messages/list.tsx"), "MessagesPage"),
});
const message = createRoute({
	getParentRoute: () => root,
	path: "/messages/$id",
	loader: () => fetchTexts("messages"),
	component: lazyRouteComponent(() => import("./pages/messages/message.tsx"), "MessagePage"),
});
const quarantine = createRoute({
	getParentRoute: () => root,
	path: "/quarantine",
	validateSearch: searchOf("service", "reason"),
	loader: () => fetchTexts("refused"),
	component: lazyRouteComponent(() => import("./pages/quarantine/list.tsx"), "QuarantinePage"),
});
const refusedRequest = createRoute({
	getParentRoute: () => root,
	path: "/quarantine/$id",
	loader: () => fetchTexts("refused"),
	component: lazyRouteComponent(() => import("./pages/quarantine/request.tsx"), "RefusedRequestPage"),
});
const parked = createRoute({
	getParentRoute: () => root,
	path: "/parked",
	validateSearch: searchOf("service"),
	loader: () => fetchTexts("refused"),
	component: lazyRouteComponent(() => import("./pages/parked/list.tsx"), "ParkedPage"),
});
const parkedEntry = createRoute({
	getParentRoute: () => root,
	path: "/parked/$id",
	loader: () => fetchTexts("refused"),
	component: lazyRouteComponent(() => import("./pages/parked/entry.tsx"), "ParkedEntryPage"),
});
const health = createRoute({
	getParentRoute: () => root,
	path: "/health",
	validateSearch: searchOf("service", "show"),
	loader: () => fetchTexts("health"),
	component: lazyRouteComponent(() => import("./pages/health/health.tsx"), "HealthPage"),
});
const audit = createRoute({
	getParentRoute: () => root,
	path: "/audit",
	validateSearch: searchOf("userId", "objectType", "objectId", "action", "since", "until"),
	loader: () => fetchTexts("audit"),
	component: lazyRouteComponent(() => import("./pages/audit/audit.tsx"), "AuditPage"),
});
const users = createRoute({
	getParentRoute: () => root,
	path: "/users",
	validateSearch: searchOf("find", "sort", "kind"),
	loader: () => fetchTexts("people"),
	component: lazyRouteComponent(() => import("./pages/users/list.tsx"), "UsersPage"),
});
const user = createRoute({
	getParentRoute: () => root,
	path: "/users/$id",
	validateSearch: searchOf("tab", "external"),
	loader: () => fetchTexts("people"),
	component: lazyRouteComponent(() => import("./pages/users/user.tsx"), "UserPage"),
});
const groups = createRoute({
	getParentRoute: () => root,
	path: "/userGroups",
	validateSearch: searchOf("find", "sort"),
	loader: () => fetchTexts("people"),
	component: lazyRouteComponent(() => import("./pages/bags/list.tsx"), "GroupsPage"),
});
const group = createRoute({
	getParentRoute: () => root,
	path: "/userGroups/$id",
	validateSearch: searchOf("tab"),
	loader: () => fetchTexts("people"),
	component: lazyRouteComponent(() => import("./pages/bags/bag.tsx"), "GroupPage"),
});
const roles = createRoute({
	getParentRoute: () => root,
	path: "/roles",
	validateSearch: searchOf("find", "sort"),
	loader: () => fetchTexts("people"),
	component: lazyRouteComponent(() => import("./pages/bags/list.tsx"), "RolesPage"),
});
const role = createRoute({
	getParentRoute: () => root,
	path: "/roles/$id",
	validateSearch: searchOf("tab"),
	loader: () => fetchTexts("people"),
	component: lazyRouteComponent(() => import("./pages/bags/bag.tsx"), "RolePage"),
});
const tokens = createRoute({
	getParentRoute: () => root,
	path: "/apiTokens",
	loader: () => fetchTexts("people"),
	component: lazyRouteComponent(() => import("./pages/tokens/list.tsx"), "TokensPage"),
});
const smsServer = createRoute({
	getParentRoute: () => root,
	path: "/smsServer",
	validateSearch: searchOf("service"),
	loader: () => fetchTexts("system"),
	component: lazyRouteComponent(() => import("./pages/sms-server/sms-server.tsx"), "SmsServerPage"),
});
const policy = createRoute({
	getParentRoute: () => root,
	path: "/authenticationPolicy",
	loader: () => fetchTexts("system"),
	component: lazyRouteComponent(() => import("./pages/policy/policy.tsx"), "PolicyPage"),
});
const eventWebhooks = createRoute({
	getParentRoute: () => root,
	path: "/eventWebhooks",
	validateSearch: searchOf("find"),
	loader: () => fetchTexts("subscriptions"),
	component: lazyRouteComponent(() => import("./pages/subscriptions/list.tsx"), "EventWebhooksPage"),
});
const eventWebhook = createRoute({
	getParentRoute: () => root,
	path: "/eventWebhooks/$id",
	validateSearch: searchOf("tab", "state", "type"),
	loader: () => fetchTexts("subscriptions", "people"),
	component: lazyRouteComponent(() => import("./pages/subscriptions/hook.tsx"), "EventWebhookPage"),
});
const eventDelivery = createRoute({
	getParentRoute: () => root,
	path: "/eventWebhooks/$id/deliveries/$deliveryId",
	loader: () => fetchTexts("subscriptions"),
	component: lazyRouteComponent(() => import("./pages/subscriptions/delivery.tsx"), "EventDeliveryPage"),
});
const account = createRoute({
	getParentRoute: () => root,
	path: "/account",
	validateSearch: searchOf("tab"),
	loader: () => fetchTexts("account"),
	component: lazyRouteComponent(() => import("./pages/account/account.tsx"), "AccountPage"),
});

const queues = createRoute({
	getParentRoute: () => root,
	path: "/queues",
	validateSearch: searchOf("find"),
	loader: () => fetchTexts("chats"),
	component: lazyRouteComponent(() => import("./pages/chats/list.tsx"), "QueuesPage"),
});
const queue = createRoute({
	getParentRoute: () => root,
	path: "/queues/$id",
	loader: () => fetchTexts("chats"),
	component: lazyRouteComponent(() => import("./pages/chats/object.tsx"), "QueuePage"),
});
const prompts = createRoute({
	getParentRoute: () => root,
	path: "/prompts",
	validateSearch: searchOf("find"),
	loader: () => fetchTexts("chats"),
	component: lazyRouteComponent(() => import("./pages/chats/list.tsx"), "PromptsPage"),
});
const prompt = createRoute({
	getParentRoute: () => root,
	path: "/prompts/$id",
	loader: () => fetchTexts("chats"),
	component: lazyRouteComponent(() => import("./pages/chats/object.tsx"), "PromptPage"),
});
const calendars = createRoute({
	getParentRoute: () => root,
	path: "/calendars",
	validateSearch: searchOf("find"),
	loader: () => fetchTexts("chats"),
	component: lazyRouteComponent(() => import("./pages/chats/list.tsx"), "CalendarsPage"),
});
const calendar = createRoute({
	getParentRoute: () => root,
	path: "/calendars/$id",
	loader: () => fetchTexts("chats"),
	component: lazyRouteComponent(() => import("./pages/chats/object.tsx"), "CalendarPage"),
});
const schedules = createRoute({
	getParentRoute: () => root,
	path: "/schedules",
	validateSearch: searchOf("find"),
	loader: () => fetchTexts("chats"),
	component: lazyRouteComponent(() => import("./pages/chats/list.tsx"), "SchedulesPage"),
});
const schedule = createRoute({
	getParentRoute: () => root,
	path: "/schedules/$id",
	loader: () => fetchTexts("chats"),
	component: lazyRouteComponent(() => import("./pages/chats/object.tsx"), "SchedulePage"),
});
const adHocSchedules = createRoute({
	getParentRoute: () => root,
	path: "/adHocSchedules",
	validateSearch: searchOf("find"),
	loader: () => fetchTexts("chats"),
	component: lazyRouteComponent(() => import("./pages/chats/list.tsx"), "AdHocSchedulesPage"),
});
const adHocSchedule = createRoute({
	getParentRoute: () => root,
	path: "/adHocSchedules/$id",
	loader: () => fetchTexts("chats"),
	component: lazyRouteComponent(() => import("./pages/chats/object.tsx"), "AdHocSchedulePage"),
});
const replyTemplates = createRoute({
	getParentRoute: () => root,
	path: "/replyTemplates",
	validateSearch: searchOf("find"),
	loader: () => fetchTexts("chats"),
	component: lazyRouteComponent(() => import("./pages/chats/list.tsx"), "ReplyTemplatesPage"),
});
const replyTemplate = createRoute({
	getParentRoute: () => root,
	path: "/replyTemplates/$id",
	loader: () => fetchTexts("chats"),
	component: lazyRouteComponent(() => import("./pages/chats/object.tsx"), "ReplyTemplatePage"),
});
const chatSettings = createRoute({
	getParentRoute: () => root,
	path: "/chatSettings",
	loader: () => fetchTexts("chats"),
	component: lazyRouteComponent(() => import("./pages/chats/settings.tsx"), "ChatSettingsPage"),
});

const tree = root.addChildren([
	start,
	services,
	addService,
	service,
	messages,
	message,
	quarantine,
	refusedRequest,
	parked,
	parkedEntry,
	health,
	audit,
	users,
	user,
	groups,
	group,
	roles,
	role,
	tokens,
	smsServer,
	policy,
	eventWebhooks,
	eventWebhook,
	eventDelivery,
	account,
	queues,
	queue,
	prompts,
	prompt,
	calendars,
	calendar,
	schedules,
	schedule,
	adHocSchedules,
	adHocSchedule,
	replyTemplates,
	replyTemplate,
	chatSettings,
]);

export function makeRouter() {
	return createRouter({
		routeTree: tree,
		basepath: basePath === "" ? "/" : basePath,
		history: createBrowserHistory(),
		defaultPreload: "intent",
		defaultPendingComponent: Loading,
		defaultErrorComponent: Broken,
		scrollRestoration: true,
		...plainSearch,
	});
}

declare module "@tanstack/react-router" {
	interface Register {
		router: ReturnType<typeof makeRouter>;
	}
}
