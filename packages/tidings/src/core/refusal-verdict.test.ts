import { describe, expect, it } from "vitest";

import { judgeRefusal, type JudgedRefusal, type RefusalVerdict } from "./refusal-verdict.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

function refusal(refused: Partial<JudgedRefusal>): JudgedRefusal {
  return {
    method: "POST",
    status: 400,
    graphCode: undefined,
    graphMessage: undefined,
    retryAfterMs: undefined,
    ...refused,
  };
}

const ENDPOINT: RefusalVerdict = { kind: "retry", trouble: "endpoint" };
const SERVICE: RefusalVerdict = { kind: "retry", trouble: "service" };
const WRONG_REQUEST: RefusalVerdict = { kind: "give-up", wrong: "request" };
const WRONG_RESOURCE: RefusalVerdict = { kind: "give-up", wrong: "resource" };

interface Row {
  readonly refused: Partial<JudgedRefusal>;
  readonly verdict: RefusalVerdict;
  /** Where the sentence was seen, or is documented. */
  readonly source: string;
}

/** Every refusal of the subscriptions API that is documented or was seen by users. */
const ROWS: readonly Row[] = [
  {
    refused: { graphCode: "InvalidRequest", graphMessage: "Subscription validation request timed out." },
    verdict: ENDPOINT,
    source: "https://github.com/microsoftgraph/nodejs-webhooks-sample/issues/350",
  },
  {
    refused: {
      graphCode: "ValidationError",
      graphMessage:
        "Subscription validation request failed. Notification endpoint must respond with 200 OK to validation request.",
    },
    verdict: ENDPOINT,
    source:
      "https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#notificationurl-validation",
  },
  {
    refused: {
      graphMessage:
        "Subscription validation request failed. HTTP status code is 'Forbidden'. Notification endpoint must respond with 200 OK to validation request.",
    },
    verdict: ENDPOINT,
    source: "https://github.com/pnp/Microsoft365-Analytics-Insights/issues/273",
  },
  {
    refused: {
      graphCode: "InvalidRequest",
      graphMessage:
        "Subscription validation request failed. Response must exactly match validationToken query parameter.",
    },
    verdict: ENDPOINT,
    source: "https://github.com/microsoftgraph/java-spring-webhooks-sample/issues/82",
  },
  {
    refused: {
      graphCode: "InvalidRequest",
      graphMessage:
        "Subscription validation request failed. The underlying connection was closed: An unexpected error occurred on a send.",
    },
    verdict: ENDPOINT,
    source: "https://github.com/microsoftgraph/java-spring-webhooks-sample/issues/82",
  },
  {
    refused: {
      graphMessage: "The underlying connection was closed: Could not establish trust relationship.",
    },
    verdict: ENDPOINT,
    source: "https://github.com/microsoftgraph/microsoft-graph-docs/issues/1462",
  },
  {
    refused: { graphMessage: "Subscription expiration can only be 10070 minutes in the future." },
    verdict: { kind: "shorten", ceilingMs: 10_070 * MINUTE },
    source: "https://github.com/openclaw/openclaw/issues/111658",
  },
  {
    refused: {
      graphCode: "ExtensionError",
      graphMessage: "Subscription expiration can only be 4230 minutes in the future.",
    },
    verdict: { kind: "shorten", ceilingMs: 4_230 * MINUTE },
    source: "https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/7726",
  },
  {
    refused: {
      graphCode: "ExtensionError",
      graphMessage:
        "Operation: Create; Exception: [Status Code: BadRequest; Reason: Expiration time '2024-05-19T12:16:55.8224757+00:00' ('-5.23:59:55.5782571' from now) is beyond allowed max '3.00:00:00'.]",
    },
    verdict: { kind: "shorten", ceilingMs: 3 * DAY },
    source: "https://learn.microsoft.com/graph/api/resources/subscription#subscription-lifetime",
  },
  {
    refused: {
      graphMessage:
        "lifecycleNotificationUrl is a required property for subscription creation on this resource when the expirationDateTime value is set to greater than 1 hour",
    },
    verdict: WRONG_REQUEST,
    source: "https://learn.microsoft.com/graph/change-notifications-lifecycle-events",
  },
  {
    refused: {
      method: "PATCH",
      graphMessage:
        "lifecycleNotificationUrl is required for this resource when the expirationDateTime value exceeds 1 hour",
    },
    verdict: { kind: "replace" },
    source: "https://learn.microsoft.com/graph/change-notifications-lifecycle-events",
  },
  {
    refused: {
      method: "PATCH",
      graphMessage:
        "Subscription must contain either the 'expirationDateTime' or 'notificationUrl' property and its value.",
    },
    verdict: WRONG_REQUEST,
    source: "https://github.com/microsoftgraph/microsoft-graph-docs-contrib/pull/9498",
  },
  {
    refused: { graphMessage: "Certificate validation error: Cannot find the requested object." },
    verdict: WRONG_REQUEST,
    source: "https://github.com/microsoftgraph/microsoft-graph-docs/issues/9081",
  },
  {
    refused: { graphMessage: "Invalid event hub notification url='EventHub:https://x.vault.azure.net'." },
    verdict: WRONG_REQUEST,
    source: "https://github.com/microsoftgraph/microsoft-graph-docs/issues/20797",
  },
  {
    refused: { graphMessage: "Client EventHubs publishing validation failed for subscription." },
    verdict: ENDPOINT,
    source: "https://github.com/microsoftgraph/microsoft-graph-docs/issues/17699",
  },
  {
    refused: { graphCode: "BadRequest", graphMessage: "Resource not found for the segment 'movies'." },
    verdict: WRONG_REQUEST,
    source: "https://github.com/amp-labs/connectors",
  },
  {
    refused: {
      graphCode: "ValidationError",
      graphMessage: "Invalid property value for LatestSupportedTlsVersion",
    },
    verdict: WRONG_REQUEST,
    source: "https://github.com/microsoftgraph/nodejs-webhooks-sample/issues/599",
  },
  {
    refused: { graphMessage: "'app + user' subscriptions are not supported in v1" },
    verdict: WRONG_REQUEST,
    source: "https://learn.microsoft.com/answers/questions/213665",
  },
  {
    refused: {
      method: "PATCH",
      status: 401,
      graphCode: "ExtensionError",
      graphMessage: "Operation: Update; Exception: [Status Code: Unauthorized; Reason: p#S256 doesn't match]",
    },
    verdict: { kind: "park", need: "sign-in" },
    source: "https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/8919",
  },
  {
    refused: { status: 402, graphCode: "PaymentRequired" },
    verdict: { kind: "park", need: "payment" },
    source: "https://learn.microsoft.com/graph/teams-licenses",
  },
  {
    refused: {
      status: 403,
      graphCode: "ExtensionError",
      graphMessage:
        "Operation: Create; Exception: [Status Code: Forbidden; Reason: App '0f1c' has reached its limit of '1' subscriptions on this resource.]",
    },
    verdict: { kind: "park", need: "quota" },
    source: "https://github.com/microsoft/teams-sdk/issues/2741",
  },
  {
    refused: {
      status: 403,
      graphMessage: "Number of subscriptions exceeds the quota of 100 for the tenant and application",
    },
    verdict: { kind: "park", need: "quota" },
    source:
      "https://learn.microsoft.com/graph/change-notifications-overview#microsoft-entra-resource-limitations",
  },
  {
    refused: {
      status: 403,
      graphCode: "ExtensionError",
      graphMessage:
        "Operation: Create; Exception: [Status Code: Forbidden; Reason: Access is denied. Check credentials and try again.]",
    },
    verdict: { kind: "park", need: "consent" },
    source: "https://github.com/microsoftgraph/msgraph-sdk-dotnet/issues/365",
  },
  {
    refused: {
      status: 403,
      graphCode: "Forbidden",
      graphMessage: "Insufficient privileges to complete the operation.",
    },
    verdict: { kind: "park", need: "consent" },
    source: "https://github.com/microsoftgraph/microsoft-graph-docs/issues/6680",
  },
  ...["PATCH", "GET", "DELETE"].map((method): Row => ({
    refused: {
      method,
      status: 404,
      graphCode: "ResourceNotFound",
      graphMessage: "The object was not found.",
    },
    verdict: { kind: "replace" },
    source: "https://learn.microsoft.com/graph/api/subscription-update",
  })),
  {
    refused: {
      status: 404,
      graphCode: "ExtensionError",
      graphMessage: "REST API is not yet supported for this mailbox.",
    },
    verdict: WRONG_RESOURCE,
    source: "https://github.com/microsoftgraph/microsoft-graph-docs/issues/6868",
  },
  {
    refused: {
      method: "PATCH",
      status: 404,
      graphCode: "ExtensionError",
      graphMessage: "REST API is not yet supported for this mailbox.",
    },
    verdict: WRONG_RESOURCE,
    source: "https://github.com/microsoftgraph/microsoft-graph-docs/issues/6868",
  },
  {
    refused: {
      status: 404,
      graphCode: "ExtensionError",
      graphMessage:
        "Operation: Create; Exception: [Status Code: NotFound; Reason: The requested user is invalid.]",
    },
    verdict: WRONG_RESOURCE,
    source: "https://github.com/microsoftgraph/microsoft-graph-docs/issues/13616",
  },
  {
    refused: {
      status: 409,
      graphCode: "Conflict",
      graphMessage: "Subscription Id <7f105c7d> already exists for the requested combination",
    },
    verdict: { kind: "adopt" },
    source: "https://learn.microsoft.com/graph/change-notifications-delivery-webhooks",
  },
  {
    refused: {
      status: 409,
      graphCode: "ExtensionError",
      graphMessage:
        "Operation: Create; Exception: [Status Code: Conflict; Reason: A subscripton already exists. It must be deleted before a another can be made.]",
    },
    verdict: { kind: "adopt" },
    source: "https://github.com/microsoftgraph/aspnetcore-webhooks-sample/issues/92",
  },
  {
    refused: {
      status: 429,
      graphCode: "TooManyRequests",
      graphMessage: "Please retry again later.",
      retryAfterMs: 7_000,
    },
    verdict: { kind: "wait", waitMs: 7_000 },
    source: "https://learn.microsoft.com/graph/throttling",
  },
  {
    refused: { status: 429, graphCode: "TooManyRequests" },
    verdict: { kind: "wait", waitMs: undefined },
    source: "https://learn.microsoft.com/graph/throttling#best-practices-to-handle-throttling",
  },
  {
    refused: {
      method: "GET",
      graphCode: "ExtensionError",
      graphMessage: "There was an error processing a storage extension.",
    },
    verdict: SERVICE,
    source: "https://github.com/microsoftgraph/microsoft-graph-explorer/issues/3554",
  },
  {
    refused: {
      graphCode: "ExtensionError",
      graphMessage:
        "Operation: Create; Exception: [Status Code: ServiceUnavailable; Reason: Target resource '00034001' is currently on backend 'Unknown']",
    },
    verdict: SERVICE,
    source: "https://learn.microsoft.com/answers/questions/417261",
  },
  {
    refused: { status: 503, retryAfterMs: 30_000 },
    verdict: { kind: "wait", waitMs: 30_000 },
    source: "https://learn.microsoft.com/graph/best-practices-concept#handling-expected-errors",
  },
  {
    refused: { status: 503 },
    verdict: SERVICE,
    source: "https://learn.microsoft.com/graph/best-practices-concept#handling-expected-errors",
  },
];

