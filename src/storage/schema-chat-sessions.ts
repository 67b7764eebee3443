// The tables of who is logged in to the Chat Server.

type Bytes = Uint8Array;
type Ms = number;

export type ChatSessionTables = {
	/** Agents and visitors who logged in to the real-time protocol. Those that ended are kept for a day. */
	chat_sessions: {
		/** SHA-256 of the cookie's value. */
		token_hash: Bytes;
		id: string;
		kind: "agent" | "visitor";
		/** Of an agent, the user's id; of a visitor, who has no row elsewhere, an id of their own. */
		user_id: string;
		created_at: Ms;
		last_seen_at: Ms;
		/** The absolute end, however busy the session is. */
		expires_at: Ms;
		/** Whoever has a socket open moves it forward; past: nobody is there. */
		alive_until: Ms;
		ended_at: Ms | null;
		/** Of the agent's password when they logged in, 0: none; another one ends the session. */
		password_changed_at: Ms;
		/** What the agent logged in by, if not by password: the session ends with it. */
		browser_session_id: string | null;
		api_token_hash: Bytes | null;
		/** Keyed hash of a visitor's network, for the limit of new visitors. */
		network_mac: Bytes | null;
	};
	/** Each opens one socket within seconds. */
	chat_tickets: { ticket_hash: Bytes; session_id: string; expires_at: Ms };
};
