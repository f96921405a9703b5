import { once } from "node:events";
import { extname } from "node:path";
import { Worker, type Transferable } from "node:worker_threads";
import type { Report } from "../core/events.ts";
import type { Route } from "../core/route.ts";
import type { Listening, ListenOptions } from "../host/node/listen.ts";
import type { PlainFace } from "./face.ts";
import type { FromReceiver, ReceiverSetup, ToReceiver } from "./receiver-protocol.ts";
import type { RouteFollower } from "./routes.ts";

/** The near end of a receiver that listens in a thread of its own. */
export class ThreadedReceiver implements Listening, RouteFollower {
  readonly port: number;
  readonly url: string;
  readonly #worker: Worker;
  readonly #report: Report;
  readonly #waiting = new Map<number, () => void>();
  #lastId = 0;
  #closing: Promise<void> | undefined;

  private constructor(worker: Worker, port: number, report: Report) {
    this.#worker = worker;
    this.#report = report;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    worker.on("message", (message: FromReceiver) => this.#take(message));
  }

  /**
   * Listens. Handshakes are answered from now on, deliveries get 503 until `ready`.
   *
   * @param face which URLs are answered, as far as that is known
   * @throws the system's error
   */
  static async listen(options: ListenOptions, face: PlainFace, report: Report): Promise<ThreadedReceiver> {
    const worker = new Worker(new URL(`./receiver-thread${extname(import.meta.url)}`, import.meta.url));
    worker.postMessage({ kind: "listen", options, face } satisfies ToReceiver);
    const [answer]: FromReceiver[] = await once(worker, "message");
    if (answer?.kind === "listening") return new ThreadedReceiver(worker, answer.port, report);
    await worker.terminate();
    const { code, message } =
      answer?.kind === "not-listening" ? answer : { code: undefined, message: "no answer" };
    throw Object.assign(new Error(message), { code });
  }

  /** Deliveries are accepted from now on. */
  ready(setup: ReceiverSetup): void {
    this.#send({ kind: "ready", setup }, [setup.store]);
  }

  async setRoute(route: Route): Promise<void> {
    await this.#ask((id) => ({ kind: "set-route", id, route }));
  }

  async deleteRoute(subscriptionKey: string): Promise<void> {
    await this.#ask((id) => ({ kind: "delete-route", id, subscriptionKey }));
  }

  async completeRoutes(): Promise<void> {
    await this.#ask((id) => ({ kind: "complete-routes", id }));
  }

  /** These verify from now on, and no others. */
  async useSecrets(secrets: readonly string[]): Promise<void> {
    await this.#ask((id) => ({ kind: "use-secrets", id, secrets }));
  }

  /** Deliveries get 503 from now on; resolves when all is told of those before. */
  async stop(): Promise<void> {
    await this.#ask((id) => ({ kind: "stop", id }));
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const exited = once(this.#worker, "exit");
    this.#send({ kind: "close" });
    await exited;
  }

  /** Nothing is waited for once the thread is gone. */
  async #ask(message: (id: number) => ToReceiver): Promise<void> {
    if (this.#closing !== undefined) return;
    this.#lastId += 1;
    const id = this.#lastId;
    const done = new Promise<void>((resolve) => this.#waiting.set(id, resolve));
    this.#send(message(id));
    await done;
  }

  #send(message: ToReceiver, transfer: readonly Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #take(message: FromReceiver): void {
    switch (message.kind) {
      case "events":
        for (const told of message.events) this.#report(...told);
        this.#send({ kind: "taken" });
        return;
      case "done":
        this.#waiting.get(message.id)?.();
        this.#waiting.delete(message.id);
        return;
      case "closed":
        for (const resolve of this.#waiting.values()) resolve();
        this.#waiting.clear();
        return;
      case "listening":
      case "not-listening":
        return;
    }
  }
}