describe("a refusal of the subscriptions API", () => {
  it.each(ROWS)("$refused.status $refused.graphMessage: $verdict.kind ($source)", ({ refused, verdict }) => {
    expect(judgeRefusal(refusal(refused))).toEqual(verdict);
  });

  it.each(ROWS)("is judged the same under any code: $refused.graphMessage", ({ refused, verdict }) => {
    expect(judgeRefusal(refusal({ ...refused, graphCode: "SomethingElse" }))).toEqual(verdict);
    expect(judgeRefusal(refusal({ ...refused, graphCode: undefined }))).toEqual(verdict);
  });

  // https://learn.microsoft.com/graph/errors#http-status-codes
  it.each<[status: number, verdict: RefusalVerdict]>([
    [400, WRONG_REQUEST],
    [405, WRONG_REQUEST],
    [406, WRONG_REQUEST],
    [408, SERVICE],
    [410, WRONG_RESOURCE],
    [412, WRONG_REQUEST],
    [415, WRONG_REQUEST],
    [422, WRONG_REQUEST],
    [423, SERVICE],
    [424, SERVICE],
    [500, SERVICE],
    [501, SERVICE],
    [502, SERVICE],
    [504, SERVICE],
    [509, SERVICE],
  ])("with %i and no sentence is judged by its status", (status, verdict) => {
    expect(judgeRefusal(refusal({ status }))).toEqual(verdict);
  });
});

