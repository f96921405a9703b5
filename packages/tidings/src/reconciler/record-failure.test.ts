import { beforeEach, describe, expect, it } from "vitest";
import { refusal, type GraphOperation } from "../../test/support/fake-graph.ts";
import { ReconcilerBench, TENANT_ID } from "../../test/support/reconciler-bench.ts";
import { resolveDeclaration } from "../core/declaration.ts";
import { CredentialError, GraphAnswerError, GraphThrottledError, type GraphRefusal } from "../core/errors.ts";
import type { ParkedNeed, SubscriptionRow } from "../core/subscription.ts";
import type { Reconciler } from "./reconciler.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MESSAGE_SEEN = "The object was not found.";

let bench: ReconcilerBench;
let reconciler: Reconciler;

beforeEach(() => {
  bench = new ReconcilerBench();
  reconciler = bench.begin();
});

/** Has a row, and one thing fail for it. */
async function failOnce(operation: "create" | "renew", error: Error): Promise<SubscriptionRow> {
  if (operation === "renew") {
    await reconciler.reconcileOnce();
    await bench.clock.advance(HOUR_MS);
    await reconciler.renewNow((await bench.row()).key);
    bench.told.length = 0;
    bench.graph.asked.length = 0;
  }
  bench.graph.failNext(operation, error);
  await reconciler.reconcileOnce();
  return bench.row();
}

/** What becomes of a row: tried later and later, tried at once with less, made anew, or left until a person has acted. */
type Fate = "later" | "shorter" | "anew" | { readonly parked: ParkedNeed };

interface Case {
  readonly refused: Partial<GraphRefusal>;
  /** Of a creation, and of a renewal where that is not the same. */
  readonly fate: Fate;
  readonly renewal?: Fate;
  readonly source: string;
}

const embedded = (status: string, reason = "…"): string =>
  `Operation: Create; Exception: [Status Code: ${status}; Reason: ${reason}]`;

