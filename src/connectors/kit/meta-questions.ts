// Questions to the Graph API that change nothing, and what its refusals say about a set-up.
// https://developers.facebook.com/docs/graph-api/guides/error-handling, as remembered; not checked against the page.
//   GET {Service Connection}/app   Authorization: Bearer <access token>   200 {"id":"1517776481860111","name":"…"}
//   400 {"error":{"message":"…","type":"OAuthException","code":190,"error_subcode":463}}

import type { CheckStep, CheckStepName, HttpAnswer, Tools } from "../contract.ts";
import { failed, refusal, type Told, toldBy } from "./check-steps.ts";
import { asObject, readJson } from "./http.ts";
import { appSecretProof, type GraphError, graphErrorOf, isAboutProof, quotedError } from "./meta-graph.ts";

export type MetaAccess = {
	/** As people know it: Facebook, WhatsApp. */
	product: string;
	/** Without the slash at its end. */
	graphApi: string;
	appSecret: string | undefined;
	/** Whether calls prove the app secret. */
	proves: boolean;
	/** Secrets that must never be quoted. */
	secrets: readonly string[];
};

export type GraphQuestion = {
	step: CheckStepName;
	path: string;
	token: string;
	/** Whose token or object it is, for people: "page 104857600000001". */
	about: string;
	query?: Readonly<Record<string, string>>;
	/** What it means that the object of the path does not exist. */
	unknown?: Finding;
};
export type Graph = (question: GraphQuestion) => Promise<Told>;

export type Finding = { code: string; says: string; advice: string };

const anew = "Generate a new access token and enter it.";
const finding = (code: string, says: string, advice: string): Finding => ({ code, says, advice });
const tokenInvalid = finding("token_invalid", "Meta does not accept the access token", anew);
const throttled = finding(
	"throttled",
	"A rate limit of Meta is used up",
	"Wait an hour; see which program asks so much.",
);
const inTrouble = finding("provider_in_trouble", "Meta has trouble of its own", "Wait, and look at metastatus.com.");
const noPermission = finding(
	"permission_missing",
	"The access token lacks a permission",
	"Generate a token with the permissions that the set-up names.",
);

/** By code and subcode, else by code. */
const findings: Readonly<Record<string, Finding>> = {
	"1": inTrouble,
	"2": inTrouble,
	"3": noPermission,
	"4": throttled,
	"10": noPermission,
	"17": throttled,
	"32": throttled,
	"190": tokenInvalid,
	"190/458": finding("app_removed", "The person who made the token has removed the Meta app", anew),
	"190/459": finding(
		"token_checkpoint",
		"The person who made the token must first log on at Facebook",
		"Let that person log on at facebook.com and do what is asked there.",
	),
	"190/460": finding("token_password_changed", "The token ended with a change of password", anew),
	"190/463": finding("token_expired", "The access token has expired", `${anew} That of a system user need not expire.`),
	"190/464": finding(
		"token_user_unconfirmed",
		"The person who made the token is not a confirmed user",
		"Let that person confirm the account at facebook.com.",
	),
	"190/492": finding(
		"token_role_lost",
		"The person who made the token has no fitting role any more",
		`Give that person the role back, or let another one generate a token.`,
	),
	"368": finding(
		"blocked_by_policy",
		"Meta has blocked the account for some time because of its policies",
		"Look into the account quality pages of Meta for the reason and the end of the block.",
	),
	"613": throttled,
	"2500": finding(
		"version_unknown",
		"The Graph API knows no such address",
		"Correct the version in Service Connection; the changelog of the Graph API lists the living ones.",
	),
	"80006": throttled,
	"80007": throttled,
};

export function graphOver(access: MetaAccess, tools: Tools): Graph {
	return async (question) => {
		const answer = await tools.http({
			method: "GET",
			url: `${access.graphApi}/${question.path}${queryOf(question, access)}`,
			headers: { authorization: `Bearer ${question.token}`, accept: "application/json" },
		});
		const error = errorIn(answer);
		return error === undefined
			? readAnswer(answer, question, access)
			: { ok: false, step: stepOf(error, question, access) };
	};
}

function queryOf({ query, token }: GraphQuestion, { proves, appSecret }: MetaAccess): string {
	const proof = proves && appSecret !== undefined ? { appsecret_proof: appSecretProof(appSecret, token) } : {};
	const parameters = new URLSearchParams({ ...query, ...proof }).toString();
	return parameters === "" ? "" : `?${parameters}`;
}

/** It may come with any HTTP status, so it is looked for before the status is read. */
function errorIn(answer: HttpAnswer): GraphError | undefined {
	return answer.kind === "answered" ? graphErrorOf(asObject(readJson(answer.body))) : undefined;
}

function readAnswer(answer: HttpAnswer, { step }: GraphQuestion, { product }: MetaAccess): Told {
	const told = toldBy(product, step, answer);
	return told.ok && told.status >= 400 ? { ok: false, step: refusal(product, step, told.status) } : told;
}

function stepOf(error: GraphError, question: GraphQuestion, access: MetaAccess): CheckStep {
	const { step, about, token } = question;
	const { code, says, advice } = findingOf(error, question, access);
	const { appSecret, secrets, product } = access;
	const proofs = appSecret === undefined ? [] : [appSecretProof(appSecret, token)];
	const quote = quotedError(product, error, [token, ...secrets, ...proofs]);
	return failed(step, code, `${says} (${about})${quote}.`, advice);
}

function findingOf(error: GraphError, { unknown }: GraphQuestion, access: MetaAccess): Finding {
	if (isAboutProof(error)) {
		return findingOfProof(access);
	}
	const { code, subcode } = error;
	if (unknown !== undefined && (code === 803 || (code === 100 && subcode === 33))) {
		return unknown;
	}
	return findings[`${code ?? ""}/${subcode ?? ""}`] ?? findings[String(code)] ?? unlisted(code);
}

function findingOfProof({ appSecret, proves }: MetaAccess): Finding {
	if (appSecret === undefined) {
		return appSecretMissing;
	}
	return proves
		? appSecretWrong
		: finding(
				"proof_demanded",
				"The Meta app demands a proof of the app secret with every call",
				"Switch on the setting Prove the app secret.",
			);
}

export const appSecretMissing = finding(
	"app_secret_missing",
	"There is no App Secret, so every webhook call is refused",
	"Copy the App Secret (App settings > Basic) into the authentication webhook.",
);
export const appSecretWrong = finding(
	"app_secret_wrong",
	"The authentication webhook does not hold the App Secret of the Meta app",
	"Copy the App Secret (App settings > Basic) into the authentication webhook once more.",
);

/** 200–299 are permissions; of anything else only the number is known. */
function unlisted(code: number | undefined): Finding {
	return code !== undefined && code >= 200 && code <= 299
		? noPermission
		: finding("refused", "Meta refuses the question", "Look the number up in Meta's list of error codes.");
}
