// The message catalogues: which languages there are, which one counts, and how a screen's catalogue is fetched.
// A catalogue is a JSON file `texts/<language>/<namespace>.json`; English is complete and is what the types are made of.

import i18next, { type BackendModule, type i18n } from "i18next";
import { initReactI18next } from "react-i18next";
import { recall, remember } from "#web/api/remembered.ts";

export const languages = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof languages;

type Catalogue = Readonly<Record<string, unknown>>;
/** By path, as Vite's `import.meta.glob` gives them. */
type Catalogues = Readonly<Record<string, () => Promise<Catalogue>>>;

const remembered = "parley.language";

function preferredLanguage(): Language {
	return knownAmong([recall(remembered), ...navigator.languages]) ?? "en";
}

function knownAmong(wishes: readonly (string | null)[]): Language | undefined {
	const known = wishes.map((wish) => (wish ?? "").slice(0, 2).toLowerCase()).find((wish) => wish in languages);
	return known as Language | undefined;
}

export async function openTexts(catalogues: Catalogues, namespaces: readonly string[]): Promise<i18n> {
	await i18next
		.use(catalogueBackend(catalogues))
		.use(initReactI18next)
		.init({
			lng: preferredLanguage(),
			fallbackLng: "en",
			ns: [...namespaces],
			defaultNS: false,
			interpolation: { escapeValue: false }, // React writes text nodes; nothing becomes HTML.
			react: { useSuspense: true },
		});
	applyLanguage(i18next.language);
	i18next.on("languageChanged", applyLanguage);
	return i18next;
}

/** So that they come together with the screen that needs them, not after it. What fails here is asked again by the screen. */
export async function fetchTexts(...namespaces: readonly string[]): Promise<void> {
	await i18next.loadNamespaces(namespaces);
}

export async function chooseLanguage(language: Language): Promise<void> {
	remember(remembered, language);
	await i18next.changeLanguage(language);
}

/** What is kept for the person counts where nothing was chosen in this browser. */
export async function adoptLanguage(wish: string | null): Promise<void> {
	const language = knownAmong([wish]);
	if (language !== undefined && recall(remembered) === null && language !== i18next.language) {
		await i18next.changeLanguage(language);
	}
}

function applyLanguage(language: string): void {
	document.documentElement.lang = language;
}

function catalogueBackend(catalogues: Catalogues): BackendModule {
	return {
		type: "backend",
		init() {},
		read(language, namespace, callback) {
			const path = Object.keys(catalogues).find((name) => name.endsWith(`/${language}/${namespace}.json`));
			const load = path === undefined ? undefined : catalogues[path];
			if (load === undefined) {
				callback(new Error(`There is no catalogue ${language}/${namespace}.`), false);
				return;
			}
			load().then(
				(catalogue) => callback(null, catalogue),
				(error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), false),
			);
		},
	};
}