const CASES: readonly Case[] = [
  {
    refused: { graphMessage: "Subscription validation request timed out." },
    fate: "later",
    source: "https://github.com/microsoftgraph/nodejs-webhooks-sample/issues/350",
  },
  {
    refused: {
      graphMessage:
        "Subscription validation request failed. Notification endpoint must respond with 200 OK to validation request.",
    },
    fate: "later",
    source:
      "https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#notificationurl-validation",
  },
  {
    refused: {
      graphMessage: "Subscription validation request failed. HTTP status code is 'Forbidden'. Notification…",
    },
    fate: "later",
    source: "https://github.com/pnp/Microsoft365-Analytics-Insights/issues/273",
  },
  {
    refused: {
      graphMessage:
        "Subscription validation request failed. Response must exactly match validationToken query parameter.",
    },
    fate: "later",
    source: "https://github.com/microsoftgraph/java-spring-webhooks-sample/issues/82",
  },
  {
    refused: {
      graphMessage: "The underlying connection was closed: Could not establish trust relationship.",
    },
    fate: "later",
    source: "https://github.com/microsoftgraph/microsoft-graph-docs/issues/1462",
  },
  {
    refused: { graphMessage: "Subscription expiration can only be 10070 minutes in the future." },
    fate: "shorter",
    source: "https://github.com/openclaw/openclaw/issues/111658",
  },
  {
    refused: {
      graphMessage: embedded(
        "BadRequest",
        "Expiration time '2024-05-19T12:16:55.8224757+00:00' ('-5.23:59:55.5782571' from now) is beyond allowed max '3.00:00:00'.",
      ),
    },
    fate: "shorter",
    source: "https://learn.microsoft.com/graph/api/resources/subscription#subscription-lifetime",
  },
  {
    refused: {
      graphMessage:
        "lifecycleNotificationUrl is a required property for subscription creation on this resource when the expirationDateTime value is set to greater than 1 hour",
    },
    fate: { parked: "request" },
    renewal: "anew",
    source: "https://learn.microsoft.com/graph/change-notifications-lifecycle-events",
  },
  {
    refused: {
      graphMessage:
        "Subscription must contain either the 'expirationDateTime' or 'notificationUrl' property and its value.",
    },
    fate: { parked: "request" },
    source: "https://github.com/microsoftgraph/microsoft-graph-docs-contrib/pull/9498",
  },
  {
    refused: { graphMessage: "Certificate validation error: Cannot find the requested object." },
    fate: { parked: "request" },
    source: "https://github.com/microsoftgraph/microsoft-graph-docs/issues/9081",
  },
  {
    refused: { graphMessage: "Invalid event hub notification url='EventHub:https://x.vault.azure.net'." },
    fate: { parked: "request" },
    source: "https://github.com/microsoftgraph/microsoft-graph-docs/issues/20797",
  },
  {
    refused: { graphMessage: "Client EventHubs publishing validation failed for subscription." },
    fate: "later",
    source: "https://github.com/microsoftgraph/microsoft-graph-docs/issues/17699",
  },
  {
    refused: { graphMessage: "Resource not found for the segment 'movies'." },
    fate: { parked: "request" },
    source: "https://github.com/amp-labs/connectors",
  },
  {
    refused: { graphMessage: "Invalid property value for LatestSupportedTlsVersion" },
    fate: { parked: "request" },
    source: "https://github.com/microsoftgraph/nodejs-webhooks-sample/issues/599",
  },
  {
    refused: { graphMessage: "'app + user' subscriptions are not supported in v1" },
    fate: { parked: "request" },
    source: "https://learn.microsoft.com/answers/questions/213665",
  },
  {
    refused: { status: 401, graphMessage: embedded("Unauthorized", "p#S256 doesn't match") },
    fate: { parked: "sign-in" },
    source: "https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/8919",
  },
  {
    refused: { status: 402, graphCode: "PaymentRequired" },
    fate: { parked: "payment" },
    source: "https://learn.microsoft.com/graph/teams-licenses",
  },
  {
    refused: { status: 403, graphMessage: embedded("Forbidden", "App '0f1c' has reached its limit of '1'") },
    fate: { parked: "quota" },
    source: "https://github.com/microsoft/teams-sdk/issues/2741",
  },
  {
    refused: { status: 403, graphMessage: "Number of subscriptions exceeds the quota of 100" },
    fate: { parked: "quota" },
    source:
      "https://learn.microsoft.com/graph/change-notifications-overview#microsoft-entra-resource-limitations",
  },
  {
    refused: { status: 403, graphMessage: embedded("Forbidden", "Access is denied.") },
    fate: { parked: "consent" },
    source: "https://github.com/microsoftgraph/msgraph-sdk-dotnet/issues/365",
  },
  {
    refused: { status: 404, graphCode: "ResourceNotFound", graphMessage: MESSAGE_SEEN },
    fate: { parked: "resource" },
    renewal: "anew",
    source: "https://learn.microsoft.com/graph/api/subscription-update",
  },
  {
    refused: { status: 404, graphMessage: "REST API is not yet supported for this mailbox." },
    fate: { parked: "resource" },
    source: "https://github.com/microsoftgraph/microsoft-graph-docs/issues/6868",
  },
  {
    refused: { status: 409, graphMessage: "Subscription Id <> already exists for the requested combination" },
    fate: "later",
    source: "https://learn.microsoft.com/graph/change-notifications-delivery-webhooks",
  },
  {
    refused: { graphMessage: embedded("Conflict", "A subscripton already exists.") },
    fate: "later",
    source: "https://github.com/microsoftgraph/aspnetcore-webhooks-sample/issues/92",
  },
  {
    refused: { status: 429, graphMessage: "Please retry again later.", retryAfterMs: 7_000 },
    fate: "later",
    source: "https://learn.microsoft.com/graph/throttling",
  },
  {
    refused: { graphMessage: "There was an error processing a storage extension." },
    fate: "later",
    source: "https://github.com/microsoftgraph/microsoft-graph-explorer/issues/3554",
  },
  {
    refused: { graphMessage: embedded("ServiceUnavailable", "currently on backend 'Unknown'") },
    fate: "later",
    source: "https://learn.microsoft.com/answers/questions/417261",
  },
  {
    refused: { status: 503 },
    fate: "later",
    source: "https://learn.microsoft.com/graph/best-practices-concept#handling-expected-errors",
  },
];

/** What became of the one row, by what was told and what it says. */
function fateOf(row: SubscriptionRow): Fate | undefined {
  const names = new Set(bench.told.map(({ name }) => name));
  if (row.parked !== null) return { parked: row.parked.need };
  if (names.has("subscription:gone")) return "anew";
  if (names.has("subscription:failed")) return "later";
  return names.has("subscription:created") || names.has("subscription:renewed") ? "shorter" : undefined;
}

const isLater = ({ fate }: Case): boolean => fate === "later";
const isParked = ({ fate }: Case): boolean => typeof fate === "object";

