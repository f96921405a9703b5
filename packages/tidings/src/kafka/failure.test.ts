import {
  AuthenticationError,
  MultipleErrors,
  NetworkError,
  ProtocolError,
  ResponseError,
  UserError,
} from "@platformatic/kafka";
import { describe, expect, it } from "vitest";
import { CredentialError, KafkaError } from "../core/errors.ts";
import { partitionAnswers, toKafkaError } from "./failure.ts";

const PRODUCE = 0;
const NO_ERROR = 0;
const MESSAGE_TOO_LARGE = 10;

const refused = new NetworkError("Connection failed.", {
  cause: new Error("connect ECONNREFUSED 127.0.0.1:9092"),
});

/** What a broker answers about partitions 0, 1, … of a topic. */
function answer(...codes: readonly number[]): ResponseError {
  const refusals = codes.flatMap((code, place) =>
    code === NO_ERROR ? [] : [[`/responses/0/partition_responses/${place}`, [code, null]] as const],
  );
  const partitionResponses = codes.map((errorCode, index) => ({ index, errorCode }));
  const response = { responses: [{ name: "users", partitionResponses }] };
  return new ResponseError(
    PRODUCE,
    9,
    Object.fromEntries(refusals.map(([path, [code]]) => [path, [code, null]])),
    response,
  );
}

describe("what the library throws means", () => {
  it.each([
    ["no broker", refused, "unreachable"],
    ["no broker, tried twice", new MultipleErrors("twice", [refused, refused]), "unreachable"],
    ["a broker that cannot now", new ProtocolError("NOT_ENOUGH_REPLICAS"), "unavailable"],
    ["a topic nobody has", new ProtocolError("UNKNOWN_TOPIC_OR_PARTITION"), "no-topic"],
    ["a message too large", new ProtocolError("MESSAGE_TOO_LARGE"), "too-large"],
    ["no right", new ProtocolError("TOPIC_AUTHORIZATION_FAILED"), "unauthorized"],
    ["what no attempt helps", new ProtocolError("INVALID_REQUIRED_ACKS"), "refused"],
    ["no sign-in", new AuthenticationError("SASL authentication failed."), "unauthenticated"],
    [
      "no sign-in, of which the connection ended",
      new NetworkError("Connection failed.", { cause: new AuthenticationError("no") }),
      "unauthenticated",
    ],
    [
      "a credential that gives none",
      new AuthenticationError("The provider threw.", { cause: new CredentialError("scope") }),
      "unauthenticated",
    ],
    ["a mistake of ours", new UserError("/options must be good"), "refused"],
    ["what it never told of", new RangeError("Out of bounds."), "unavailable"],
    ["what is no error", undefined, "unavailable"],
  ])("%s", (_, thrown, fault) => {
    expect(toKafkaError(thrown).fault).toBe(fault);
  });

  it("what the innermost of the last attempt says", () => {
    const error = toKafkaError(new MultipleErrors("twice", [new Error("first"), refused]));
    expect(error.message).toBe(
      "No Kafka broker could be reached: Error: connect ECONNREFUSED 127.0.0.1:9092",
    );
  });

  it("what it meant, when it is ours already", () => {
    const error = new KafkaError("late");
    expect(toKafkaError(error)).toBe(error);
  });
});

describe("what is known of partitions", () => {
  function known(thrown: unknown): Record<number, string | undefined> {
    return Object.fromEntries(
      partitionAnswers(thrown).map(({ partition, error }) => [partition, error?.fault ?? "written"]),
    );
  }

  it("is what the answer says of each", () => {
    expect(known(toKafkaError(answer(NO_ERROR, MESSAGE_TOO_LARGE)))).toEqual({
      0: "written",
      1: "too-large",
    });
  });

  it("is what the last attempt says", () => {
    const thrown = new MultipleErrors("twice", [
      answer(MESSAGE_TOO_LARGE, NO_ERROR),
      answer(NO_ERROR, NO_ERROR),
    ]);
    expect(known(thrown)).toEqual({ 0: "written", 1: "written" });
  });

  it("is what other brokers acknowledged", () => {
    const produced = { offsets: [{ topic: "users", partition: 2, offset: 5n }] };
    expect(known(Object.assign(new MultipleErrors("failed", [refused]), { produced }))).toEqual({
      2: "written",
    });
  });

  it("is nothing, when nobody answered", () => {
    expect(known(refused)).toEqual({});
  });
});
