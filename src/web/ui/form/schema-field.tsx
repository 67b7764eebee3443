// One field, drawn from its schema: label, help beside it, example, and the mistake the server named.

import { NumberInput, PasswordInput, Select, Switch, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { choicesOf, type FieldSchema, kindOf } from "./schema.ts";

export type SchemaFieldProps = {
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
	const { schema, id, mistake, isReadOnly = false, isRequired = false } = props;
	const words = useWords(props);
	const frame = { id, error: mistake, ...words, required: isRequired, inputWrapperOrder };
	switch (kindOf(schema)) {
		case "switch":
			return <SwitchField {...props} words={words} />;
		case "choice":
			return (
				<Select
					{...frame}
					data={[...choicesOf(schema)]}
					value={toText(props.value ?? schema.default)}
					onChange={(value) => value !== null && props.onChange(value)}
					allowDeselect={false}
					readOnly={isReadOnly}
					comboboxProps={{ withinPortal: true }}
				/>
			);
		case "number":
			return (
				<NumberInput
					{...frame}
					value={typeof props.value === "number" ? props.value : ""}
					onChange={(value) => props.onChange(typeof value === "number" ? value : undefined)}
					allowDecimal={schema.type !== "integer"}
					suffix={schema["x-unit"] === undefined ? "" : ` ${schema["x-unit"]}`}
					readOnly={isReadOnly}
				/>
			);
		case "list":
			return (
				<TagsInput
					{...frame}
					value={listOf(props.value)}
					onChange={props.onChange}
					{...(schema.maxItems === undefined ? {} : { maxTags: schema.maxItems })}
					splitChars={["\n"]}
					acceptValueOnBlur
					readOnly={isReadOnly}
				/>
			);
		case "long":
		case "secret":
		case "text":
			return <TextField {...props} frame={frame} />;
	}
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

function TextField({
	schema,
	value,
	onChange,
	isReadOnly = false,
	frame,
}: SchemaFieldProps & { frame: Words & { id: string; error: string | undefined; required: boolean } }) {
	const text = {
		...frame,
		value: toText(value),
		readOnly: isReadOnly,
		spellCheck: false,
		autoComplete: "off",
		...(schema.maxLength === undefined ? {} : { maxLength: schema.maxLength }),
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
