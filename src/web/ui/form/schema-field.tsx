// One field, drawn from its schema: label, help beside it, example, and the mistake the server named.

import { NumberInput, PasswordInput, Select, Switch, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { choicesOf, type FieldSchema, kindOf } from "./schema.ts";

type SchemaFieldProps = {
	/** The field's id in the page, made from its JSON pointer. */
	id: string;
	schema: FieldSchema;
	value: unknown;
	onChange: (value: unknown) => void;
	mistake?: string | undefined;
	isReadOnly?: boolean;
	isRequired?: boolean;
	/** Of a stored secret, for example: it stays when nothing is entered. */
	placeholder?: string;
};

type Words = { label: string; description: string | undefined; placeholder: string | undefined };

export function SchemaField(props: SchemaFieldProps) {
	const words = useWords(props);
	const frame = {
		id: props.id,
		error: props.mistake,
		...words,
		required: props.isRequired ?? false,
		inputWrapperOrder,
	};
	switch (kindOf(props.schema)) {
		case "switch":
			return <SwitchField {...props} words={words} />;
		case "choice":
			return <ChoiceField {...props} frame={frame} />;
		case "number":
			return <NumberField {...props} frame={frame} />;
		case "list":
			return <ListField {...props} frame={frame} />;
		case "long":
		case "secret":
		case "text":
			return <TextField {...props} frame={frame} />;
	}
}

type Framed = SchemaFieldProps & { frame: Words & { id: string; error: string | undefined; required: boolean } };

function ChoiceField({ schema, value, onChange, isReadOnly = false, frame }: Framed) {
	return (
		<Select
			{...frame}
			data={[...choicesOf(schema)]}
			value={toText(value ?? schema.default)}
			onChange={(chosen) => chosen !== null && onChange(chosen)}
			allowDeselect={false}
			readOnly={isReadOnly}
		/>
	);
}

function NumberField({ schema, value, onChange, isReadOnly = false, frame }: Framed) {
	// "12." is on its way to 12.5: what is typed is shown as long as it says the number that is held.
	const [typed, setTyped] = useState<number | string>("");
	const held = typeof value === "number" ? value : undefined;
	return (
		<NumberInput
			{...frame}
			value={numberIn(typed) === held ? typed : (held ?? "")}
			onChange={(entered) => {
				setTyped(entered);
				onChange(numberIn(entered));
			}}
			allowDecimal={schema.type !== "integer"}
			allowedDecimalSeparators={[".", ","]}
			suffix={schema["x-unit"] === undefined ? "" : ` ${schema["x-unit"]}`}
			readOnly={isReadOnly}
		/>
	);
}

function numberIn(entered: number | string): number | undefined {
	const number = entered === "" ? Number.NaN : Number(entered);
	return Number.isNaN(number) ? undefined : number;
}

function ListField({ schema, value, onChange, isReadOnly = false, frame }: Framed) {
	return (
		<TagsInput
			{...frame}
			value={listOf(value)}
			onChange={onChange}
			{...(schema.maxItems === undefined ? {} : { maxTags: schema.maxItems })}
			splitChars={["\n"]}
			acceptValueOnBlur
			readOnly={isReadOnly}
		/>
	);
}

const inputWrapperOrder: ("label" | "description" | "input" | "error")[] = ["label", "description", "input", "error"];

function useWords({ schema, placeholder }: SchemaFieldProps): Words {
	const { t } = useTranslation("ui");
	const [example] = schema.examples ?? [];
	const shown = Array.isArray(example) ? example.join(", ") : toText(example);
	return {
		label: schema.title ?? "",
		description: schema.description,
		placeholder: placeholder ?? (shown === "" ? undefined : t("example", { example: shown })),
	};
}

function TextField({ schema, value, onChange, isReadOnly = false, frame }: Framed) {
	const text = {
		...frame,
		value: toText(value),
		readOnly: isReadOnly,
		spellCheck: false,
		autoComplete: "off",
	};
	const kind = kindOf(schema);
	if (kind === "secret") {
		return (
			<PasswordInput {...text} autoComplete="new-password" onChange={(event) => onChange(event.currentTarget.value)} />
		);
	}
	if (kind === "long") {
		return (
			<Textarea
				{...text}
				autosize
				minRows={3}
				maxRows={16}
				onChange={(event) => onChange(event.currentTarget.value)}
				styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
			/>
		);
	}
	return (
		<TextInput
			{...text}
			// Copied texts bring blanks and line ends along.
			onBlur={(event) => event.currentTarget.value !== toText(value).trim() && onChange(toText(value).trim())}
			onChange={(event) => onChange(event.currentTarget.value)}
		/>
	);
}

function SwitchField({
	id,
	value,
	onChange,
	mistake,
	isReadOnly = false,
	schema,
	words,
}: SchemaFieldProps & { words: Words }) {
	return (
		<Switch
			id={id}
			label={words.label}
			description={words.description}
			checked={(value ?? schema.default) === true}
			onChange={(event) => !isReadOnly && onChange(event.currentTarget.checked)}
			error={mistake}
			aria-readonly={isReadOnly}
		/>
	);
}

function toText(value: unknown): string {
	return value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
}

function listOf(value: unknown): string[] {
	return Array.isArray(value) ? value.map(toText) : [];
}
