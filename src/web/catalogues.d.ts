// The English catalogues are the types of all texts: a key that is not there does not compile.

import "i18next";

declare module "i18next" {
	interface CustomTypeOptions {
		defaultNS: false;
		resources: {
			desk: typeof import("#web/desk/texts/en/desk.json");
			ui: typeof import("#web/ui/texts/en/ui.json");
			shell: typeof import("#web/configurator/texts/en/shell.json");
			services: typeof import("#web/configurator/texts/en/services.json");
			service: typeof import("#web/configurator/texts/en/service.json");
			webhook: typeof import("#web/configurator/texts/en/webhook.json");
			health: typeof import("#web/configurator/texts/en/health.json");
			audit: typeof import("#web/configurator/texts/en/audit.json");
			messages: typeof import("#web/configurator/texts/en/messages.json");
			refused: typeof import("#web/configurator/texts/en/refused.json");
			people: typeof import("#web/configurator/texts/en/people.json");
			account: typeof import("#web/configurator/texts/en/account.json");
			system: typeof import("#web/configurator/texts/en/system.json");
			subscriptions: typeof import("#web/configurator/texts/en/subscriptions.json");
			chats: typeof import("#web/configurator/texts/en/chats.json");
			start: typeof import("#web/configurator/texts/en/start.json");
		};
	}
}
