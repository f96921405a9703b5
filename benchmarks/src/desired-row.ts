import { createHash } from "node:crypto";
import { newSubscriptionRow, type SubscriptionRow } from "../../packages/tidings/src/core/subscription.ts";
import { DESIRED_KINDS, HOUR_MS, type DesiredKind } from "./desired-kinds.ts";

export const TENANTS = 50;
/** When rows are stored; none that has grown is due by then. Epoch milliseconds. */
export const STORED_AT: number = Date.UTC(2027, 0, 1);

/** A desired subscription as it is first stored, and what became of it: both for the version that is given. */
export interface DesiredRow {
  readonly wanted: SubscriptionRow;
  /**
   * Of a hundred 97 are alive, each somewhere between its beginning and its renewal, one of them for the second time.
   * One is missing and tried again within the hour, and two wait for a person.
   */
  readonly grown: (stored: SubscriptionRow) => SubscriptionRow;
}

/** The same for the same number. */
export function desiredRow(number: number): DesiredRow {
  const chance = new Chance(number);
  const kind = kindAt(chance.below(100));
  const params = Object.entries(kind.params).map(
    ([name, make]) => [name, make(() => chance.guid())] as const,
  );
  const path = params.reduce((rest, [name, value]) => rest.replace(`{${name}}`, value), kind.template);
  const tenantId = new Chance(-1 - chance.below(TENANTS)).guid();
  const want = {
    declaration: kind.template,
    definition: "q3Zx_0aB7dE",
    changeTypes: kind.changeTypes,
    params: Object.fromEntries(params),
  };
  const key = chance.text(16);
  const wanted = newSubscriptionRow(key, { tenantId, path, query: kind.query }, STORED_AT);
  return {
    wanted: { ...wanted, wants: [want] },
    grown: (stored) => grown(stored, kind, chance),
  };
}

/** The row after its renewal, or after its making. */
export function renewed(row: SubscriptionRow, now: number): SubscriptionRow {
  const { graph, key } = row;
  const lifetimeMs = graph === null ? HOUR_MS : graph.expiresAt - graph.grantedAt;
  return granted(row, {
    ...(graph ?? made(key, new Chance(now))),
    grantedAt: now,
    expiresAt: now + lifetimeMs,
  });
}

function grown(row: SubscriptionRow, kind: DesiredKind, chance: Chance): SubscriptionRow {
  const fate = chance.below(100);
  const nextActionAt = STORED_AT + 1 + chance.below(HOUR_MS);
  if (fate === 0) return { ...row, createStartedAt: STORED_AT, failures: 3, nextActionAt };
  if (fate <= 2) {
    const message = "Insufficient privileges to complete the operation.";
    return { ...row, parked: { need: "consent", since: STORED_AT, message }, nextActionAt };
  }
  const grantedAt = STORED_AT - chance.below(renewAfterMs(kind.lifetimeMs));
  const { changeTypes, lifetimeMs } = kind;
  const graph = { ...made(row.key, chance), changeTypes, grantedAt, expiresAt: grantedAt + lifetimeMs };
  const alive = granted(row, graph);
  return fate === 3 ? { ...alive, formerIds: [chance.guid()] } : alive;
}

type Granted = NonNullable<SubscriptionRow["graph"]>;

function granted(row: SubscriptionRow, graph: Granted): SubscriptionRow {
  const nextActionAt = graph.grantedAt + renewAfterMs(graph.expiresAt - graph.grantedAt);
  const nothing = { createStartedAt: null, missingSince: null, parked: null, claimedUntil: 0, failures: 0 };
  return { ...row, ...nothing, graph, nextActionAt };
}

function made(key: string, chance: Chance): Granted {
  return {
    id: chance.guid(),
    changeTypes: ["updated"],
    notificationUrl: `https://hooks.contoso.example/notifications/v1.k3yId_0a.crm-sync.${key}.${chance.text(32)}`,
    grantedAt: 0,
    expiresAt: 0,
    isRenewalAsked: false,
  };
}

function renewAfterMs(lifetimeMs: number): number {
  return Math.ceil((2 / 3) * lifetimeMs);
}

function kindAt(place: number): DesiredKind {
  let end = 0;
  const kind = DESIRED_KINDS.find(({ share }) => {
    end += share;
    return place < end;
  });
  if (kind === undefined) throw new RangeError(`Expected the shares to reach ${place}`);
  return kind;
}

/** Numbers and texts that look drawn, the same for the same seed. */
class Chance {
  readonly #seed: number;
  #drawn = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** A whole number from 0 to, but not with, `end`. */
  below(end: number): number {
    return this.#bytes().readUIntBE(0, 6) % end;
  }

  /** base64url of so many bytes, 32 at most. */
  text(bytes: number): string {
    return this.#bytes().subarray(0, bytes).toString("base64url");
  }

  guid(): string {
    const hex = this.#bytes().toString("hex");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
      "-",
    );
  }

  #bytes(): Buffer {
    this.#drawn += 1;
    return createHash("sha256").update(`${this.#seed} ${this.#drawn}`).digest();
  }
}
