import type { ChangeType } from "./change-type.ts";
import type { Change } from "./change.ts";
import type { JsonObject } from "./json.ts";
import type { Params } from "./resource-template.ts";
import type { SinkData } from "./sink-data.ts";

/** What sinks write of a change: plain JSON, or the same inside a CloudEvent. */
export const SINK_FORMATS = ["json", "cloudevents"] as const;

export type SinkFormat = (typeof SINK_FORMATS)[number];

/**
 * A change as sinks write it. Fields may be added to it; `version` changes when one changes its meaning. What is not
 * known is left out.
 */
export interface ChangeRecord {
  readonly version: 1;
  /** The same for every copy of this change: what to drop duplicates by. */
  readonly idempotencyKey: string;
  readonly changeType: ChangeType;
  /** Of all notifications it stands for. */
  readonly changeTypes: readonly ChangeType[];
  readonly mergedCount: number;
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly subscriptionKey: string;
  readonly resource?: string;
  readonly resourceKey?: string;
  readonly resourceType?: string;
  readonly params: Params;
  readonly etag?: string;
  /** RFC 3339. */
  readonly receivedAt: string;
  readonly source: string;
  /** Late: others of its resource may be ahead of it. */
  readonly redriven: boolean;
  /** The item as Graph sent it, without its client state, and without content that only the app can decrypt. */
  readonly notification: JsonObject;
  /** Where `data` comes from, or why there is none. */
  readonly dataFrom: SinkData["kind"];
  readonly data?: unknown;
  /** Code of ours, when `dataFrom` is `failed`. */
  readonly dataError?: string;
}

export function toChangeRecord(change: Change, told: SinkData): ChangeRecord {
  const { resource, resourceKey, resourceType, etag } = change;
  const { encryptedContent: _, ...notification } = change.raw;
  return {
    version: 1,
    idempotencyKey: change.idempotencyKey,
    changeType: change.changeType,
    changeTypes: change.changeTypes,
    mergedCount: change.mergedCount,
    tenantId: change.tenantId,
    subscriptionId: change.subscriptionId,
    subscriptionKey: change.subscriptionKey,
    ...(resource === undefined ? {} : { resource }),
    ...(resourceKey === undefined ? {} : { resourceKey }),
    ...(resourceType === undefined ? {} : { resourceType }),
    params: change.params,
    ...(etag === undefined ? {} : { etag }),
    receivedAt: new Date(change.receivedAt).toISOString(),
    source: change.source,
    redriven: change.redriven,
    notification,
    dataFrom: told.kind,
    ...("data" in told ? { data: told.data } : {}),
    ...("error" in told ? { dataError: told.error } : {}),
  };
}

/**
 * A CloudEvent of a change, in structured mode.
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
 */
export interface ChangeCloudEvent {
  readonly specversion: "1.0";
  /** The idempotency key. */
  readonly id: string;
  /** `/tenants/<id>/subscriptions/<our key>`; with `id`, what to drop duplicates by. */
  readonly source: string;
  /** `com.microsoft.graph.<type of resource>.<change type>`, such as `com.microsoft.graph.user.updated`. */
  readonly type: string;
  /** The resource key. */
  readonly subject?: string;
  /** When it was received, RFC 3339. */
  readonly time: string;
  readonly datacontenttype: "application/json";
  readonly data: ChangeRecord;
}

export function toCloudEvent(record: ChangeRecord): ChangeCloudEvent {
  const { tenantId, subscriptionKey, resourceKey, resourceType, changeType } = record;
  return {
    specversion: "1.0",
    id: record.idempotencyKey,
    source: `/tenants/${tenantId}/subscriptions/${subscriptionKey}`,
    type: `com.microsoft.graph.${nameOfType(resourceType)}.${changeType}`,
    ...(resourceKey === undefined ? {} : { subject: resourceKey }),
    time: record.receivedAt,
    datacontenttype: "application/json",
    data: record,
  };
}

/** The line or value that a sink writes. */
export function toSinkText(change: Change, told: SinkData, format: SinkFormat): string {
  const record = toChangeRecord(change, told);
  return JSON.stringify(format === "json" ? record : toCloudEvent(record));
}

/** @throws TypeError with the value shown */
export function assertSinkFormat(format: SinkFormat): void {
  if (SINK_FORMATS.includes(format)) return;
  throw new TypeError(`Expected \`format\` to be json or cloudevents, got \`${format}\``);
}

/** `#Microsoft.Graph.ChatMessage` is a `chatMessage`; what does not say is a `resource`. */
function nameOfType(resourceType: string | undefined): string {
  const name = /(?:^|[.#])([A-Za-z]\w*)$/.exec(resourceType ?? "")?.[1] ?? "resource";
  return name.charAt(0).toLowerCase() + name.slice(1);
}
