// How soon a line of a chat is at both its ends, with 500 agents and 10,000 sockets on one node.

import { apiAt, type Api } from "#test/parley.ts";
import { figure, type Goal, type Measure } from "../measure.ts";
import { plain } from "../report.ts";

const goals = {
	told: {
		title: "chats: p99 until a line is at both ends, 500 agents, 10,000 sockets",
		unit: "ms",
		floor: 200,
		aim: 100,
		better: "lower",
	},
	memory: { title: "chats: resident memory for each socket", unit: "KiB", floor: 60, aim: 30, better: "lower" },
} satisfies Record<string, Goal>;
const agents = 500;
const sockets = 10_000;
const queues = 10;
const chatsOfAgent = 3;
/** Each of two people in 1,500 chats writes every fifteen seconds. */
const messagesPerSecond = 200;

export const chats: Measure = {
	name: "chats",
	async run(stand) {
		const parley = await stand.parley();
		await parley.start("chat,rest");
		const api = apiAt(`http://127.0.0.1:${parley.port}`);
		const { logins, addresses } = await hire(api);
		const before = parley.residentBytes();
		let seated = before;
		const job = {
			port: parley.port,
			agents: logins,
			addresses,
			visitors: sockets - agents,
			chats: agents * chatsOfAgent,
			messagesPerSecond,
			seconds: stand.options.seconds ?? (stand.options.long ? 60 : 20),
		};
		const result = await stand.people(job, () => (seated = parley.residentBytes()));
		stand.say(
			`  open after ${plain(result.openedMs / 1000)} s, chats at agents after ${plain(result.allocatedMs / 1000)} s`,
		);
		await parley.stop();
		await parley.remove();
		if (result.lost > 0) {
			throw new Error(`${result.lost} of ${result.sent} messages did not come to both ends.`);
		}
		const made = `${messagesPerSecond}/s in ${job.chats} chats; p50 ${plain(result.p50)}, worst ${plain(result.worst)} ms`;
		const bytes = (seated - before) / sockets;
		return [
			figure(goals.told, [result.p99], made),
			figure(goals.memory, [bytes / 1024], `${plain(seated / 2 ** 20)} MiB with all of them`),
		];
	},
};

type Staff = { logins: { login: string; password: string }[]; addresses: string[] };

/** Ten queues, each with a group of agents who may serve it. */
async function hire(api: Api): Promise<Staff> {
	await api.call("PATCH", "/RI/rci/authenticationPolicy", { initialPasswordMustBeChanged: false });
	await api.call("PATCH", "/RI/rci/chatSettings", { chatsPerAgent: chatsOfAgent });
	const staff: Staff = { logins: [], addresses: [] };
	for (let number = 0; number < queues; number += 1) {
		const address = `queue${number}@desk.test`;
		staff.addresses.push(address);
		const queue = await api.call<{ id: string }>("POST", "/RI/rci/queues", {
			name: `Queue ${number}`,
			addresses: [address],
		});
		const group = await api.call<{ id: string }>("POST", "/RI/rci/userGroups", { name: `Group ${number}` });
		await api.call("PUT", `/RI/rci/userGroups/${group.id}/rights`, [
			{ objectType: "queue", objectId: queue.id, access: ["serve"] },
		]);
		for (let place = 0; place < agents / queues; place += 1) {
			const one = { login: `agent${number}-${place}`, password: "a long enough password 1" };
			const user = await api.call<{ id: string }>("POST", "/RI/rci/users", {
				firstName: "Agent",
				surname: `${number}-${place}`,
				...one,
			});
			await api.call("POST", `/RI/rci/userGroups/${group.id}/users`, { id: user.id });
			staff.logins.push(one);
		}
	}
	return staff;
}