describe("a row that Graph refuses to create a subscription for", () => {
  it.each(CASES)("with $refused.status $refused.graphMessage: $fate ($source)", async ({ refused, fate }) => {
    const row = await failOnce("create", refusal({ method: "POST", ...refused }));
    expect(fateOf(row)).toEqual(fate);
    expect(row.claimedUntil).toBe(0);
  });

  it.each(CASES.filter(isLater))(
    "comes again when it is told: $refused.graphMessage",
    async ({ refused }) => {
      const row = await failOnce("create", refusal({ method: "POST", ...refused }));
      const { key, nextActionAt: retryAt } = row;
      expect(retryAt).toBeGreaterThan(bench.clock.now());
      expect(retryAt).toBeLessThanOrEqual(bench.clock.now() + 15 * MINUTE_MS);
      expect(bench.toldOf("subscription:failed")).toMatchObject([{ key, action: "create", retryAt }]);
    },
  );

  it.each(CASES.filter(isParked))(
    "waits for a person as told: $refused.graphMessage",
    async ({ refused }) => {
      const { key, parked, nextActionAt } = await failOnce("create", refusal({ method: "POST", ...refused }));
      const hours = parked?.need === "request" || parked?.need === "resource" ? 6 : 1;
      expect(parked?.since).toBe(bench.clock.now());
      expect(nextActionAt).toBe(bench.clock.now() + hours * HOUR_MS);
      expect(bench.told).toMatchObject([
        { name: "subscription:parked", event: { key, need: parked?.need, retryAt: nextActionAt } },
      ]);
    },
  );
});

describe("a row whose subscription Graph refuses to renew", () => {
  it.each(CASES)(
    "with $refused.status $refused.graphMessage: $fate, or $renewal ($source)",
    async ({ refused, fate, renewal = fate }) => {
      const row = await failOnce("renew", refusal({ method: "PATCH", ...refused }));
      expect(fateOf(row)).toEqual(renewal);
      expect(row.claimedUntil).toBe(0);
      expect(bench.graph.live.size).toBe(1);
    },
  );

  it.each(CASES.filter(({ renewal }) => renewal === "anew"))(
    "has another, and a gap: $refused.graphMessage",
    async ({ refused }) => {
      const before = await failOnce("renew", refusal({ method: "PATCH", ...refused }));
      await bench.live(2 * MINUTE_MS, reconciler);
      expect(bench.graph.live.size).toBe(1);
      expect(await bench.knownIds()).toEqual([...bench.graph.live.keys()]);
      expect((await bench.row()).gap).toMatchObject({ reason: "gone" });
      expect(bench.toldOf("subscription:gap")).toMatchObject([{ key: before.key, reason: "gone" }]);
    },
  );
});

describe("a row for which nothing usable came back", () => {
  it.each([
    { error: new GraphAnswerError("POST", "/subscriptions", "not-json"), mayHaveHappened: true },
    { error: new CredentialError("https://graph.microsoft.com/.default"), mayHaveHappened: false },
    { error: new TypeError("nobody foresaw this"), mayHaveHappened: true },
    { error: refusal({ status: 409 }), mayHaveHappened: true },
    { error: refusal({ status: 504 }), mayHaveHappened: true },
    { error: refusal({ status: 403 }), mayHaveHappened: false },
    { error: refusal({ status: 429 }), mayHaveHappened: false },
  ])("says whether something may have been made: $error.message", async ({ error, mayHaveHappened }) => {
    const row = await failOnce("create", error);
    expect(row.createStartedAt).toBe(mayHaveHappened ? bench.clock.now() : null);
  });
});

describe("a row that waits as Graph said", () => {
  it("comes again then, without having failed", async () => {
    const row = await failOnce("create", refusal({ status: 429, retryAfterMs: 90_000.5 }));
    expect(row).toMatchObject({ failures: 0, nextActionAt: bench.clock.now() + 90_001 });
  });

  it("comes again when the budget allows", async () => {
    const row = await failOnce("create", new GraphThrottledError("POST", "/subscriptions", 120_000));
    expect(row).toMatchObject({ failures: 0, nextActionAt: bench.clock.now() + 120_000 });
  });

  it.each([0, undefined])("for %s ms comes again after a while, not at once without end", async (waitMs) => {
    const row = await failOnce("create", refusal({ status: 429, retryAfterMs: waitMs }));
    expect(row).toMatchObject({ failures: 0, nextActionAt: bench.clock.now() + 2_500 });
  });
});

