import type { Clock } from "../clock.ts";
import { headerOf } from "../http/exchange.ts";
import type { PathParams } from "../http/path.ts";
import { refuse, withHeaders, type Refusal, type Reply, type ReplyHeaders } from "../http/reply.ts";
import type { GraphRequest } from "../graph/graph-request.ts";
import {
  GLOBAL_LIMITS,
  LIMITED_SERVICES,
  type Limit,
  type LimitedRequest,
  type LimitedService,
  type ThrottlePolicy,
} from "./limits.ts";
import { requestCost, resourceUnits } from "./request-cost.ts";
import { retryAfterHeader, type RetryAfterForm } from "./retry-after.ts";
import { TokenBucket, type Drawn } from "./token-bucket.ts";

export interface ThrottleOptions {
  readonly clock: Clock;
  readonly policy: ThrottlePolicy;
  readonly retryAfter: RetryAfterForm;
  /** How many users a tenant has. */
  readonly countUsers: (tenantId: string) => number;
}

/** A limit, and what a request took of it. */
interface Draw extends Drawn {
  readonly limit: Limit;
  readonly scopeKey: string;
}

/** How soon a request is refused, as a share of the limit: of low priority before the rest, of high priority after it. */
const RESERVE_SHARE: Readonly<Record<string, number>> = { low: 0.1, high: -0.1 };

/** guess: how long to wait for a place among the concurrent requests. */
const CONCURRENCY_WAIT_MS = 1_000;

/** How often the users of a tenant are counted again, at most. */
const RECOUNT_MS = 10_000;

/** From this share of a limit on, the directory says how much is used. */
const WARN_SHARE = 0.8;
const MAX_WARN_SHARE = 1.8;

/**
 * Counts the requests of apps, and refuses those beyond the limits.
 *
 * @see https://learn.microsoft.com/graph/throttling
 */
export class Throttle {
  readonly #options: ThrottleOptions;
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #underWay = new Map<string, number>();
  readonly #userCounts = new Map<string, { readonly count: number; readonly countedAt: number }>();

  constructor(options: ThrottleOptions) {
    this.#options = options;
  }

  /** Answers the request, or refuses it because there were too many. */
  async pass(
    request: GraphRequest,
    segments: readonly string[],
    answer: () => Promise<Reply>,
  ): Promise<Reply> {
    if (this.#options.policy === "off") return answer();
    const limited: LimitedRequest = {
      method: request.method,
      segments,
      query: request.query,
      bodyBytes: request.body.length,
    };
    const { service, params } = findService(limited);
    const draws = this.#draw(request, limited, { service, params });
    const headers = service?.family === "directory" ? directoryHeaders(limited, draws) : {};
    const refused = draws.filter((draw) => draw.isRefused);
    if (refused.length > 0) return withHeaders(this.#refusal(request, refused, service), headers);
    const reply = await this.#concurrently(request, { service, params }, answer);
    return withHeaders(reply, headers);
  }

  /** Everybody may begin anew. */
  clear(): void {
    this.#buckets.clear();
    this.#userCounts.clear();
  }

  #draw(request: GraphRequest, limited: LimitedRequest, { service, params }: Found): readonly Draw[] {
    const now = this.#options.clock.now();
    const priority = headerOf(request.headers, "x-ms-throttle-priority")?.toLowerCase() ?? "normal";
    const serviceLimits = (service?.limits ?? []).map((limit, index) => ({
      limit,
      name: `${service?.name ?? ""}#${index}`,
    }));
    const globalLimits = GLOBAL_LIMITS.map((limit) => ({ limit, name: "global" }));
    return [...globalLimits, ...serviceLimits].flatMap(({ limit, name }) => {
      const cost = requestCost(limit.unit, limited);
      if (cost === 0) return [];
      const scopeKey = scopeKeyOf(limit, request, { service, params });
      const { capacity } = limit;
      const units =
        typeof capacity === "number" ? capacity : capacity(this.#userCount(request.caller.tenantId));
      // A tenant that grows gets another limit, and another bucket.
      const key = `${name}/${units}/${scopeKey}`;
      const bucket = this.#buckets.get(key) ?? new TokenBucket(units, limit.windowMs, now);
      this.#buckets.set(key, bucket);
      const reserve = Math.ceil((RESERVE_SHARE[priority] ?? 0) * units);
      return [{ limit, scopeKey, ...bucket.draw(cost, service?.family === "directory" ? reserve : 0, now) }];
    });
  }

  #userCount(tenantId: string): number {
    const { clock, countUsers } = this.#options;
    const now = clock.now();
    const known = this.#userCounts.get(tenantId);
    if (known && now < known.countedAt + RECOUNT_MS) return known.count;
    const count = countUsers(tenantId);
    this.#userCounts.set(tenantId, { count, countedAt: now });
    return count;
  }

  #refusal(request: GraphRequest, refused: readonly Draw[], service: LimitedService | undefined): Refusal {
    const { clock, retryAfter } = this.#options;
    const waitMs = Math.max(...refused.map((draw) => draw.waitMs));
    const [first] = refused;
    return refuse(429, "TooManyRequests", "Please retry again later.", {
      ...retryAfterHeader(waitMs, retryAfter, clock.now()),
      ...(first && service?.family === "directory" ? scopeHeaders(request, first.limit) : {}),
    });
  }

