// The OpenAPI 3.1 documents: made from the same routes that are served, so they cannot say anything else.

import fastifySwagger from "@fastify/swagger";
import fastify from "fastify";
import type { Route } from "./route.ts";
import { schemaOf } from "./serve.ts";

export type InterfaceName = "rci" | "cmi";

const titles: Readonly<Record<InterfaceName, string>> = {
	rci: "Parley Restful Configuration Interface (RCI)",
	cmi: "Parley RESTful Contact Management Interface (CMI)",
};

const problem = {
	$id: "Problem",
	type: "object",
	description: "RFC 9457. What each code means: /RI/docs/problems.",
	required: ["type", "title", "status", "detail", "code"],
	properties: {
		type: { type: "string" },
		title: { type: "string" },
		status: { type: "integer" },
		detail: { type: "string" },
		code: { type: "string" },
		correlationId: { type: "string" },
		errors: {
			type: "array",
			items: {
				type: "object",
				required: ["pointer", "message"],
				properties: { pointer: { type: "string" }, message: { type: "string" } },
			},
		},
	},
};

const file = {
	description: "The file.",
	content: { "*/*": { schema: { type: "string", format: "binary" } } },
};

const securitySchemes = {
	basic: { type: "http", scheme: "basic", description: "A user with the rights the call needs." },
	bearer: { type: "http", scheme: "bearer", description: "An API token, parley_…" },
	cookie: { type: "apiKey", in: "cookie", name: "__Host-sid", description: "A browser's session; own pages only." },
} as const;

/** Made with an instance that serves nobody. */
export async function openApiOf(name: InterfaceName, routes: readonly Route[], basePath: string): Promise<object> {
	const app = fastify({ exposeHeadRoutes: false });
	app.setValidatorCompiler(() => () => true);
	app.setSerializerCompiler(() => (value) => JSON.stringify(value));
	app.addSchema(problem);
	await app.register(fastifySwagger, {
		openapi: {
			openapi: "3.1.0",
			info: { title: titles[name], version: "1.0.0" },
			servers: [{ url: `${basePath}/RI/${name}` }],
			components: { securitySchemes },
		},
		refResolver: { buildLocalReference: (json) => (json["$id"] === problem.$id ? problem.$id : "Schema") },
	});
	await app.register((scope, _options, done) => {
		for (const route of routes) {
			scope.route({
				method: route.method,
				url: route.path,
				schema: described(name, route),
				handler: () => undefined,
			});
		}
		done();
	});
	await app.ready();
	const document = app.swagger();
	await app.close();
	markOptionalBodies(document as Described);
	return document;
}

/** A body that may be null may be left out: what is not there is validated as null. */
function markOptionalBodies({ paths = {} }: Described): void {
	for (const operation of Object.values(paths).flatMap((path) => Object.values(path))) {
		const schema = operation.requestBody?.content?.["application/json"]?.schema;
		if (operation.requestBody !== undefined && schema?.anyOf?.some(({ type }) => type === "null") === true) {
			operation.requestBody.required = false;
		}
	}
}

type Body = {
	required?: boolean;
	content?: Readonly<Record<string, { schema?: { anyOf?: readonly { type?: string }[] } }>>;
};
type Described = { paths?: Readonly<Record<string, Readonly<Record<string, { requestBody?: Body }>>>> };

function described(name: InterfaceName, route: Route): Record<string, unknown> {
	const { querystring, ...schema } = schemaOf(route);
	return {
		...schema,
		...(route.takesFile === true ? { body: route.body, consumes: ["*/*"] } : {}),
		...(route.query === undefined ? {} : { querystring }),
		...headersOf(route),
		summary: route.summary,
		...(route.description === undefined ? {} : { description: route.description }),
		operationId: operationId(name, route),
		tags: [route.path.split("/")[1] ?? ""],
		security: route.needs.who === "anybody" ? [] : Object.keys(securitySchemes).map((scheme) => ({ [scheme]: [] })),
		"x-parley-needs": route.needs,
		response: {
			[route.status]:
				route.answersFile === true ? file : (route.reply ?? { description: "Done; no body.", type: "null" }),
			default: {
				description: "A problem.",
				content: { "application/problem+json": { schema: { $ref: "Problem#" } } },
			},
		},
	};
}

function headersOf(route: Route): { headers?: object } {
	const properties = {
		...(route.idempotent === true
			? { "idempotency-key": { type: "string", minLength: 1, maxLength: 255, description: "Kept for 24 hours." } }
			: {}),
		...(route.method === "GET" || route.method === "POST"
			? {}
			: { "if-match": { type: "string", description: "The ETag the caller has seen." } }),
	};
	return Object.keys(properties).length === 0 ? {} : { headers: { type: "object", properties } };
}

/** `GET /users/:id/roles` → `getUsersIdRoles`; steady, so that generated clients keep their names. */
function operationId(name: InterfaceName, { method, path }: Route): string {
	const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
	const joined = words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join("");
	return `${name}${method.charAt(0)}${method.slice(1).toLowerCase()}${joined}`;
}
