import type { JsonObject, JsonValue } from "../http/json.ts";
import { isJsonObject } from "../http/json.ts";
import type { Reply } from "../http/reply.ts";

/** A request that somebody in a tenant makes, without an app, a token or a limit. */
export interface InsideRequest {
  readonly tenantId: string;
  readonly method: string;
  /** Below the API version, for example `users/{id}`; may have a query. */
  readonly path: string;
  readonly body?: JsonObject | undefined;
}

/** Answers requests from within a tenant. */
export type AnswerInside = (request: InsideRequest) => Promise<Reply>;

/** The people of one tenant, who change things in it through Graph's own paths. */
export class TenantAtWork {
  readonly #tenantId: string;
  readonly #answer: AnswerInside;

  constructor(tenantId: string, answer: AnswerInside) {
    this.#tenantId = tenantId;
    this.#answer = answer;
  }

  /** The body of the answer; `undefined` when there is none, or when the request was refused. */
  async request(method: string, path: string, body?: JsonObject): Promise<JsonObject | undefined> {
    const request = { tenantId: this.#tenantId, method, path, ...(body ? { body } : {}) };
    const reply = await this.#answer(request);
    if (reply.kind === "refused" || reply.status >= 400) return undefined;
    return reply.kind === "json" ? { ...reply.body } : {};
  }

  /** The ids of a whole collection. */
  async ids(path: string): Promise<readonly string[]> {
    const page = await this.request("GET", path);
    const value: JsonValue | undefined = page?.["value"];
    const items = Array.isArray(value) ? value.filter(isJsonObject) : [];
    const ids = items.flatMap(({ id }) => (typeof id === "string" ? [id] : []));
    const nextLink = page?.["@odata.nextLink"];
    if (typeof nextLink !== "string") return ids;
    const { pathname, search } = new URL(nextLink);
    return [...ids, ...(await this.ids(`${pathname.split("/").slice(2).join("/")}${search}`))];
  }
}
