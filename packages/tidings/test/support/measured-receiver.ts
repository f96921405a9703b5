/** A process of its own that receives; it says where, and how much it has used whenever it is asked. */
import { listenAlone } from "./listening-receiver.ts";

export interface Usage {
  readonly cpuMs: number;
  /** The most there ever was. */
  readonly peakBytes: number;
}

const server = await listenAlone();
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  const usage: Usage = { cpuMs: (user + system) / 1_000, peakBytes: process.resourceUsage().maxRSS * 1_024 };
  process.send?.(usage);
});
process.on("disconnect", () => process.exit());
process.send?.(server.port);
