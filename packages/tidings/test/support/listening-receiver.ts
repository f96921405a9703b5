import { connect } from "node:net";
import { RouteCache } from "../../src/app/routes.ts";
import type { Report } from "../../src/core/events.ts";
import { sha256 } from "../../src/crypto/hash.ts";
import { createKeyring } from "../../src/crypto/keyring.ts";
import { listen } from "../../src/host/node/listen.ts";
import { createReceiver } from "../../src/receiver/receiver.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { delivery, SECRET, userItem } from "./deliveries.ts";

const SUBSCRIPTION_KEY = "subscription-key-22-ch";
const keyring = createKeyring([SECRET]);

export interface ListeningReceiver extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly store: MemoryStore;
  /** What it told, in order. */
  readonly told: Parameters<Report>[];
}

/** A receiver with a store in memory and one subscription. */
export async function createLoneReceiver() {
  const store = new MemoryStore();
  const routes = new RouteCache();
  await routes.complete();
  await routes.set({
    subscriptionKey: SUBSCRIPTION_KEY,
    wants: [{ declaration: "users", definition: "users", changeTypes: ["updated"], params: {} }],
  });
  const told: ListeningReceiver["told"] = [];
  const receiver = createReceiver({
    paths: () => ["/notifications"],
    parts: () => ({ keyring, hash: sha256, routes, store, clock: new FakeClock(1_000) }),
    report: (...event: Parameters<Report>) => void told.push(event),
  });
  return { receiver, store, told };
}

/** The same, on a port of its own. */
export async function listenAlone(limits?: Parameters<typeof listen>[2]): Promise<ListeningReceiver> {
  const { receiver, store, told } = await createLoneReceiver();
  const server = await listen(receiver, { port: 0, hostname: "127.0.0.1" }, limits);
  const { port } = server;
  return {
    port,
    url: `${server.url}/notifications`,
    store,
    told,
    [Symbol.asyncDispose]: async () => server.close(),
  };
}

/** An authentic delivery about one user. */
export function goodDelivery(n: number, changes: Record<string, unknown> = {}): string {
  return delivery(userItem(n, { keyring, subscriptionKey: SUBSCRIPTION_KEY }, changes));
}

/** Sends bytes as they are and gives what came back until the other side ended the connection. */
export async function sendRaw(port: number, ...parts: readonly (string | Uint8Array)[]): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  socket
    .on("data", (chunk: Buffer) => (answer += chunk.toString("latin1")))
    .on("error", () => {})
    .on("close", () => resolve(answer));
  for (const part of parts) socket.write(part);
  return promise;
}

export function statusesOf(answers: string): number[] {
  return [...answers.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status));
}
