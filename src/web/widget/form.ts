// The form before a chat: who one is, what the page wants to know, and whom one wants to reach.

import { make } from "./dom.ts";
import type { Talk } from "./talk.ts";
import type { Texts } from "./texts.ts";
import type { Demand, Field, Wishes } from "./wishes.ts";

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
/** `isOf` names what the control asks: `name`, `email`, `queue`, or a field of the page's. */
type Question = { isOf: string; row: HTMLElement; control: Control; read(): string };
/** What was written, by question: a form that is drawn anew has it again. */
export type Written = Map<string, string>;

export type FormParts = { talk: Talk; wishes: Wishes; texts: Texts; written: Written };

export function startForm({ talk, wishes, texts, written }: FormParts): HTMLElement {
	const { queues, form } = wishes;
	if (queues.length === 0) {
		return make("div", { class: "form" }, make("p", {}, texts.noQueue));
	}
	const questions = questionsOf(wishes, texts);
	for (const { isOf, control } of questions) {
		fillIn(control, written.get(isOf));
		control.addEventListener("input", () => written.set(isOf, valueOf(control)));
	}
	const submit = make("button", { type: "submit", class: "main" }, texts.start);
	const answer = (isOf: string): string => questions.find((one) => one.isOf === isOf)?.read() ?? "";
	const onSubmit = (event: Event): void => {
		event.preventDefault();
		if (!areAnswered(questions, texts)) {
			return;
		}
		const { user } = wishes;
		const answers = form.fields.map(({ name }) => [name, answer(`field ${name}`)]);
		void talk.start({
			person: {
				name: form.name === "hidden" ? user.name : answer("name"),
				email: form.email === "hidden" ? user.email : answer("email"),
			},
			address: answer("queue") || (queues[0]?.address ?? ""),
			answers: Object.fromEntries(answers.filter(([, value]) => value !== "")) as Record<string, string>,
		});
	};
	return make(
		"form",
		{ class: "form", novalidate: true, submit: onSubmit },
		make("p", {}, form.lead === "" ? texts.lead : form.lead),
		...questions.map(({ row }) => row),
		submit,
	);
}

function questionsOf({ queues, user, form }: Wishes, texts: Texts): Question[] {
	const name = make("input", { name: "name", autocomplete: "name", maxlength: "100", value: user.name });
	const attributes = { name: "email", type: "email", autocomplete: "email", maxlength: "254", value: user.email };
	const queue = make(
		"select",
		{ name: "queue" },
		...queues.map((one) => make("option", { value: one.address }, one.name ?? one.address)),
	);
	return [
		...asked("name", form.name, { label: texts.name, control: name }),
		...asked("email", form.email, { label: texts.email, control: make("input", attributes) }),
		...(queues.length > 1 ? [question("queue", texts.queue, queue)] : []),
		...form.fields.map((field) => {
			const control = controlOf(field, texts);
			control.required = field.isRequired;
			return question(`field ${field.name}`, field.label, control);
		}),
	];
}

function asked(isOf: string, demand: Demand, { label, control }: { label: string; control: Control }): Question[] {
	control.required = demand === "required";
	return demand === "hidden" ? [] : [question(isOf, label, control)];
}

function controlOf({ name, kind, options }: Field, texts: Texts): Control {
	switch (kind) {
		case "textarea":
			return make("textarea", { name, rows: "3", maxlength: "2000" });
		case "select":
			return make(
				"select",
				{ name },
				make("option", { value: "" }, texts.choose),
				...options.map((option) => make("option", { value: option }, option)),
			);
		case "checkbox":
			return make("input", { name, type: "checkbox" });
		case "text":
		case "email":
		case "tel":
			return make("input", { name, type: kind, maxlength: "500" });
	}
}

function question(isOf: string, label: string, control: Control): Question {
	const id = `q-${isOf.replaceAll(/\W/g, "-")}`;
	control.id = id;
	control.setAttribute("aria-describedby", `${id}-trouble`);
	const trouble = make("small", { class: "trouble", id: `${id}-trouble` });
	const isCheckbox = control.type === "checkbox";
	const star = control.required ? [make("span", { "aria-hidden": "true" }, " *")] : [];
	const text = make("label", { for: id }, label, ...star);
	const row = make(
		"div",
		{ class: isCheckbox ? "row check" : "row" },
		...(isCheckbox ? [control, text] : [text, control]),
		trouble,
	);
	return { isOf, row, control, read: () => valueOf(control).trim() };
}

/** Says at each question what is wrong, and goes to the first. */
function areAnswered(questions: readonly Question[], texts: Texts): boolean {
	const wrong = questions.filter(({ control, row }) => {
		const { validity } = control;
		const trouble = validity.valid ? "" : validity.typeMismatch ? texts.badEmail : texts.required;
		row.querySelector(".trouble")?.replaceChildren(trouble);
		control.setAttribute("aria-invalid", String(trouble !== ""));
		return trouble !== "";
	});
	wrong[0]?.control.focus();
	return wrong.length === 0;
}

function valueOf(control: Control): string {
	return control instanceof HTMLInputElement && control.type === "checkbox"
		? control.checked
			? "yes"
			: ""
		: control.value;
}

function fillIn(control: Control, value: string | undefined): void {
	if (value === undefined) {
		return;
	}
	if (control instanceof HTMLInputElement && control.type === "checkbox") {
		control.checked = value !== "";
	} else {
		control.value = value;
	}
}
