// The one-time page of the first start: makes the first administrator. Its address is printed where the server starts.

import type { FastifyInstance, FastifyReply } from "fastify";
import { passwordProblem } from "#platform/passwords.ts";
import { logonName, nameLine } from "#platform/text-patterns.ts";
import { Problem } from "#platform/problems.ts";
import type { RestDeps } from "./deps.ts";
import { formBytesMax, isForm, readFields, refuseForeignPost } from "./forms.ts";
import { html } from "./html.ts";
import { field, sendPage } from "./page.ts";

const names = ["firstName", "surname", "login", "password"] as const;
/** Of the form. */
const again = "passwordAgain";
type Name = (typeof names)[number] | typeof again;
type Person = Record<Name, string>;
type Errors = Partial<Record<Name, string>>;

export function addBootstrapPage(scope: FastifyInstance, deps: RestDeps): void {
	const { basePath, publicBaseUrl } = deps.settings;
	const { bootstrap } = deps.identity;
	scope.get<{ Params: { token: string } }>("/bootstrap/:token", async (request, reply) => {
		const { token } = request.params;
		return (await bootstrap.isOpenFor(token)) ? sendForm(reply, basePath, { token }) : sendClosed(reply, basePath);
	});
	scope.post<{ Params: { token: string } }>(
		"/bootstrap/:token",
		{ bodyLimit: formBytesMax },
		async (request, reply) => {
			refuseForeignPost(request, publicBaseUrl);
			const { token } = request.params;
			const person = readFields(request.body, names, [again]);
			const errors = mistakesIn(person, isForm(request));
			if (Object.keys(errors).length > 0) {
				return isForm(request) ? sendForm(reply, basePath, { token, person, errors }) : refuse(errors);
			}
			const id = await bootstrap.create(token, person);
			if (id === undefined) {
				return isForm(request) ? sendClosed(reply, basePath) : refuseClosed();
			}
			return isForm(request) ? reply.redirect(`${basePath}/login`, 303) : reply.code(201).send({ id });
		},
	);
}

/** A person types unseen and so twice; a program does not. */
function mistakesIn(person: Person, isTyped: boolean): Errors {
	const errors: Errors = {};
	for (const name of ["firstName", "surname"] as const) {
		if (person[name] === "" || person[name].length > 400 || !new RegExp(nameLine, "u").test(person[name])) {
			errors[name] = "Enter 1 to 400 characters.";
		}
	}
	if (!new RegExp(logonName, "u").test(person.login) || person.login.length > 100) {
		errors.login = "Use letters, digits and . _ @ + - only, at most 100.";
	}
	const problem = passwordProblem(person.password, person.login);
	if (problem !== undefined) {
		errors.password = problem;
	} else if (isTyped && person.passwordAgain !== person.password) {
		errors.passwordAgain = "This is another password than above.";
	}
	return errors;
}

function refuse(errors: Errors): never {
	const list = Object.entries(errors).map(([name, message]) => ({ pointer: `/${name}`, message }));
	throw new Problem("invalid_body", "The administrator cannot be made like this.", list);
}

const closedText =
	"This address does not work any more: it is used up, older than 30 minutes, or there are users already.";

function refuseClosed(): never {
	throw new Problem("not_found", closedText);
}

function sendClosed(reply: FastifyReply, basePath: string): FastifyReply {
	const body = html`<p>${closedText}</p>
		<p>
			While there is no user, a restart of the server prints a new address. Otherwise
			<a href="${basePath}/login">sign in</a>.
		</p>`;
	return sendPage(reply, 404, { title: "Address used up", basePath, body });
}

function sendForm(
	reply: FastifyReply,
	basePath: string,
	form: { token: string; person?: Person; errors?: Errors },
): FastifyReply {
	const { token, person, errors = {} } = form;
	const text = (name: Name, label: string, autocomplete: string) =>
		field({ name, label, type: "text", autocomplete, value: person?.[name] ?? "", error: errors[name] });
	const fields = [
		text("firstName", "First Name", "given-name"),
		text("surname", "Last Name", "family-name"),
		text("login", "Logon Name", "username"),
		field({
			name: "password",
			label: "Password",
			type: "password",
			autocomplete: "new-password",
			hint: "At least 12 characters.",
			error: errors.password,
		}),
		field({
			name: "passwordAgain",
			label: "Password, once more",
			type: "password",
			autocomplete: "new-password",
			error: errors.passwordAgain,
		}),
	];
	const alert =
		form.errors === undefined
			? undefined
			: html`<p role="alert" class="error">Nothing was stored yet. Correct the marked fields.</p>`;
	const body = html`${alert}
		<p>This account will hold every right. It is the only way in until it makes others.</p>
		<form method="post" action="${basePath}/bootstrap/${token}">
			${fields}<button type="submit">Create administrator</button>
		</form>`;
	return sendPage(reply, form.errors === undefined ? 200 : 400, { title: "First administrator", basePath, body });
}
