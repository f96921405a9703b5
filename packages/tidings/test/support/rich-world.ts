import { setTimeout as sleep } from "node:timers/promises";
import { startSimulator, type Simulator, type SimulatorOptions } from "@tidings/graph-simulator";
import { vi } from "vitest";
import { Tidings } from "../../src/app/tidings.ts";
import { JumpableClock } from "../../src/app/clock.ts";
import type { TidingsEventName, TidingsEvents } from "../../src/core/events.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { Clock } from "../../src/core/ports/clock.ts";
import type { TokenCredential } from "../../src/core/ports/credential.ts";
import type { StoreProvider } from "../../src/core/ports/store.ts";
import { createKeyPair } from "../../src/crypto/create-key-pair.ts";
import { memory } from "../../src/store/memory/memory.ts";

export const CONTOSO = "5f0c3a7e-2b84-4d19-9c6e-8a1d47b0e352";
export const FABRIKAM = "6f0c3a7e-2b84-4d19-9c6e-8a1d47b0e353";
const APP = "https://app.example";
const ADELE: ReadonlyMap<string, string> = new Map([
  [CONTOSO, "AdeleV@contoso.onmicrosoft.com"],
  [FABRIKAM, "AdeleV@fabrikam.onmicrosoft.com"],
]);
const PASS_STEP_MS: number = 10 * 60_000;
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

interface Told<Name extends TidingsEventName = TidingsEventName> {
  readonly name: Name;
  readonly event: TidingsEvents[Name];
}

/** A delivery as Graph sent it. */
export interface SentDelivery {
  readonly value: readonly JsonObject[];
  readonly validationTokens: readonly string[];
}

/** What a handler was given of a message. */
export interface Handled {
  readonly tenantId: string;
  readonly subject: unknown;
}

/**
 * An app that subscribes to messages with their content, of Adele in two tenants, in the same process as the simulated
 * Graph: what Graph sends can be held back, to be sent in another form.
 */
export interface RichWorld extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly tidings: Tidings;
  readonly handled: Handled[];
  /** While an error is here the handler throws it. */
  readonly fail: { with: Error | undefined };
  toldOf<Name extends TidingsEventName>(name: Name): TidingsEvents[Name][];
  /** Somebody sends Adele a message, or edits one. @returns its id */
  sendMail(subject: string, to?: { readonly tenantId?: string; readonly id?: string }): Promise<string>;
  /** Does something, and gives the deliveries that came of it; the app has none of them. */
  holdBack(count: number, act: () => Promise<void>): Promise<SentDelivery[]>;
  /** Lets time pass for both, who do meanwhile what is due. */
  pass(ms: number): Promise<void>;
  /** Sends a delivery to the app. */
  deliver(
    body: unknown,
  ): Promise<{ readonly status: number; readonly body: string; readonly headers: Headers }>;
}

export interface RichWorldOptions {
  readonly store?: StoreProvider;
  readonly historyMs?: number;
  readonly simulator?: SimulatorOptions;
  /** In place of the network, for what the app asks. */
  readonly intercept?: (url: URL, init: RequestInit) => Promise<Response> | undefined;
}

