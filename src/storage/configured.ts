// Objects that administrators configure and that have nothing but fields: queues, prompts, calendars, schedules, reply
// templates. Their rows are read and written by the same functions; what differs is how fields become columns.

import type { ObjectType } from "#domain/rights.ts";
import { addressKey } from "#domain/chains.ts";
import { type ListRequest, applyList } from "./list.ts";
import type { QueueTables } from "./schema-queues.ts";
import type { Db, Tx } from "./storage.ts";

export type ConfiguredTable = Exclude<keyof QueueTables, "queue_addresses" | "chat_settings">;
type Columns = Readonly<Record<string, unknown>>;

export type Configured<Fields> = {
	id: string;
	version: number;
	createdAt: Date;
	updatedAt: Date;
	fields: Fields;
};

export type Layout<Fields> = {
	table: ConfiguredTable;
	objectType: ObjectType;
	toColumns(fields: Fields): Columns;
	/** @param addresses of queues */
	toFields(row: Columns, addresses: readonly string[]): Fields;
	/** Of queues: each belongs to one. */
	addressesOf?(fields: Fields): readonly string[];
};

export type ConfiguredStore<Fields> = {
	list(db: Db, request: ListRequest): Promise<Configured<Fields>[]>;
	find(db: Db, id: string): Promise<Configured<Fields> | undefined>;
	insert(tx: Tx, object: { id: string; fields: Fields; at: Date }): Promise<void>;
	/** False: the row has another version by now, or is gone. */
	update(tx: Tx, change: { id: string; version: number; fields: Fields; at: Date }): Promise<boolean>;
	/** With the rights on it. */
	delete(tx: Tx, id: string): Promise<void>;
};

export function configuredStore<Fields>(layout: Layout<Fields>): ConfiguredStore<Fields> {
	// The tables' columns differ; what is asked for here all of them have.
	const table = layout.table as "prompts";
	const toObject = (row: Columns, addresses: readonly string[]): Configured<Fields> => ({
		id: String(row["id"]),
		version: Number(row["version"]),
		createdAt: new Date(Number(row["created_at"])),
		updatedAt: new Date(Number(row["updated_at"])),
		fields: layout.toFields(row, addresses),
	});
	return {
		async list(db, request) {
			const rows: Columns[] = await applyList(db.selectFrom(table).selectAll(), request).execute();
			const addresses = layout.addressesOf === undefined ? new Map<string, string[]>() : await addressesByQueue(db);
			return rows.map((row) => toObject(row, addresses.get(String(row["id"])) ?? []));
		},
		async find(db, id) {
			const row: Columns | undefined = await db.selectFrom(table).selectAll().where("id", "=", id).executeTakeFirst();
			const addresses = layout.addressesOf === undefined ? undefined : await addressesByQueue(db, id);
			return row === undefined ? undefined : toObject(row, addresses?.get(id) ?? []);
		},
		async insert(tx, { id, fields, at }) {
			const times = { version: 1, created_at: at.getTime(), updated_at: at.getTime() };
			await tx
				.insertInto(table)
				.values({ id, ...layout.toColumns(fields), ...times } as never)
				.execute();
			await saveAddresses(tx, id, layout.addressesOf?.(fields));
		},
		async update(tx, { id, version, fields, at }) {
			const { numUpdatedRows } = await tx
				.updateTable(table)
				.set({ ...layout.toColumns(fields), version: version + 1, updated_at: at.getTime() } as never)
				.where("id", "=", id)
				.where("version", "=", version)
				.executeTakeFirstOrThrow();
			if (numUpdatedRows === 1n) {
				await saveAddresses(tx, id, layout.addressesOf?.(fields));
			}
			return numUpdatedRows === 1n;
		},
		async delete(tx, id) {
			const { objectType } = layout;
			await tx.deleteFrom("grants").where("object_type", "=", objectType).where("object_id", "=", id).execute();
			await tx.deleteFrom(table).where("id", "=", id).execute();
		},
	};
}

async function addressesByQueue(db: Db, queueId?: string): Promise<Map<string, string[]>> {
	const rows = await db
		.selectFrom("queue_addresses")
		.select(["queue_id", "address"])
		.$if(queueId !== undefined, (query) => query.where("queue_id", "=", queueId ?? ""))
		.orderBy("position")
		.execute();
	const grouped = Map.groupBy(rows, ({ queue_id }) => queue_id);
	return new Map([...grouped].map(([id, group]) => [id, group.map(({ address }) => address)]));
}

/** Undefined: the kind has none. A taken address breaks the unique rule. */
async function saveAddresses(tx: Tx, queueId: string, addresses: readonly string[] | undefined): Promise<void> {
	if (addresses === undefined) {
		return;
	}
	await tx.deleteFrom("queue_addresses").where("queue_id", "=", queueId).execute();
	if (addresses.length > 0) {
		await tx
			.insertInto("queue_addresses")
			.values(
				addresses.map((address, position) => ({
					address_key: addressKey(address),
					queue_id: queueId,
					address,
					position,
				})),
			)
			.execute();
	}
}

/** The queue that has one of the addresses, besides the one named. */
export async function queueWithAddress(
	db: Db,
	addresses: readonly string[],
	except: string,
): Promise<{ name: string; address: string } | undefined> {
	if (addresses.length === 0) {
		return undefined;
	}
	return db
		.selectFrom("queue_addresses")
		.innerJoin("queues", "queues.id", "queue_addresses.queue_id")
		.select(["queues.name", "queue_addresses.address"])
		.where("queue_addresses.address_key", "in", addresses.map(addressKey))
		.where("queues.id", "<>", except)
		.executeTakeFirst();
}
