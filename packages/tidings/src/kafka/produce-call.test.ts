import { describe, expect, it } from "vitest";
import { KafkaError } from "../core/errors.ts";
import type { KafkaMessage } from "../core/ports/kafka.ts";
import { ProduceCall, takeRequest, type Outgoing } from "./produce-call.ts";

function message(topic: string, value: string | Uint8Array): KafkaMessage {
  return { topic, key: "key", value, headers: { name: "text" } };
}

function queueOf(...messages: readonly KafkaMessage[]): Outgoing[] {
  return [...new ProduceCall(messages, 0).outgoing];
}

function taken(queue: Outgoing[], maxBytes: number): string[] {
  return takeRequest(queue, maxBytes).map(({ value }) => value.toString());
}

describe("a request takes of what waits", () => {
  it("nothing, when nothing does", () => {
    expect(takeRequest([], 100)).toEqual([]);
  });

  it("as much as fits, in order, and leaves the rest", () => {
    const queue = queueOf(...["1", "2", "3"].map((value) => message("a", value)));
    const two = queue.slice(0, 2).reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(taken(queue, two)).toEqual(["1", "2"]);
    expect(taken(queue, two)).toEqual(["3"]);
    expect(queue).toEqual([]);
  });

  it("one that fits in none", () => {
    expect(taken(queueOf(message("a", "x".repeat(100)), message("a", "2")), 10)).toEqual(["x".repeat(100)]);
  });

  it("what is of one topic", () => {
    const queue = queueOf(message("a", "1"), message("b", "2"), message("a", "3"));
    expect([taken(queue, 1_000), taken(queue, 1_000), taken(queue, 1_000)]).toEqual([["1"], ["2"], ["3"]]);
  });

  it("what must be alone, alone", () => {
    const [first, second, ...rest] = queueOf(...["1", "2", "3"].map((value) => message("a", value)));
    if (first === undefined || second === undefined) throw new Error("two were given");
    const queue = [{ ...first, isAlone: true }, { ...second, isAlone: true }, ...rest];
    expect([taken(queue, 1_000), taken(queue, 1_000), taken(queue, 1_000)]).toEqual([["1"], ["2"], ["3"]]);
  });
});

describe("a call", () => {
  it("ends at once when it is given nothing", async () => {
    expect(await new ProduceCall([], 0).ended).toEqual(new Map());
  });

  it("ends when each of its messages has, and says what failed", async () => {
    const call = new ProduceCall([message("a", "1"), message("a", Buffer.from("2"))], 0);
    const [first, second] = call.outgoing;
    if (first === undefined || second === undefined) throw new Error("two were given");
    expect(call.holdsBack(second)).toBe(false);
    const error = new KafkaError("late");
    call.fail(first, error);
    expect(call.holdsBack(second)).toBe(true);
    call.succeed();
    expect(await call.ended).toEqual(new Map([[0, error]]));
  });
});
