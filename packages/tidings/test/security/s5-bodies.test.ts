import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MAX_DELIVERY_BYTES } from "../../src/core/delivery.ts";
import { goodDelivery, sendRaw, statusesOf } from "../support/listening-receiver.ts";
import type { Usage } from "../support/measured-receiver.ts";

const MiB = 1024 * 1024;
const CPU_MS = 50;
/** Of the whole process, which has 100 MiB before the first request. Values take many times the size of their text. */
const PEAK_BYTES = 320 * MiB;

let child: ChildProcess;
let port: number;

beforeAll(async () => {
  child = fork(new URL("../support/measured-receiver.ts", import.meta.url), {
    execArgv: ["--conditions=@tidings/source"],
  });
  const [told]: unknown[] = await once(child, "message");
  port = Number(told);
  // What runs for the first time is compiled first.
  for (let n = 0; n < 50; n += 1) await sendRaw(port, request(goodDelivery(n)));
});

afterAll(() => {
  child.disconnect();
});

async function usage(): Promise<Usage> {
  const told = once(child, "message");
  child.send("usage");
  const [answer]: Usage[] = await told;
  if (answer === undefined) throw new Error("It did not say");
  return answer;
}

function request(body: string | Uint8Array, headers = ""): Uint8Array {
  const bytes = Buffer.from(body);
  const head = `POST /notifications HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}Content-Length: ${bytes.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
}

function chunked(chunk: string, count: number): string {
  const head =
    "POST /notifications HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
  return `${head}${`${chunk.length.toString(16)}\r\n${chunk}\r\n`.repeat(count)}0\r\n\r\n`;
}

/** Filled up to the limit, or a little less. */
function filled(start: string, part: string, end: string): string {
  return (
    start + part.repeat(Math.floor((MAX_DELIVERY_BYTES - start.length - end.length) / part.length)) + end
  );
}

const CASES: readonly [name: string, bytes: () => string | Uint8Array, statuses: readonly number[]][] = [
  [
    "one of 100 MB that says so",
    () => "POST /notifications HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n{",
    [413],
  ],
  ["one of 100 MB that does not say so", () => chunked("x".repeat(MiB), 100), [413]],
  ["one in chunks of a byte", () => chunked("x", 200_000), [413]],
  ["a zip bomb", () => request(gzipSync(Buffer.alloc(50 * MiB)), "Content-Encoding: gzip\r\n"), [415]],
  ["a million items", () => request(`{"value":[${"0,".repeat(999_999)}0]}`), [413]],
  ["as many empty objects as there is room for", () => request(filled('{"value":[{}', ",{}", "]}")), [413]],
  ["10,000 items of nothing", () => request(`{"value":[${"{},".repeat(9_999)}{}]}`), [202]],
  ["lists 10,000 deep", () => request(`{"value":[${"[".repeat(10_000)}${"]".repeat(10_000)}]}`), [202]],
  [
    "objects 10,000 deep",
    () => request(`{"value":[${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}]}`),
    [202],
  ],
  ["lists four million deep", () => request(filled("", "[", "")), [413]],
  ["one string of 4 MiB", () => request(filled('{"value":["', "x", '"]}')), [202]],
  ["one number of 4 MiB", () => request(filled('{"value":[', "9", "]}")), [202]],
  ["the same key again and again", () => request(filled('{"value":[{"a":1', ',"a":1', "}]}")), [413]],
  ["NaN", () => request('{"value":[NaN]}'), [400]],
  ["Infinity", () => request('{"value":[Infinity]}'), [400]],
  ["a comment", () => request('{"value":[]/**/}'), [400]],
  ["UTF-16", () => request(Buffer.from('{"value":[]}', "utf16le")), [400]],
  ["a byte order mark before no JSON", () => request("\uFEFF{"), [400]],
  ["bytes that are no UTF-8", () => request(Buffer.from([0x22, 0xff, 0xfe, 0x22])), [400]],
  ["an overlong encoding", () => request(Buffer.from([0x22, 0xc0, 0xaf, 0x22])), [400]],
  ["a null byte", () => request('{"value":[]}\0'), [400]],
];

describe("S5 a body costs little time, and is refused", () => {
  it.each(CASES)("%s", async (_, bytes, statuses) => {
    const sent = bytes();
    let least = Infinity;
    // The best of some: what the processor does beside, such as collecting garbage, is not of the body.
    for (let n = 0; n < 10 && least >= CPU_MS; n += 1) {
      const before = await usage();
      const answer = await sendRaw(port, sent);
      least = Math.min(least, (await usage()).cpuMs - before.cpuMs);
      // Who still sends when the connection ends may see no answer.
      expect([...statuses.map(String), ...(statuses.includes(413) ? [""] : [])]).toContain(
        statusesOf(answer).join(),
      );
    }
    expect(least).toBeLessThan(CPU_MS);
  });

  it("and after all of them little memory was ever held, and honest deliveries are taken", async ({
    annotate,
  }) => {
    expect(statusesOf(await sendRaw(port, request(goodDelivery(1_000))))).toEqual([202]);
    const { peakBytes } = await usage();
    await annotate(`at most ${Math.round(peakBytes / MiB)} MiB, the process itself among them`);
    expect(peakBytes).toBeLessThan(PEAK_BYTES);
  });

  it("nor do many at once", async () => {
    const sent = request(filled('{"value":[{}', ",{}", "]}"));
    const before = await usage();
    await Promise.all(Array.from({ length: 20 }, async () => sendRaw(port, sent)));
    expect((await usage()).peakBytes - before.peakBytes).toBeLessThan(20 * 2 * MAX_DELIVERY_BYTES);
  });
});
