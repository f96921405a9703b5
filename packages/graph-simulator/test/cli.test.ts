import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text as readAll } from "node:stream/consumers";
import type { Readable } from "node:stream";

import { describe, expect, it } from "vitest";

import { isJsonObject, parseJson, type JsonObject } from "../src/http/json.ts";
import { makeCertificate } from "./certificates.ts";
import { send, text } from "./world.ts";

interface Command {
  readonly process: ChildProcessByStdio<null, Readable, Readable>;
  readonly exitCode: Promise<number | null>;
}

const BIN = join(import.meta.dirname, "../bin/graph-simulator.js");

function run(...args: readonly string[]): Command {
  const command = spawn(process.execPath, ["--conditions=@tidings/source", BIN, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { process: command, exitCode: once(command, "close").then(() => command.exitCode) };
}

describe("graph-simulator", () => {
  it("runs until it is interrupted and tells what happens", async () => {
    const command = run("--port", "0", "--json");
    const lines: JsonObject[] = [];
    for await (const line of createInterface(command.process.stdout)) {
      const event = parseJson(line);
      if (!isJsonObject(event)) throw new TypeError(`Expected a JSON object, got ${line}`);
      lines.push(event);
      if (event["event"] === "simulator:started") {
        await send("POST", `${text(event, "url")}/_simulator/clock`, { advanceMs: 5 });
      }
      if (event["event"] === "clock:advanced") command.process.kill("SIGINT");
    }
    expect(await command.exitCode).toBe(0);
    expect(lines).toMatchObject([
      { event: "simulator:started", clientSecret: "simulated-secret" },
      { event: "clock:advanced", advanceMs: 5 },
    ]);
  });

  it("prints sentences without --json", async () => {
    const command = run("--port", "0", "--seed", "3");
    const lines: string[] = [];
    for await (const line of createInterface(command.process.stdout)) {
      lines.push(line);
      if (line.startsWith("  ledger")) command.process.kill("SIGTERM");
    }
    expect(lines[0]).toMatch(/^Graph simulator at http:\/\/127\.0\.0\.1:\d+ \(seed 3\)$/);
    expect(await command.exitCode).toBe(0);
  });

  it("speaks HTTPS with a key and a certificate", async () => {
    const folder = await mkdtemp(join(tmpdir(), "graph-simulator-"));
    const { key, cert } = await makeCertificate({ ip: "127.0.0.1" });
    const [keyFile, certFile] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    await Promise.all([writeFile(keyFile, key), writeFile(certFile, cert)]);
    const command = run("--port", "0", "--json", "--tls-key", keyFile, "--tls-cert", certFile);
    for await (const line of createInterface(command.process.stdout)) {
      command.process.kill("SIGINT");
      expect(parseJson(line)).toMatchObject({ url: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+$/) });
    }
    expect(await command.exitCode).toBe(0);
    await rm(folder, { recursive: true });
  });

  it("ends when nobody reads it any more", async () => {
    const command = run("--port", "0", "--json");
    for await (const line of createInterface(command.process.stdout)) {
      command.process.stdout.destroy();
      const started = parseJson(line);
      if (!isJsonObject(started)) throw new TypeError(`Expected a JSON object, got ${line}`);
      await send("POST", `${text(started, "url")}/_simulator/clock`, { advanceMs: 5 });
      break;
    }
    expect(await command.exitCode).toBe(0);
  });

  it("explains itself", async () => {
    const command = run("--help");
    expect(await readAll(command.process.stdout)).toMatch(/^Usage: graph-simulator/);
  });

  it.each([
    ["--prot", "1"],
    ["--port", "x"],
    ["--port", "70000"],
    ["--tls-key", "key.pem"],
  ])("refuses %s %s", async (...args) => {
    const command = run(...args);
    const [code, errors] = await Promise.all([command.exitCode, readAll(command.process.stderr)]);
    expect(code).toBe(2);
    expect(errors).toContain("Usage: graph-simulator");
  });

  it("says why it could not start", async () => {
    const command = run("--port", "0", "--host", "203.0.113.1");
    const [code, errors] = await Promise.all([command.exitCode, readAll(command.process.stderr)]);
    expect(code).toBe(1);
    expect(errors).toMatch(/^graph-simulator could not start: .*EADDRNOTAVAIL/);
  });
});
