/**
 * Meters the thread it is loaded in. With `node --import` that is every thread of the process, also those that a
 * library starts for itself; they are told over a broadcast channel when to begin and end.
 */
import { basename } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import { BroadcastChannel, isMainThread } from "node:worker_threads";
import { answerParent } from "./face.ts";
import type { MeterFace, ThreadUsage } from "./meter.ts";

type Word = "begin" | "end" | ThreadUsage;

/** How often the loop's delay is looked at. The histogram holds whole intervals, so this is taken off again. */
const RESOLUTION_MS = 10;
/** How long the threads have to say what they used. */
const REPORT_MS = 100;

const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
const port = new BroadcastChannel("tidings-benchmarks").unref();
let cpuAtBegin = process.threadCpuUsage();
delays.enable();

function begin(): void {
  delays.reset();
  cpuAtBegin = process.threadCpuUsage();
}

function usage(): ThreadUsage {
  const { user, system } = process.threadCpuUsage(cpuAtBegin);
  return {
    thread: isMainThread ? "main" : basename(process.argv[1] ?? "worker", ".ts"),
    cpuMs: (user + system) / 1000,
    delayP99Ms: Math.max(0, delays.percentile(99) / 1e6 - RESOLUTION_MS),
  };
}

if (isMainThread) meterProcess();
else {
  listen((word) => {
    if (word === "begin") begin();
    if (word === "end") port.postMessage(usage());
  });
}

function meterProcess(): void {
  const others: ThreadUsage[] = [];
  let startedAt = performance.now();
  let cpuAtStart = process.cpuUsage();
  listen((word) => {
    if (typeof word === "object") others.push(word);
  });
  answerParent({
    beginMetering() {
      startedAt = performance.now();
      cpuAtStart = process.cpuUsage();
      begin();
      port.postMessage("begin");
    },
    async endMetering() {
      const elapsedMs = performance.now() - startedAt;
      const { user, system } = process.cpuUsage(cpuAtStart);
      const residentBytes = process.memoryUsage.rss();
      const own = usage();
      others.length = 0;
      port.postMessage("end");
      await setTimeout(REPORT_MS);
      return { elapsedMs, cpuMs: (user + system) / 1000, residentBytes, threads: [own, ...others] };
    },
  } satisfies MeterFace);
}

function listen(take: (word: Word) => void): void {
  port.addEventListener("message", (event) => {
    // Only meters post on this channel.
    const word: Word = Reflect.get(event, "data");
    take(word);
  });
}
