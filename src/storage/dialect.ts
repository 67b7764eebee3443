/** The databases Parley runs on. */
export type Dialect = "sqlite" | "postgres";
