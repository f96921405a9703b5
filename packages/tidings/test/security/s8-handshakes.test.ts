import { expect, it } from "vitest";
import { listenAlone, sendRaw, statusesOf } from "../support/listening-receiver.ts";

function handshake(query: string): string {
  return `POST /notifications?${query} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`;
}

it.each([
  ["HTML", "<html><script>alert(1)</script>"],
  ["quotes and ampersands", `"'&<>=`],
  ["another language", "Prüfung 検証"],
])("S8 a token of %s comes back as plain text that is taken for nothing else", async (_, token) => {
  await using server = await listenAlone();
  const query = new URLSearchParams({ validationToken: token }).toString();
  const answer = await fetch(`${server.url}?${query}`, { method: "POST" });
  expect(await answer.text()).toBe(token);
  expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
});

it.each([
  ["line ends", "validationToken=a%0D%0ASet-Cookie:%20b=c"],
  ["a null", "validationToken=a%00b"],
  ["an escape", "validationToken=a%1B[2J"],
  ["a C1 control", "validationToken=a%C2%9B31m"],
  ["nothing", "validationToken="],
  ["two tokens", "validationToken=a&validationToken=b"],
  ["one of 2,049 characters", `validationToken=${"a".repeat(2_049)}`],
])("S8 a token with %s is refused, and nothing of it comes back", async (_, query) => {
  await using server = await listenAlone();
  const answer = await sendRaw(server.port, handshake(query));
  expect(statusesOf(answer)).toEqual([400]);
  expect(answer).not.toMatch(/set-cookie|aaaa/i);
});

it("S8 a token of 100 KB does not get past the head", async () => {
  await using server = await listenAlone();
  const answer = await sendRaw(server.port, handshake(`validationToken=${"a".repeat(100_000)}`));
  expect(statusesOf(answer)).toEqual([431]);
});
