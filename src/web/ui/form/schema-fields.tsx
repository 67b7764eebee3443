// The fields of one group of an object, as far as they count with the values entered so far.

import { Stack } from "@mantine/core";
import { SchemaField } from "./schema-field.tsx";
import { fieldsOf, type Fields, type Mistakes, type Values } from "./schema.ts";

type SchemaFieldsProps = {
	fields: Fields;
	/** Undefined: all. */
	group?: string;
	values: Values;
	onChange: (name: string, value: unknown) => void;
	mistakes: Mistakes;
	/** In front of the fields' names in pointers: `/settings`. */
	pointer?: string;
	isReadOnly?: boolean;
};

export function SchemaFields({
	fields,
	group,
	values,
	onChange,
	mistakes,
	pointer = "",
	isReadOnly = false,
}: SchemaFieldsProps) {
	return (
		<Stack gap="md">
			{fieldsOf(fields, group, values).map(([name, schema]) => (
				<SchemaField
					key={name}
					id={fieldId(`${pointer}/${name}`)}
					schema={schema}
					value={values[name]}
					onChange={(value) => onChange(name, value)}
					mistake={mistakeAt(mistakes, `${pointer}/${name}`)}
					isReadOnly={isReadOnly}
				/>
			))}
		</Stack>
	);
}

/** A mistake in an element of a list is shown at the list. */
export function mistakeAt(mistakes: Mistakes, pointer: string): string | undefined {
	const found = Object.keys(mistakes).find((one) => one === pointer || one.startsWith(`${pointer}/`));
	return found === undefined ? undefined : mistakes[found];
}

export function fieldId(pointer: string): string {
	return `field${pointer.replaceAll(/[^A-Za-z0-9]+/g, "-")}`;
}
