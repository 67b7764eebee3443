// The sockets that are open on this node, by session, by user and by network. Pure.

import { networkOf } from "#identity/throttle.ts";
import type { Caller } from "../resource.ts";

export type OpenSockets<Socket extends { caller: Caller }> = Iterable<Socket> & {
	readonly size: number;
	add(socket: Socket): void;
	remove(socket: Socket): void;
	ofSession(sessionId: string): ReadonlySet<Socket>;
	ofUser(userId: string): ReadonlySet<Socket>;
	/** Of the visitors from where the address is. */
	ofNetwork(address: string): ReadonlySet<Socket>;
};

export function openSockets<Socket extends { caller: Caller }>(): OpenSockets<Socket> {
	const all = new Set<Socket>();
	const bySession = groups<Socket>();
	const byUser = groups<Socket>();
	const byNetwork = groups<Socket>();
	const networkIn = ({ caller }: Socket): string => (caller.kind === "visitor" ? networkOf(caller.address) : "");
	return {
		get size() {
			return all.size;
		},
		add(socket) {
			all.add(socket);
			bySession.add(socket.caller.sessionId, socket);
			byUser.add(socket.caller.userId, socket);
			byNetwork.add(networkIn(socket), socket);
		},
		remove(socket) {
			all.delete(socket);
			bySession.remove(socket.caller.sessionId, socket);
			byUser.remove(socket.caller.userId, socket);
			byNetwork.remove(networkIn(socket), socket);
		},
		ofSession: (sessionId) => bySession.of(sessionId),
		ofUser: (userId) => byUser.of(userId),
		ofNetwork: (address) => byNetwork.of(networkOf(address)),
		[Symbol.iterator]: () => all.values(),
	};
}

const none: ReadonlySet<never> = new Set();

function groups<Member>() {
	const sets = new Map<string, Set<Member>>();
	return {
		of: (key: string): ReadonlySet<Member> => sets.get(key) ?? none,
		add(key: string, member: Member): void {
			sets.set(key, (sets.get(key) ?? new Set()).add(member));
		},
		remove(key: string, member: Member): void {
			const set = sets.get(key);
			set?.delete(member);
			if (set?.size === 0) {
				sets.delete(key);
			}
		},
	};
}
