/** A second client of a store, in a thread of its own: appends ten items when told to, and says when rows were added. */
import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import type { InboxItem } from "../../src/core/inbox.ts";
import { SqliteClient } from "../../src/store/sqlite/sqlite-client.ts";

function serve(port: MessagePort): void {
  const client = new SqliteClient(workerData);
  client.onAppended(() => port.postMessage("appended"));
  port.on("message", () => {
    const items = Array.from({ length: 10 }, (_, n) => itemOf(n));
    void client.append(items).then((result) => port.postMessage(result));
  });
}

function itemOf(n: number): InboxItem {
  return {
    declaration: "users",
    subscriptionKey: "subscription-key",
    lane: "users subscription-key",
    identity: `thread-${n}`,
    body: { raw: {}, params: {} },
    receivedAt: n,
    source: "webhook",
    tokensKey: undefined,
  };
}

if (parentPort !== null) serve(parentPort);
