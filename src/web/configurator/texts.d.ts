// The English catalogues are the types of all texts: a key that is not there does not compile.

import "i18next";

declare module "i18next" {
	interface CustomTypeOptions {
		defaultNS: false;
		resources: {
			ui: typeof import("#web/ui/texts/en/ui.json");
			shell: typeof import("./texts/en/shell.json");
			services: typeof import("./texts/en/services.json");
			service: typeof import("./texts/en/service.json");
			webhook: typeof import("./texts/en/webhook.json");
			health: typeof import("./texts/en/health.json");
			audit: typeof import("./texts/en/audit.json");
			messages: typeof import("./texts/en/messages.json");
			refused: typeof import("./texts/en/refused.json");
			people: typeof import("./texts/en/people.json");
			account: typeof import("./texts/en/account.json");
			system: typeof import("./texts/en/system.json");
			chats: typeof import("./texts/en/chats.json");
			start: typeof import("./texts/en/start.json");
		};
	}
}
