import { createServer } from "node:http";
import { once } from "node:events";
import { json } from "node:stream/consumers";
import {
  startSimulator,
  TAMPERINGS,
  type Simulator,
  type SimulatorOptions,
  type Tampering,
} from "@tidings/graph-simulator";
import { beforeAll, describe, expect, it } from "vitest";
import { createTenantClient, simulatorSettings } from "../src/cli/dev/simulated-graph.ts";
import { parseEncryptedContent } from "../src/core/encrypted-content.ts";
import { ContentRefusedError, KeysUnavailableError } from "../src/core/errors.ts";
import { isJsonObject, type JsonObject } from "../src/core/json.ts";
import { resolveCloud } from "../src/core/resolve-cloud.ts";
import { trustOf, type Trust } from "../src/core/trust.ts";
import { judgeValidationToken } from "../src/core/validation-token.ts";
import { createDecryptor } from "../src/crypto/decryptor.ts";
import { KeyPairs } from "../src/crypto/key-pairs.ts";
import { createTokenVerifier } from "../src/crypto/token-verifier.ts";
import type { GraphClient } from "../src/graph/graph-client.ts";
import { FakeClock } from "../src/testing/fake-clock.ts";
import { makeKeyPair, type TestKeyPair } from "./support/key-material.ts";

const HOUR_MS = 60 * 60_000;

/** As long as one with resource data may live, but for a minute. */
const LIFETIME_MS = 24 * HOUR_MS - 60_000;

let own: TestKeyPair;
let next: TestKeyPair;
beforeAll(async () => {
  [own, next] = await Promise.all([makeKeyPair(), makeKeyPair()]);
});

/** What becomes of an item, by the ports alone. */
type Fate =
  | { readonly kind: "opened"; readonly resource: JsonObject }
  | { readonly kind: "refused" }
  | { readonly kind: "waits" };

/** A simulator with one subscription with resource data, and all that proves and decrypts its notifications. */
interface RichWorld extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly clock: FakeClock;
  readonly tenant: GraphClient;
  readonly subscriptionId: string;
  readonly pairs: KeyPairs;
  /** Makes a message. @returns what becomes of what Graph sends about it */
  sendMail(subject: string): Promise<Fate>;
}