  async #concurrently(
    request: GraphRequest,
    { service, params }: Found,
    answer: () => Promise<Reply>,
  ): Promise<Reply> {
    if (!service?.concurrency) return answer();
    const key = `${service.name}/${resourceKey(request, { service, params })}`;
    const count = this.#underWay.get(key) ?? 0;
    if (count >= service.concurrency) {
      const { clock, retryAfter } = this.#options;
      return refuse(
        429,
        "ApplicationThrottled",
        "Application is over its MailboxConcurrency limit.",
        retryAfterHeader(CONCURRENCY_WAIT_MS, retryAfter, clock.now()),
      );
    }
    this.#underWay.set(key, count + 1);
    try {
      return await answer();
    } finally {
      const left = (this.#underWay.get(key) ?? 1) - 1;
      if (left === 0) this.#underWay.delete(key);
      else this.#underWay.set(key, left);
    }
  }
}

interface Found {
  readonly service: LimitedService | undefined;
  readonly params: PathParams | undefined;
}

/** The service a request goes to, and what its path names. */
function findService(request: LimitedRequest): Found {
  for (const service of LIMITED_SERVICES) {
    const params = service.match(request);
    if (params) return { service, params };
  }
  return { service: undefined, params: undefined };
}

function scopeKeyOf({ scope }: Limit, request: GraphRequest, found: Found): string {
  const { applicationId, tenantId } = request.caller;
  switch (scope) {
    case "app":
      return applicationId;
    case "tenant":
      return tenantId;
    case "app+tenant":
      return `${applicationId}/${tenantId}`;
    case "resource":
      return resourceKey(request, found);
  }
}

function resourceKey(request: GraphRequest, { service, params }: Found): string {
  const { applicationId, tenantId } = request.caller;
  const names = (service?.resource ?? []).map((name) => params?.find(name)?.toLowerCase() ?? "");
  return [applicationId, tenantId, ...names].join("/");
}

/** @see https://learn.microsoft.com/graph/throttling-limits#additional-headers */
function directoryHeaders(request: LimitedRequest, draws: readonly Draw[]): ReplyHeaders {
  const used = Math.min(Math.max(...draws.map((draw) => draw.usedShare)), MAX_WARN_SHARE);
  return {
    "x-ms-resource-unit": String(resourceUnits(request)),
    ...(used > WARN_SHARE ? { "x-ms-throttle-limit-percentage": used.toFixed(2) } : {}),
  };
}

function scopeHeaders({ caller }: GraphRequest, { scope, unit }: Limit): ReplyHeaders {
  const scopeName = scope === "app" ? "Application" : scope === "tenant" ? "Tenant" : "Tenant_Application";
  const kind = unit === "write" ? "Write" : "ReadWrite";
  return {
    "x-ms-throttle-scope": `${scopeName}/${kind}/${caller.applicationId}/${caller.tenantId}`,
    "x-ms-throttle-information": unit === "write" ? "WriteLimitExceeded" : "ResourceUnitLimitExceeded",
  };
}
