import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { PATIENCE } from "../../src/host/node/listen.ts";
import { goodDelivery, listenAlone, sendRaw, statusesOf } from "../support/listening-receiver.ts";

const QUICK = { requestTimeout: 400, headersTimeout: 200, connectionsCheckingInterval: 50 };
const HANDSHAKE = "POST /notifications?validationToken=a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
const HEAD = "POST /notifications HTTP/1.1\r\nHost: x\r\n";
const LAST = "Connection: close\r\n\r\n";

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

async function open(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  sockets.push(socket.resume());
  await once(socket, "connect");
  return socket;
}

async function openMany(port: number, count: number): Promise<Socket[]> {
  const opened: Socket[] = [];
  while (opened.length < count) {
    const lot = Array.from({ length: Math.min(200, count - opened.length) }, async () => open(port));
    opened.push(...(await Promise.all(lot)));
  }
  return opened;
}

/** Posts one authentic delivery. */
async function honest(url: string, n: number): Promise<{ status: number; ms: number }> {
  const startedAt = performance.now();
  const answer = await fetch(url, { method: "POST", body: goodDelivery(n) });
  await answer.arrayBuffer();
  return { status: answer.status, ms: performance.now() - startedAt };
}

async function honestMany(url: string, first: number): Promise<{ statuses: number[]; p99: number }> {
  const answers = [];
  for (let n = 0; n < 100; n += 1) answers.push(await honest(url, first + n));
  const times = answers.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return { statuses: [...new Set(answers.map(({ status }) => status))], p99: times[98] ?? 0 };
}

it("S6 a request has 10 s to come, 5 of them for its headers, and that is looked at every second", () => {
  expect(PATIENCE).toEqual({
    requestTimeout: 10_000,
    headersTimeout: 5_000,
    connectionsCheckingInterval: 1_000,
  });
});

it("S6 who sends headers or a body byte by byte is cut off, however many there are", async () => {
  await using server = await listenAlone({ patience: QUICK });
  const slow = await openMany(server.port, 300);
  const closed = slow.map(async (socket) => once(socket, "close"));
  for (const [n, socket] of slow.entries())
    socket.write(n % 2 === 0 ? HEAD : `${HEAD}Content-Length: 100000\r\n\r\n`);
  const dripping = setInterval(() => {
    for (const [n, socket] of slow.entries()) socket.write(n % 2 === 0 ? "X-Drip: 1\r\n" : " ");
  }, 30);
  try {
    expect((await honest(server.url, 1)).status).toBe(202);
    await Promise.all(closed);
  } finally {
    clearInterval(dripping);
  }
  expect((await honest(server.url, 2)).status).toBe(202);
});

it("S6 10,000 connections that do nothing keep no delivery out, nor slow it down", async ({ annotate }) => {
  await using server = await listenAlone();
  const before = await honestMany(server.url, 0);
  const idle = await openMany(server.port, 10_000);
  const during = await honestMany(server.url, 1_000);
  expect([before.statuses, during.statuses]).toEqual([[202], [202]]);
  const open = idle.filter((socket) => !socket.closed).length;
  expect(open).toBeLessThanOrEqual(2_000);
  await annotate(
    `p99 of an answer: ${before.p99.toFixed(1)} ms alone, ${during.p99.toFixed(1)} ms beside 10,000 opened and ${open} open ones`,
  );
  expect(during.p99).toBeLessThan(before.p99 * 5 + 50);
}, 60_000);

describe("S6 one connection too many", () => {
  it("takes the place of the one that has gone without a good answer for longest", async () => {
    await using server = await listenAlone({ maxConnections: 3 });
    const good = await open(server.port);
    const idle = await open(server.port);
    const failing = await open(server.port);
    const answered = once(good, "data");
    failing.write(`${HEAD}Content-Length: 1\r\n\r\nx`);
    good.write(HANDSHAKE);
    await answered;
    const idleClosed = once(idle, "close");
    const failingClosed = once(failing, "close");
    await open(server.port);
    await idleClosed;
    expect([good.closed, failing.closed]).toEqual([false, false]);
    await open(server.port);
    await failingClosed;
    expect(good.closed).toBe(false);
  });

  it("spares one that is in the middle of a request, as long as others are not", async () => {
    await using server = await listenAlone({ maxConnections: 2 });
    const sending = await open(server.port);
    const body = goodDelivery(1);
    sending.write(`${HEAD}Content-Length: ${body.length}\r\n\r\n`);
    await sleep(50);
    await openMany(server.port, 5);
    const answer = once(sending, "data");
    sending.write(body);
    expect(String(await answer)).toMatch(/^HTTP\/1\.1 202 /);
  });
});

describe("S6 pipelined requests", () => {
  it("are answered in their order as long as they are few", async () => {
    await using server = await listenAlone();
    const tokens = Array.from({ length: 10 }, (_, n) => `token-${n}-end`);
    const requests = tokens.map((token) => HANDSHAKE.replace("=a ", `=${token} `));
    const answer = await sendRaw(server.port, requests.join(""), `GET / HTTP/1.1\r\nHost: x\r\n${LAST}`);
    expect(answer.match(/token-\d-end/g)).toEqual(tokens);
  });

  it("end the connection when they are many", async () => {
    await using server = await listenAlone();
    const answer = await sendRaw(server.port, HANDSHAKE.repeat(10_000));
    expect(statusesOf(answer).length).toBeLessThanOrEqual(16);
    expect((await honest(server.url, 1)).status).toBe(202);
  });
});