// https://learn.microsoft.com/answers/questions/417261: the outer status was reported not to mirror the inner one.
describe("an embedded status", () => {
  const embedded = (status: string): string =>
    `Operation: Create; Exception: [Status Code: ${status}; Reason: …]`;

  it.each<[status: string, outer: number, verdict: RefusalVerdict]>([
    ["Forbidden", 400, { kind: "park", need: "consent" }],
    ["Conflict", 400, { kind: "adopt" }],
    ["Unauthorized", 403, { kind: "park", need: "sign-in" }],
    ["PaymentRequired", 403, { kind: "park", need: "payment" }],
    ["TooManyRequests", 400, { kind: "wait", waitMs: undefined }],
    ["InternalServerError", 400, SERVICE],
    ["GatewayTimeout", 404, SERVICE],
    ["503", 400, SERVICE],
    ["forbidden", 400, { kind: "park", need: "consent" }],
    ["BadRequest", 500, WRONG_REQUEST],
  ])("%s within %i decides", (status, outer, verdict) => {
    expect(judgeRefusal(refusal({ status: outer, graphMessage: embedded(status) }))).toEqual(verdict);
  });

  it("that nobody knows leaves it to the outer one", () => {
    const message = embedded("ImATeapot");
    expect(judgeRefusal(refusal({ status: 409, graphMessage: message }))).toEqual({ kind: "adopt" });
  });

  it("does not hide that the answer itself was throttled", () => {
    const throttled = refusal({ status: 429, graphMessage: embedded("BadRequest"), retryAfterMs: 1_000 });
    expect(judgeRefusal(throttled)).toEqual({ kind: "wait", waitMs: 1_000 });
  });
});
