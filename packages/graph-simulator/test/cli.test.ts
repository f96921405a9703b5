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
import { send, startWorld, text } from "./world.ts";

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

  it("does what a scenario file says", async () => {
    const folder = await mkdtemp(join(tmpdir(), "scenario-"));
    const file = join(folder, "scenario.ts");
    await writeFile(
      file,
      'export const scenario = { seed: 12, steps: [{ at: 0, do: "jump", by: "1h" }, { at: "1h", do: "stop-faults" }] };',
    );
    const command = run("--port", "0", "--json", "--scenario", file);
    const lines: JsonObject[] = [];
    for await (const line of createInterface(command.process.stdout)) {
      const event = parseJson(line);
      if (!isJsonObject(event)) throw new TypeError(`Expected a JSON object, got ${line}`);
      lines.push(event);
      if (event["step"] === "steps[1]") command.process.kill("SIGINT");
    }
    expect(await command.exitCode).toBe(0);
    expect(lines[0]).toMatchObject({ event: "simulator:started", seed: 12 });
    expect(lines.map(({ event }) => event)).toContain("clock:advanced");
    expect(lines).toContainEqual(expect.objectContaining({ step: "steps[1]", outcome: "faults stopped" }));
    await rm(folder, { recursive: true });
  });

  it("says what is wrong with a scenario file, and where", async () => {
    const folder = await mkdtemp(join(tmpdir(), "scenario-"));
    const file = join(folder, "scenario.json");
    await writeFile(file, '{"steps":[{"at":0,"do":"dance"}]}');
    const command = run("--port", "0", "--scenario", file);
    const [code, errors] = await Promise.all([command.exitCode, readAll(command.process.stderr)]);
    expect(code).toBe(1);
    expect(errors).toMatch(/scenario\.json: steps\[0\]\.do: expected one of start-fault, .*, got "dance"\n$/);
    await rm(folder, { recursive: true });
  });

  it("makes traffic in a simulator of its own, with one JSON object at the end", async () => {
    const command = run("traffic", "--port", "0", "--rate", "200", "--for", "300ms", "--seed", "5", "--json");
    const [code, output] = await Promise.all([command.exitCode, readAll(command.process.stdout)]);
    expect(code).toBe(0);
    const last = parseJson(output);
    if (!isJsonObject(last)) throw new TypeError(`Expected one JSON object, got ${output}`);
    expect(last).toMatchObject({ isOver: true, forMs: 300, failed: 0 });
    expect(last["made"]).toBeGreaterThan(20);
    // A message that is moved is two changes.
    const ledger = last["ledger"];
    expect(isJsonObject(ledger) ? ledger["changes"] : 0).toBeGreaterThanOrEqual(Number(last["made"]));
  });

  it("makes traffic in a simulator that runs already, and says how it goes", async () => {
    await using world = await startWorld();
    const command = run(
      "traffic",
      "--url",
      world.simulator.url,
      "--rate",
      "50",
      "--for",
      "1100ms",
      "--mix",
      "user=1",
    );
    const [code, output] = await Promise.all([command.exitCode, readAll(command.process.stdout)]);
    expect(code).toBe(0);
    const lines = output.trimEnd().split("\n");
    expect(lines.length).toBeGreaterThanOrEqual(2);
    expect(lines.at(-1)).toMatch(/^1 of 1\.1 s: \d+ changes \(user \d+\), \d+\/s, 0 in vain$/);
    expect(world.simulator.ledger.totals.changes).toBeGreaterThan(20);
  });

  it.each([
    ["--rate", "0"],
    ["--for", "soon"],
    ["--mix", "user"],
    ["--url", "here"],
  ])("refuses traffic %s %s", async (...args) => {
    const command = run("traffic", ...args);
    const [code, errors] = await Promise.all([command.exitCode, readAll(command.process.stderr)]);
    expect(code).toBe(2);
    expect(errors).toContain("Usage: graph-simulator traffic");
  });

  it("says so when there is no simulator to make traffic in", async () => {
    const command = run("traffic", "--url", "http://127.0.0.1:9");
    const [code, errors] = await Promise.all([command.exitCode, readAll(command.process.stderr)]);
    expect(code).toBe(1);
    expect(errors).toMatch(/cannot be reached/);
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
