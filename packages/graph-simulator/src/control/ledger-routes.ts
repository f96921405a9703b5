import type { HttpRequest } from "../http/exchange.ts";
import { json, refuse, textReply, type Refusal, type Reply } from "../http/reply.ts";
import type { Router } from "../http/router.ts";
import { parseInstant } from "../instant.ts";
import { LEDGER_KINDS, NOTIFICATION_STATES, type LedgerKind } from "../ledger/ledger-entries.ts";
import type { SimulatorLedger } from "../ledger/ledger.ts";
import type { LedgerQuery } from "../ledger/ledger-query.ts";
import { CHANGE_TYPES } from "../subscriptions/change-type.ts";

const NDJSON = "application/x-ndjson";

const PARAMETERS: ReadonlySet<string> = new Set([
  "kind",
  "format",
  "tenantId",
  "subscriptionId",
  "url",
  "resource",
  "changeType",
  "state",
  "untold",
  "since",
  "until",
  "after",
  "limit",
]);

/** What is wrong with a query string. */
class QueryError extends Error {}

/** `/_simulator/ledger`: what changed, what was told to whom, what was never told. */
export class LedgerRoutes {
  readonly #ledger: SimulatorLedger;

  constructor(ledger: SimulatorLedger) {
    this.#ledger = ledger;
  }

  addTo(router: Router<HttpRequest>): void {
    router
      .add("GET", "_simulator/ledger", (request) => this.#answer(request))
      .add("GET", "_simulator/ledger/totals", () => json(200, this.#ledger.totals));
  }

  #answer(request: HttpRequest): Reply {
    try {
      const kinds = readKinds(request.query);
      const query = readQuery(request.query);
      const isNdjson =
        request.query.get("format") === "ndjson" || (request.headers.accept ?? "").includes(NDJSON);
      return isNdjson ? this.#lines(kinds, query) : this.#pages(kinds, query);
    } catch (error) {
      if (error instanceof QueryError) return badRequest(error.message);
      throw error;
    }
  }

  #pages(kinds: readonly LedgerKind[], query: LedgerQuery): Reply {
    const pages = kinds.map((kind) => ({ kind, ...this.#ledger.find(kind, query) }));
    const entries = Object.fromEntries(pages.map((page) => [page.kind, page.entries]));
    const [page] = pages;
    return json(
      200,
      pages.length === 1 && query.limit !== undefined ? { ...entries, next: page?.next } : entries,
    );
  }

  #lines(kinds: readonly LedgerKind[], query: LedgerQuery): Reply {
    const lines = kinds.flatMap((kind) =>
      this.#ledger.find(kind, query).entries.map((entry) => `${JSON.stringify({ kind, ...entry })}\n`),
    );
    return textReply(200, NDJSON, lines.join(""));
  }
}

function readKinds(query: URLSearchParams): readonly LedgerKind[] {
  const wanted = query.get("kind");
  return wanted === null ? LEDGER_KINDS : [oneOf(query, "kind", LEDGER_KINDS)];
}

function readQuery(query: URLSearchParams): LedgerQuery {
  for (const name of query.keys()) {
    if (!PARAMETERS.has(name)) throw new QueryError(`There is no parameter '${name}'.`);
  }
  return {
    tenantId: query.get("tenantId") ?? undefined,
    subscriptionId: query.get("subscriptionId") ?? undefined,
    url: query.get("url") ?? undefined,
    resource: query.get("resource") ?? undefined,
    changeType: query.has("changeType") ? oneOf(query, "changeType", CHANGE_TYPES) : undefined,
    states: query.get("state")?.split(",").map(readState),
    untold: query.has("untold") ? oneOf(query, "untold", ["true", "false"]) === "true" : undefined,
    since: readInstant(query, "since"),
    until: readInstant(query, "until"),
    after: readCount(query, "after", 0),
    limit: readCount(query, "limit", 1),
  };
}

function readState(text: string): (typeof NOTIFICATION_STATES)[number] {
  const state = NOTIFICATION_STATES.find((known) => known === text);
  if (state) return state;
  throw new QueryError(`Expected state to be some of ${NOTIFICATION_STATES.join(", ")}, got '${text}'.`);
}

function oneOf<Choice extends string>(
  query: URLSearchParams,
  name: string,
  choices: readonly Choice[],
): Choice {
  const value = query.get(name);
  const choice = choices.find((known) => known === value);
  if (choice !== undefined) return choice;
  throw new QueryError(`Expected ${name} to be one of ${choices.join(", ")}, got '${value}'.`);
}

/** Epoch milliseconds, or a date and time with its zone. */
function readInstant(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const instant = /^\d+$/.test(text) ? Number(text) : parseInstant(text);
  if (instant !== undefined) return instant;
  throw new QueryError(`Expected ${name} to be epoch milliseconds or a date and time, got '${text}'.`);
}

function readCount(query: URLSearchParams, name: string, least: number): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (/^\d{1,15}$/.test(text) && Number(text) >= least) return Number(text);
  throw new QueryError(`Expected ${name} to be a whole number from ${least}, got '${text}'.`);
}

function badRequest(message: string): Refusal {
  return refuse(400, "BadRequest", message);
}
