import { describe, expect, it } from "vitest";
import { kafka, type KafkaSinkOptions } from "./kafka-sink.ts";

const GIVEN: KafkaSinkOptions = { brokers: ["kafka.example:9092"], topic: "users" };
const credential = { getToken: async () => null };

describe("kafka()", () => {
  it.each<{ name: string; options: object; sentence: string }>([
    { name: "no broker", options: { brokers: [] }, sentence: "Expected `brokers`" },
    {
      name: "a URL for a broker",
      options: { brokers: ["https://kafka.example"] },
      sentence: "got `https://",
    },
    { name: "a client id with spaces", options: { clientId: "a b" }, sentence: "got `a b`" },
    { name: "a topic Kafka cannot have", options: { topic: "a b" }, sentence: "got `a b`" },
    { name: "a format of nobody's", options: { format: "xml" }, sentence: "got `xml`" },
    { name: "no time", options: { deadlineMs: 0 }, sentence: "Expected `deadlineMs`" },
    { name: "no room", options: { maxMessageBytes: NaN }, sentence: "got `NaN`" },
    { name: "no time to enrich", options: { enrich: { withinMs: -1 } }, sentence: "got `-1`" },
    {
      name: "a user without a name",
      options: { sasl: { mechanism: "PLAIN", username: "", password: "secret" } },
      sentence: "Expected `sasl` to have a `username`",
    },
    {
      name: "a token for nothing",
      options: { sasl: { mechanism: "OAUTHBEARER", credential, scope: "" } },
      sentence: "and a `scope`",
    },
    {
      name: "another mechanism",
      options: { sasl: { mechanism: "GSSAPI" } },
      sentence: "Expected `mechanism`",
    },
  ])("refuses $name at once", ({ options, sentence }) => {
    const refused = (): unknown => kafka({ ...GIVEN, ...options });
    expect(refused).toThrow(TypeError);
    expect(refused).toThrow(sentence);
  });

  it("shows no secret when it refuses", () => {
    const sasl = { mechanism: "PLAIN", username: "", password: "a secret" } as const;
    expect(() => kafka({ ...GIVEN, sasl })).toThrow(expect.not.stringContaining("a secret"));
  });

  it("can be closed before there was a change", async () => {
    const sink = kafka(GIVEN);
    await sink[Symbol.asyncDispose]();
    await expect(sink.probe()).rejects.toMatchObject({ fault: "closed" });
  });
});
