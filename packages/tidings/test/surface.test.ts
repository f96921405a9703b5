import { describe, expect, it } from "vitest";
import * as errors from "../src/core/errors.ts";
import * as graph from "../src/app/graph.ts";
import * as root from "../src/index.ts";
import * as node from "../src/host/node/index.ts";
import * as kafkaInbox from "../src/kafka/inbox.ts";
import * as kafkaSource from "../src/kafka/source.ts";
import * as kafkaSink from "../src/app/kafka-sink.ts";
import * as stdoutSink from "../src/sink/stdout/stdout.ts";
import * as memory from "../src/store/memory/memory.ts";
import * as sqlite from "../src/store/sqlite/sqlite.ts";
import * as testing from "../src/testing/index.ts";

/** What users can see. A red test here is no mistake by itself: it says that the change is visible. */
describe("the public surface", () => {
  it.each([
    [
      "tidings",
      root,
      [
        "ContentRefusedError",
        "CredentialError",
        "GraphAnswerError",
        "GraphRefusedError",
        "GraphThrottledError",
        "GraphUnreachableError",
        "KafkaError",
        "KeysUnavailableError",
        "LeaseLostError",
        "OutboundRefusedError",
        "Permanent",
        "RetryAfter",
        "StdoutError",
        "StoreBrokenError",
        "StoreBusyError",
        "StoreError",
        "StoreInUseError",
        "StoreOfAnotherAppError",
        "StoreTooNewError",
        "Tidings",
        "TidingsError",
        "UnsuitableFileSystemError",
      ],
    ],
    ["tidings/inbox/kafka", kafkaInbox, ["kafka"]],
    ["tidings/source/kafka", kafkaSource, ["kafka"]],
    ["tidings/graph", graph, ["createGraphClient"]],
    ["tidings/node", node, ["serve", "toNodeHandler"]],
    ["tidings/sink/kafka", kafkaSink, ["kafka"]],
    ["tidings/sink/stdout", stdoutSink, ["stdout"]],
    ["tidings/store/memory", memory, ["memory"]],
    ["tidings/store/sqlite", sqlite, ["sqlite"]],
    ["tidings/testing", testing, ["FakeClock", "storeConformance"]],
  ])("of %s is what it was", (_, entry, names) => {
    expect(Object.keys(entry).toSorted()).toEqual(names);
  });

  it("exports every error class", () => {
    const rootNames = Object.keys(root);
    expect(Object.keys(errors).filter((name) => !rootNames.includes(name))).toEqual([]);
  });
});
