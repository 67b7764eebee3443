// XML from outside as plain values: elements by name, attributes by `@name`, text as it is. A document type is refused, so
// no entity of the sender's own exists; names that would touch a prototype and nesting without end are refused too.

import { XMLParser, XMLValidator } from "fast-xml-parser";

const nestedMax = 50;
const unitsMax = 262_144; // A thousand short messages. Two million of them would hold the process up for a second.
const reader = new XMLParser({
	ignoreAttributes: false,
	attributeNamePrefix: "@",
	textNodeName: "#text",
	ignoreDeclaration: true,
	ignorePiTags: true,
	parseTagValue: false,
	parseAttributeValue: false,
	trimValues: false,
	htmlEntities: true, // Only with it are numeric references read.
	maxNestedTags: nestedMax,
});

/** The document's element by its name, or undefined when it is no well-formed XML of ours. Never throws. */
export function readXml(text: string): Readonly<Record<string, unknown>> | undefined {
	const document = text.replace(/^\uFEFF/, "");
	if (document.length > unitsMax || /<!DOCTYPE/i.test(document) || !document.trimStart().startsWith("<")) {
		return undefined;
	}
	try {
		const tree = XMLValidator.validate(document) === true ? (reader.parse(document) as unknown) : undefined;
		return isOneElement(tree) ? tree : undefined;
	} catch (error) {
		// The parser throws plain errors for what it refuses.
		if (error instanceof Error) {
			return undefined;
		}
		throw error;
	}
}

/** The validator lets a second root pass. */
function isOneElement(tree: unknown): tree is Readonly<Record<string, unknown>> {
	const names = typeof tree === "object" && tree !== null ? Object.keys(tree) : [];
	return names.filter((name) => name !== "#text").length === 1;
}