export async function createRichWorld({
  store = memory(),
  historyMs = 0,
  simulator: simulatorOptions = {},
  intercept = () => undefined,
}: RichWorldOptions = {}): Promise<RichWorld> {
  const clock = new JumpableClock();
  let held: SentDelivery[] | undefined;
  const simulator = await startSimulator({
    ...simulatorOptions,
    listen: false,
    tenants: [
      { id: CONTOSO, domain: "contoso.onmicrosoft.com" },
      { id: FABRIKAM, domain: "fabrikam.onmicrosoft.com" },
    ],
    users: [...ADELE].map(([tenantId, userPrincipalName]) => ({
      tenantId,
      userPrincipalName,
      displayName: "Adele Vance",
    })),
    endpoints: {
      [APP]: async (request) => {
        if (held === undefined || request.url.includes("validationToken")) return tidings.fetch(request);
        // What the simulator sends.
        held.push(JSON.parse(await request.text()));
        return new Response(null, { status: 202 });
      },
    },
  });
  const handled: Handled[] = [];
  const fail: RichWorld["fail"] = { with: undefined };
  const told: Told[] = [];
  const tidings = new Tidings({ name: "rich", logger: SILENT, store, historyMs });
  for (const name of [
    "items:refused",
    "change:dead",
    "change:failed",
    "change:handled",
    "lifecycle:received",
  ] as const)
    tidings.events.on(name, (event) => told.push({ name, event }));
  const mail = tidings.on(
    "users/{userId}/messages",
    { select: ["subject"], includeResourceData: true },
    ({ tenantId, data }) => {
      if (fail.with !== undefined) throw fail.with;
      handled.push({ tenantId, subject: data?.subject });
    },
  );
  await tidings.start({
    cloud: { graphRoot: "https://graph.microsoft.com", version: "v1.0" },
    publicUrl: APP,
    certificates: await createKeyPair({ commonName: "tidings test", now: Date.now() }),
    credential: ({ tenantId }) => credentialIn(simulator, tenantId, clock),
    fetch: async (url, init) =>
      intercept(url, init) ??
      (url.origin === APP ? tidings.fetch(new Request(url, init)) : simulator.fetch(url, init)),
    clock,
  });
  for (const [tenantId, userId] of ADELE) await mail.subscribe({ userId }, { tenantId });
  await vi.waitFor(() => {
    if (simulator.subscriptions.list().length < 2) throw new Error("not subscribed");
  }, 10_000);
  return {
    simulator,
    tidings,
    handled,
    fail,
    toldOf: <Name extends TidingsEventName>(name: Name) => {
      const isOfName = (each: Told): each is Told<Name> => each.name === name;
      return told.filter(isOfName).map(({ event }) => event);
    },
    async sendMail(subject, { tenantId = CONTOSO, id } = {}) {
      const path = `users/${ADELE.get(tenantId) ?? ""}/messages`;
      const sent =
        id === undefined
          ? await tidings.graph.request("POST", path, { tenantId, body: { subject } })
          : await tidings.graph.request("PATCH", `${path}/${id}`, { tenantId, body: { subject } });
      return String(Reflect.get(Object(sent), "id"));
    },
    async holdBack(count, act) {
      const own: SentDelivery[] = [];
      held = own;
      await act();
      await vi.waitFor(() => {
        if (own.flatMap(({ value }) => value).length < count) throw new Error("not delivered");
      }, 10_000);
      held = undefined;
      return own;
    },
    async pass(ms) {
      for (let passedMs = 0; passedMs < ms; passedMs += PASS_STEP_MS) {
        const step = Math.min(PASS_STEP_MS, ms - passedMs);
        simulator.clock.advance(step);
        clock.advance(step);
        await sleep(5);
      }
    },
    async deliver(body) {
      const response = await tidings.fetch(
        new Request(`${APP}/notifications`, { method: "POST", body: JSON.stringify(body) }),
      );
      return { status: response.status, body: await response.text(), headers: response.headers };
    },
    async [Symbol.asyncDispose]() {
      await tidings.stop();
      await simulator.close();
    },
  };
}

function credentialIn(simulator: Simulator, tenantId: string, clock: Clock): TokenCredential {
  return {
    async getToken(scopes) {
      const response = await simulator.fetch(
        `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`,
        {
          method: "POST",
          body: new URLSearchParams({
            grant_type: "client_credentials",
            client_id: simulator.clientId,
            client_secret: simulator.clientSecret,
            scope: [scopes].flat().join(" "),
          }),
        },
      );
      const token: unknown = Reflect.get(Object(await response.json()), "access_token");
      if (typeof token !== "string") throw new Error(`the login service answered ${response.status}`);
      return { token, expiresOnTimestamp: clock.now() + 3_600_000 };
    },
  };
}
