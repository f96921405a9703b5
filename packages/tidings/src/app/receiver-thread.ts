/**
 * The receiver in a thread of its own: it never loads the app, so a handler that blocks its event loop cannot make
 * the endpoint slow. What it must know comes by message.
 */
import { parentPort, type MessagePort } from "node:worker_threads";
import { StoreBrokenError } from "../core/errors.ts";
import type { Report } from "../core/events.ts";
import { routeOf } from "../core/route.ts";
import { sha256 } from "../crypto/hash.ts";
import { ChangingKeyring } from "../crypto/keyring.ts";
import { listen, type Listening, type ListenOptions } from "../host/node/listen.ts";
import { createReceiver, type Receiver, type ReceiverParts } from "../receiver/receiver.ts";
import { SqliteClient } from "../store/sqlite/sqlite-client.ts";
import { JumpableClock, systemClock } from "./clock.ts";
import { EventRelay } from "./event-relay.ts";
import { answerProbe, isProbe } from "./health.ts";
import { Face } from "./face.ts";
import type { FromReceiver, ReceiverSetup, ToReceiver } from "./receiver-protocol.ts";
import { RouteCache } from "./routes.ts";

class ReceiverThread {
  readonly #port: MessagePort;
  readonly #routes = new RouteCache(async (key) => {
    const row = await this.#store?.getSubscription(key);
    return row && routeOf(row);
  });
  #store: SqliteClient | undefined;
  #face = new Face([]);
  #parts: ReceiverParts | undefined;
  #keyring: ChangingKeyring | undefined;
  #server: Listening | undefined;
  readonly #relay = new EventRelay((events) => this.#tell({ kind: "events", events }));
  readonly #receiver: Receiver;

  constructor(port: MessagePort) {
    this.#port = port;
    this.#receiver = createReceiver({
      paths: () => this.#face.paths,
      urlKeyCheck: () => this.#face.isUrlKey,
      parts: () => this.#parts,
      report: this.#report,
    });
  }

  start(): void {
    this.#port.on("message", (message: ToReceiver) => void this.#take(message));
  }

  async #take(message: ToReceiver): Promise<void> {
    switch (message.kind) {
      case "listen":
        this.#face = Face.of(message.face);
        return this.#listen(message.options);
      case "ready":
        return this.#ready(message.setup);
      case "set-route":
        await this.#routes.set(message.route);
        return this.#tell({ kind: "done", id: message.id });
      case "delete-route":
        await this.#routes.delete(message.subscriptionKey);
        return this.#tell({ kind: "done", id: message.id });
      case "complete-routes":
        await this.#routes.complete();
        return this.#tell({ kind: "done", id: message.id });
      case "use-secrets":
        this.#keyring?.use(message.secrets);
        return this.#tell({ kind: "done", id: message.id });
      case "taken":
        return this.#relay.taken();
      case "stop":
        this.#parts = undefined;
        this.#flush();
        return this.#tell({ kind: "done", id: message.id });
      case "close":
        await this.#server?.close();
        this.#flush();
        this.#tell({ kind: "closed" });
        this.#port.close();
        return undefined;
    }
  }

  async #listen(options: ListenOptions): Promise<void> {
    const receiver = this.#receiver;
    try {
      this.#server = await listen(
        {
          serves: (url) => isProbe(url) || receiver.serves(url),
          receive: async (request) =>
            answerProbe(request, () => receiver.isReady()) ?? receiver.receive(request),
        },
        options,
      );
      this.#tell({ kind: "listening", port: this.#server.port });
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
      this.#tell({
        kind: "not-listening",
        code,
        message: error instanceof Error ? error.message : String(error),
      });
    }
  }

  async #ready({ face, secrets, clockOffset, isComplete, store }: ReceiverSetup): Promise<void> {
    if (isComplete) await this.#routes.complete();
    this.#face = Face.of(face);
    this.#store = new SqliteClient(store);
    this.#keyring = new ChangingKeyring(secrets);
    this.#parts = {
      keyring: this.#keyring,
      hash: sha256,
      routes: this.#routes,
      store: this.#store,
      clock: clockOffset === undefined ? systemClock : new JumpableClock(clockOffset),
    };
  }

  readonly #report: Report = (...told) => {
    this.#relay.report(...told);
    const [name, event] = told;
    if (name !== "store:broken" && "error" in event && event.error instanceof StoreBrokenError) {
      // Said here, since classes do not survive the way between threads.
      this.#relay.report("store:broken", { error: event.error });
    }
  };

  #flush(): void {
    this.#receiver.flush();
    this.#relay.flush();
  }

  #tell(message: FromReceiver): void {
    this.#port.postMessage(message);
  }
}

if (parentPort !== null) new ReceiverThread(parentPort).start();
