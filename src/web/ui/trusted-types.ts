// The page forbids texts to become HTML or scripts (Trusted Types). The component library writes its style sheets through
// innerHTML of `<style>`; they hold no markup, and a text that holds markup is refused here as everywhere.

type Policies = { createPolicy(name: string, rules: { createHTML(text: string): string }): unknown };

export function allowPlainText(): void {
	const { trustedTypes } = window as { trustedTypes?: Policies };
	trustedTypes?.createPolicy("default", {
		createHTML(text) {
			if (text.includes("<")) {
				throw new TypeError("Texts do not become markup here.");
			}
			return text;
		},
	});
}