it("S6 a connection ends when it has had its number of requests", async () => {
  await using server = await listenAlone({ maxRequests: 3 });
  const socket = await open(server.port);
  const closed = once(socket, "close");
  const answers: string[] = [];
  socket.on("data", (chunk: Buffer) => answers.push(chunk.toString()));
  for (let n = 1; n <= 3; n += 1) {
    expect(answers.join("")).not.toMatch(/^connection: close/im);
    const answered = once(socket, "data");
    socket.write(`${HEAD}Content-Length: 12\r\n\r\n{"value":[]}`);
    await answered;
  }
  await closed;
  expect(statusesOf(answers.join(""))).toEqual([202, 202, 202]);
  expect(answers.at(-1)).toMatch(/^connection: close/im);
});

it.each([
  ["a length and chunks", `${HEAD}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ["chunks and a length", `${HEAD}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n`],
  ["two lengths", `${HEAD}Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello`],
  ["a list of lengths", `${HEAD}Content-Length: 0, 5\r\n\r\nhello`],
  ["a negative length", `${HEAD}Content-Length: -1\r\n\r\n`],
  ["an encoding nobody knows", `${HEAD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
  ["an encoding after chunks", `${HEAD}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
  ["a space before the colon", `${HEAD}Content-Length : 4\r\n\r\nGET `],
  ["a folded header", `${HEAD}Content-Length: 4\r\n folded\r\n\r\nGET `],
  ["bare line feeds", "POST /notifications HTTP/1.1\nHost: x\nContent-Length: 0\n\n"],
  ["no host", "POST /notifications HTTP/1.1\r\nContent-Length: 0\r\n\r\n"],
  ["a bad chunk size", `${HEAD}Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n`],
])("S6 no second request is smuggled in behind %s: 400, and the connection closes", async (_, text) => {
  await using server = await listenAlone();
  const answer = await sendRaw(server.port, text, HANDSHAKE);
  expect(statusesOf(answer)).toEqual([400]);
});

describe("S6 headers", () => {
  it("of more than 16 KB get 431", async () => {
    await using server = await listenAlone();
    expect(statusesOf(await sendRaw(server.port, `${HEAD}X-A: ${"a".repeat(17_000)}\r\n${LAST}`))).toEqual([
      431,
    ]);
    const path = `/notifications?validationToken=${"a".repeat(17_000)}`;
    expect(statusesOf(await sendRaw(server.port, `POST ${path} HTTP/1.1\r\nHost: x\r\n${LAST}`))).toEqual([
      431,
    ]);
  });

  it("of more than 64 get 431", async () => {
    await using server = await listenAlone();
    const rest = `Content-Length: 12\r\n${LAST}{"value":[]}`;
    const head = (count: number): string => `${HEAD}${"X-A: 1\r\n".repeat(count)}${rest}`;
    expect(statusesOf(await sendRaw(server.port, head(61)))).toEqual([202]);
    expect(statusesOf(await sendRaw(server.port, head(62)))).toEqual([431]);
  });
});

describe("S6 bodies that are on their way", () => {
  it("hold no more than they may together: the largest gets 503, and what is small and quick is taken", async () => {
    await using server = await listenAlone({ maxBodyBytes: 5 * 1024 * 1024 });
    const part = async (bytes: number): Promise<Socket> => {
      const socket = await open(server.port);
      socket.write(`${HEAD}Content-Length: 4000000\r\n\r\n`);
      socket.write(" ".repeat(bytes));
      return socket;
    };
    const largest = await part(3_000_000);
    const refused = once(largest, "data");
    await sleep(100);
    const other = await part(1_000_000);
    await sleep(100);
    expect((await honest(server.url, 1)).status).toBe(202);
    const last = await part(2_000_000);
    const [answer] = await refused;
    expect(String(answer)).toMatch(/^HTTP\/1\.1 503 /);
    expect(String(answer)).toMatch(/^connection: close/im);
    expect((await honest(server.url, 2)).status).toBe(202);
    expect([other.closed, last.closed]).toEqual([false, false]);
  });
});

describe("S6 an address with many failed requests", () => {
  it("loses its connection after each further one, and no good request is refused", async () => {
    await using server = await listenAlone();
    const bad = `${HEAD}Content-Length: 1\r\n\r\nx`;
    const socket = await open(server.port);
    const closed = once(socket, "close");
    let failures = 0;
    while (!socket.closed && failures < 100) {
      socket.write(bad);
      await Promise.race([once(socket, "data"), closed]);
      failures += 1;
      await sleep(1);
    }
    await closed;
    expect(failures).toBeGreaterThan(30);
    expect(failures).toBeLessThan(50);

    const again = await open(server.port);
    const againClosed = once(again, "close");
    for (let n = 1; n <= 50; n += 1) {
      const body = goodDelivery(n);
      again.write(`${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`);
      const [answer] = await once(again, "data");
      expect(String(answer)).toMatch(/^HTTP\/1\.1 202 /);
    }
    expect(again.closed).toBe(false);
    again.write(bad);
    await againClosed;
  });
});
