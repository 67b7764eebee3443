// Elements by a few words. Texts become text nodes, never markup.

type Attributes = Readonly<Record<string, string | boolean | ((event: Event) => void)>>;

export function make<Name extends keyof HTMLElementTagNameMap>(
	name: Name,
	attributes: Attributes = {},
	...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
	const element = document.createElement(name);
	for (const [key, value] of Object.entries(attributes)) {
		if (typeof value === "function") {
			element.addEventListener(key, value);
		} else if (typeof value === "boolean") {
			element.toggleAttribute(key, value);
		} else {
			element.setAttribute(key, value);
		}
	}
	element.append(...children);
	return element;
}
