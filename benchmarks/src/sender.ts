/** Sends notifications when they are due, whether or not those before were answered; in a process of its own. */
import { setTimeout } from "node:timers/promises";
import { planArrivals, type Due, type PlanOptions } from "./arrival-plan.ts";
import { answerParent } from "./face.ts";
import { notificationOf, type Subscribed } from "./notification.ts";
import { PostConnection } from "./post-connection.ts";
import { now, toStamp, type Handling } from "./stamp.ts";
import { summarizeLatencies, type LatencySummary } from "./statistics.ts";

export interface SendOptions extends PlanOptions {
  readonly subscribed: Subscribed;
  /** Its resources are of no other stream. */
  readonly stream: number;
  readonly handling: Handling;
}

export interface SendReport {
  /** How many of each resource, by its place, without copies. */
  readonly sent: readonly number[];
  readonly posts: number;
  readonly refused: number;
  /** From writing a POST to its answer. */
  readonly acknowledged: LatencySummary;
}

export type SenderFace = { send: (options: SendOptions) => Promise<SendReport> };

const CONNECTIONS = 32;
const MAX_ITEMS_PER_POST = 100;
const TICK_MS = 1;
/** More than any stream has of resources or notifications. */
const STREAM_NUMBERS = 1_000_000;

/**
 * What one connection is to send, in order. A resource has one connection, so that the order of its notifications is
 * settled: what is due while an answer is awaited goes into the next POST together, as Graph does it.
 */
interface Queue {
  readonly connection: PostConnection;
  readonly due: Due[];
  posting: Promise<void> | undefined;
}

/** Which notification of all, and of its resource. */
interface Numbered {
  readonly number: number;
  readonly count: number;
}

class Sender {
  readonly #options: SendOptions;
  readonly #queues: readonly Queue[];
  readonly #sent: number[];
  /** What was sent of which there are copies. */
  readonly #originals = new Map<Due, Numbered>();
  readonly #latenciesMs: number[] = [];
  #startedAt = 0;
  #number: number;
  #refused = 0;

  constructor(options: SendOptions) {
    this.#options = options;
    this.#number = options.stream * STREAM_NUMBERS;
    this.#sent = Array.from({ length: options.resources }, () => 0);
    this.#queues = Array.from({ length: CONNECTIONS }, () => ({
      connection: new PostConnection(new URL(options.subscribed.url)),
      due: [],
      posting: undefined,
    }));
  }

  async send(): Promise<SendReport> {
    const plan = planArrivals(this.#options);
    this.#startedAt = now();
    for (let from = 0; from < plan.length; await setTimeout(TICK_MS)) from = this.#sendDue(plan, from);
    await Promise.all(this.#queues.map(async ({ posting }) => posting));
    for (const { connection } of this.#queues) connection.close();
    const acknowledged = summarizeLatencies(this.#latenciesMs);
    return { sent: this.#sent, posts: this.#latenciesMs.length, refused: this.#refused, acknowledged };
  }

  /** @returns from where to go on */
  #sendDue(plan: readonly Due[], from: number): number {
    const elapsedMs = now() - this.#startedAt;
    let next = from;
    for (let due = plan[next]; due !== undefined && due.dueMs <= elapsedMs; due = plan[next]) {
      this.#queues[due.resource % CONNECTIONS]?.due.push(due);
      next += 1;
    }
    for (const queue of this.#queues) {
      if (queue.due.length > 0) queue.posting ??= this.#empty(queue);
    }
    return next;
  }

  async #empty(queue: Queue): Promise<void> {
    while (queue.due.length > 0) {
      const sentAt = now();
      const items = queue.due.splice(0, MAX_ITEMS_PER_POST).map((due) => this.#toNotification(due, sentAt));
      const status = await queue.connection.post(JSON.stringify({ value: items }));
      this.#latenciesMs.push(now() - sentAt);
      if (status !== 202) this.#refused += 1;
    }
    queue.posting = undefined;
  }

  #toNotification(due: Due, sentAt: number): object {
    const { subscribed, stream, handling } = this.#options;
    const { resource, dueMs } = due;
    const { number, count } = this.#numbered(due);
    return notificationOf(subscribed, {
      number,
      entity: String(stream * STREAM_NUMBERS + resource).padStart(12, "0"),
      data: toStamp({ stream, resource, count, dueAt: this.#startedAt + dueMs, sentAt, ...handling }),
    });
  }

  #numbered(due: Due): Numbered {
    const original = due.copyOf === undefined ? undefined : this.#originals.get(due.copyOf);
    if (original !== undefined) return original;
    this.#number += 1;
    const count = (this.#sent[due.resource] ?? 0) + 1;
    this.#sent[due.resource] = count;
    const numbered = { number: this.#number, count };
    if (this.#options.copies !== undefined) this.#originals.set(due, numbered);
    return numbered;
  }
}

answerParent({ send: async (options) => new Sender(options).send() } satisfies SenderFace);