describe("a row that fails again and again", () => {
  /** Lets it come again when it says, and fail. */
  async function failAgain(operation: GraphOperation, error: Error, times: number): Promise<void> {
    for (let n = 0; n < times; n += 1) {
      await bench.clock.advance((await bench.row()).nextActionAt - bench.clock.now());
      bench.graph.failNext(operation, error);
      await reconciler.reconcileOnce();
    }
  }

  it("is parked after three conflicts with what nobody finds, and told of once", async () => {
    const conflict = refusal({ status: 409 });
    await failOnce("create", conflict);
    await failAgain("create", conflict, 6);
    expect(await bench.row()).toMatchObject({ parked: { need: "conflict" }, graph: null });
    expect(bench.toldOf("subscription:parked")).toHaveLength(1);
    expect(bench.graph.calls).toContain("list");
  });

  it("takes over what it conflicts with, where that is ours", async () => {
    await reconciler.reconcileOnce();
    const { key, graph } = await bench.row();
    const lost = new ReconcilerBench();
    lost.graph.plant({ ...bench.graph.get(graph?.id ?? ""), id: "survivor" }, { tenantId: TENANT_ID });
    const next = lost.begin();
    lost.graph.failNext("create", refusal({ status: 409 }));
    await lost.settle(next);
    expect(await lost.row()).toMatchObject({ key, graph: { id: "survivor" }, parked: null });
    expect(lost.toldOf("subscription:adopted")).toHaveLength(1);
  });

  it("tells of a renewal in danger once, at the third time", async () => {
    const error = refusal({ status: 503 });
    await failOnce("renew", error);
    await failAgain("renew", error, 1);
    expect(bench.toldOf("subscription:endangered")).toEqual([]);
    await failAgain("renew", error, 3);
    expect(bench.toldOf("subscription:endangered")).toHaveLength(1);
  });

  it("is parked since the first time, and tried again every hour, until it is taken", async () => {
    const error = refusal({ status: 403 });
    const { parked } = await failOnce("create", error);
    await failAgain("create", error, 2);
    expect((await bench.row()).parked).toEqual(parked);
    expect(bench.toldOf("subscription:parked")).toHaveLength(1);
    await bench.clock.advance(HOUR_MS);
    await reconciler.reconcileOnce();
    expect(await bench.row()).toMatchObject({ parked: null, failures: 0 });
  });

  it("that is parked for another reason by now is told of again", async () => {
    await failOnce("create", refusal({ status: 403 }));
    await failAgain("create", refusal({ status: 402 }), 1);
    expect(bench.toldOf("subscription:parked")).toMatchObject([{ need: "consent" }, { need: "payment" }]);
  });

  it("is tried at once when somebody asks", async () => {
    await failOnce("create", refusal({ status: 403 }));
    expect(await reconciler.renewNow((await bench.row()).key)).toBe(true);
    await reconciler.reconcileOnce();
    expect(bench.graph.live.size).toBe(1);
  });

  it("that Graph lists no subscriptions for is tried later and later", async () => {
    bench.graph.failNext("create", "after");
    for (let n = 0; n < 9; n += 1) bench.graph.failNext("list", refusal({ method: "GET", status: 404 }));
    await bench.live(10 * MINUTE_MS, reconciler);
    expect(bench.graph.calls.filter((call) => call === "list").length).toBeLessThan(4);
  });
});

describe("what is wanted while Graph is asked", () => {
  it("is tried at once, whatever became of what was wanted before", async () => {
    const wrong = resolveDeclaration("users", { changeType: "deleted" });
    const right = resolveDeclaration("users", { changeType: "updated" });
    bench = new ReconcilerBench({
      async during({ operation }) {
        if (operation !== "create" || isEdited) return;
        isEdited = true;
        await reconciler.desired.subscribe({ spec: right, params: {}, tenantId: TENANT_ID });
      },
    });
    let isEdited = false;
    reconciler = bench.begin({ specs: [wrong] });
    bench.graph.failNext("create", refusal({ graphMessage: "Invalid changeType" }));
    await reconciler.reconcileOnce();
    expect([...bench.graph.live.values()]).toMatchObject([{ changeTypes: ["updated", "deleted"] }]);
    expect((await bench.row()).parked).toBe(null);
  });

  it("is not asked for when nobody wants it any more by then", async () => {
    const spec = resolveDeclaration("users", { changeType: "updated" });
    const { store } = bench;
    const slow = new Proxy(store, {
      get: (target, name: keyof typeof store) =>
        name === "claimSubscriptions"
          ? async (query: Parameters<typeof store.claimSubscriptions>[0]) => {
              const claimed = await target.claimSubscriptions(query);
              if (claimed.length > 0)
                await bench.begin().desired.unsubscribe({ spec, params: {}, tenantId: TENANT_ID });
              return claimed;
            }
          : Reflect.get(target, name).bind(target),
    });
    await bench.begin({ store: slow }).reconcileOnce();
    expect(bench.graph.calls).toEqual([]);
    expect(await bench.rows()).toEqual([]);
  });
});
