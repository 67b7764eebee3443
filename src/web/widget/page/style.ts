// The style of button and dialog. It stands in a shadow tree: nothing of the page reaches it, nothing of it the page.

export const smallScreen = "(max-width: 30rem), (max-height: 30rem)";

export const style = `
	:host { all: initial; }
	.launcher {
		position: fixed; inset-block: auto 1rem; inset-inline: auto 1rem; inline-size: 3.5rem; block-size: 3.5rem;
		display: grid; place-items: center; padding: 0; border: 2px solid #fff; border-radius: 50%;
		background: #1c5f8a; color: #fff; cursor: pointer; z-index: 2147483000; box-shadow: 0 2px 8px #0006;
	}
	.launcher:focus-visible { outline: 3px solid #1c5f8a; outline-offset: 2px; }
	.launcher svg { inline-size: 1.75rem; block-size: 1.75rem; fill: none; stroke: currentColor; stroke-width: 2; }
	.badge {
		position: absolute; inset-block-start: -0.4rem; inset-inline-end: -0.4rem; min-inline-size: 1.5rem;
		block-size: 1.5rem; box-sizing: border-box; padding-inline: 0.3rem; border-radius: 0.75rem; background: #b00020;
		color: #fff; font: 600 0.85rem/1.5rem system-ui, sans-serif; text-align: center;
	}
	.badge[hidden] { display: none; }
	.unseen { position: fixed; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
	dialog {
		position: fixed; inset-block: auto 5.25rem; inset-inline: auto 1rem; margin: 0; padding: 0; overflow: hidden;
		inline-size: min(24rem, calc(100vw - 2rem)); block-size: min(36rem, calc(100vh - 6.5rem));
		max-inline-size: none; max-block-size: none; border: 1px solid #8888; border-radius: 12px;
		background: Canvas; z-index: 2147483000; color-scheme: light dark; box-sizing: border-box;
	}
	iframe { display: block; inline-size: 100%; block-size: 100%; border: 0; color-scheme: light dark; }
	:host([data-dock~="top"]) .launcher { inset-block: 1rem auto; }
	:host([data-dock~="top"]) dialog { inset-block: 5.25rem auto; }
	:host([data-dock~="left"]) .launcher, :host([data-dock~="left"]) dialog { left: 1rem; right: auto; }
	:host([data-dock~="right"]) .launcher, :host([data-dock~="right"]) dialog { left: auto; right: 1rem; }
	@media ${smallScreen} {
		:host dialog[open] {
			inset: 0; inline-size: 100vw; block-size: 100vh; block-size: 100dvh; border: 0; border-radius: 0;
		}
	}
`;
