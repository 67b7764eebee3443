// What the server tells the page about itself: the path Parley lives under, and the nonce of the styles it may add.

function metaOf(name: string): HTMLMetaElement | null {
	return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`);
}

/** Empty, or a path such as `/acme`; never ends with a slash. */
export const basePath: string = metaOf("parley-base")?.content ?? "";

/** Browsers hide the attribute and show the property. */
export const styleNonce: string | undefined = metaOf("parley-nonce")?.nonce || undefined;
