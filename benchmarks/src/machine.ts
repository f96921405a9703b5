import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { median } from "./statistics.ts";

/** What the figures depend on. */
export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly platform: string;
  readonly node: string;
  /** Median time of a small write and its flush to the disk that the stores are on. */
  readonly flushMs: number;
}

const FLUSHES = 200;
const WRITE_BYTES = 4096;

/** @param folder on the disk that stores will be on */
export function describeMachine(folder: string): Machine {
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model.trim() ?? "unknown",
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    flushMs: measureFlush(folder),
  };
}

function measureFlush(folder: string): number {
  const path = join(folder, "flush");
  const file = openSync(path, "w");
  const page = Buffer.alloc(WRITE_BYTES, 1);
  try {
    return median(Array.from({ length: FLUSHES }, () => timeOfFlush(file, page)));
  } finally {
    closeSync(file);
    rmSync(path);
  }
}

function timeOfFlush(file: number, page: Buffer): number {
  const start = performance.now();
  writeSync(file, page);
  fdatasyncSync(file);
  return performance.now() - start;
}