async function startRichWorld(options: SimulatorOptions = {}): Promise<RichWorld> {
  const clock = new FakeClock(Date.now());
  const deliveries: unknown[] = [];
  const server = createServer((request, response) => {
    const token = new URL(request.url ?? "", "http://localhost").searchParams.get("validationToken");
    if (token !== null) response.setHeader("content-type", "text/plain").end(token);
    else void json(request).then((body) => response.writeHead(deliveries.push(body) && 202).end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = Object(server.address());
  const simulator = await startSimulator({ deliver: { collectMs: 1 }, ...options });
  const tenant = createTenantClient(simulator, clock);
  const [user] = await Array.fromAsync(tenant.pages("users"));
  const messages = `users/${String(Reflect.get(Object(user), "id"))}/messages`;
  const subscription = await tenant.request("POST", "subscriptions", {
    body: {
      changeType: "created",
      notificationUrl: `http://127.0.0.1:${port}/notifications`,
      resource: `${messages}?$select=subject`,
      expirationDateTime: new Date(clock.now() + LIFETIME_MS).toISOString(),
      clientState: "a",
      includeResourceData: true,
      encryptionCertificate: own.pair.certificate,
      encryptionCertificateId: own.pair.id,
    },
  });
  const trust = trustOf(resolveCloud(simulatorSettings(simulator, clock).cloud));
  const pairs = new KeyPairs([own.pem, next.pem], { clock });
  const decryptor = createDecryptor(async (id) => pairs.find(id));
  const verifier = createTokenVerifier({ trust, clock });
  return {
    simulator,
    clock,
    tenant,
    pairs,
    subscriptionId: String(Reflect.get(Object(subscription), "id")),
    async sendMail(subject) {
      deliveries.length = 0;
      await clock.advance(1_000);
      await tenant.request("POST", messages, { body: { subject } });
      await simulator.settled();
      const [delivery] = deliveries;
      if (!isJsonObject(delivery)) throw new Error("nothing was delivered");
      try {
        const isProved = await proves(delivery, { verifier, trust, simulator, receivedAt: clock.now() });
        if (!isProved) return { kind: "refused" };
        const [item] = Object(delivery["value"]);
        const content = parseEncryptedContent(Object(item).encryptedContent);
        return content === undefined
          ? { kind: "refused" }
          : { kind: "opened", resource: await decryptor.decrypt(content) };
      } catch (error) {
        if (error instanceof ContentRefusedError) return { kind: "refused" };
        if (error instanceof KeysUnavailableError) return { kind: "waits" };
        throw error;
      }
    },
    async [Symbol.asyncDispose]() {
      await simulator.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

async function proves(
  delivery: JsonObject,
  by: {
    readonly verifier: ReturnType<typeof createTokenVerifier>;
    readonly trust: Trust;
    readonly simulator: Simulator;
    readonly receivedAt: number;
  },
): Promise<boolean> {
  const { verifier, trust, simulator, receivedAt } = by;
  const tokens = Array.isArray(delivery["validationTokens"]) ? delivery["validationTokens"] : [];
  const terms = { clientIds: [simulator.clientId], tenantId: simulator.tenantId, receivedAt, trust };
  for (const token of tokens) {
    const claims = await verifier.verify(String(token), receivedAt);
    if (claims !== undefined && judgeValidationToken(claims, terms)) return true;
  }
  return false;
}

const apps = (requestedAccessTokenVersion: 1 | 2): SimulatorOptions["apps"] => [
  { clientId: "aaaaaaaa-2222-4333-8444-555555555555", clientSecret: "a", requestedAccessTokenVersion },
];

describe.each([1, 2] as const)("a notification with resource data and a token of version %i.0", (version) => {
  it("is proved and decrypted", async () => {
    await using world = await startRichWorld({ apps: apps(version) });
    expect(await world.sendMail("Hello ✓")).toMatchObject({
      kind: "opened",
      resource: { subject: "Hello ✓" },
    });
  });

  // The first two are found by the client state and the tenant it is made for, before anything is decrypted.
  const seen = TAMPERINGS.filter((what) => what !== "client-state" && what !== "tenant");

  it.each(seen)("S2, S4: is not opened when tampered with: %s", async (what: Tampering) => {
    await using world = await startRichWorld({ apps: apps(version) });
    expect(await world.sendMail("before")).toMatchObject({ kind: "opened" });
    world.simulator.tampering.order({ what });
    // A certificate or a key we do not know may be one to come.
    const waits = what === "certificate-id" || what === "token-unknown-key";
    expect(await world.sendMail("tampered")).toEqual({ kind: waits ? "waits" : "refused" });
    expect(await world.sendMail("after")).toMatchObject({ kind: "opened" });
  });

  it("S2: is refused in the end when its key is still nobody's a minute later", async () => {
    await using world = await startRichWorld({ apps: apps(version) });
    world.simulator.tampering.order({ what: "token-unknown-key" });
    expect(await world.sendMail("tampered")).toEqual({ kind: "refused" });
  });

  it("is refused of another tenant than its token", async () => {
    await using world = await startRichWorld({ apps: apps(version) });
    world.simulator.tampering.order({ what: "token-tenant" });
    expect(await world.sendMail("tampered")).toEqual({ kind: "refused" });
  });
});

it("S3: signing keys rotate every day, and nothing is lost by it", async () => {
  await using world = await startRichWorld();
  for (let day = 0; day < 10; day += 1) {
    expect(await world.sendMail(`day ${day}`)).toMatchObject({ kind: "opened" });
    world.simulator.clock.advance(23 * HOUR_MS);
    await world.clock.advance(23 * HOUR_MS);
    await world.tenant.request("PATCH", `subscriptions/${world.subscriptionId}`, {
      body: { expirationDateTime: new Date(world.clock.now() + LIFETIME_MS).toISOString() },
    });
  }
});

// https://learn.microsoft.com/graph/change-notifications-with-resource-data#rotate-certificates
it("a certificate is rotated, and nothing is lost by it", async () => {
  await using world = await startRichWorld();
  expect(await world.sendMail("old")).toMatchObject({ kind: "opened" });
  await world.tenant.request("PATCH", `subscriptions/${world.subscriptionId}`, {
    body: {
      expirationDateTime: new Date(world.clock.now() + LIFETIME_MS).toISOString(),
      encryptionCertificate: next.pair.certificate,
      encryptionCertificateId: next.pair.id,
    },
  });
  expect(await world.sendMail("new")).toMatchObject({ kind: "opened" });
});
