import type { ToldEvent } from "../admin/answers.ts";
import type { AdminClient } from "./admin-client.ts";
import { interruption } from "./interruption.ts";
import { count, print } from "./print.ts";
import { formatTime, oneLine } from "./table.ts";

export interface TailOptions {
  /** When to end; undefined for at an interruption. */
  readonly durationMs: number | undefined;
  readonly isJson: boolean;
}

/** Shows what the service tells of itself, as it happens. */
export async function tail(service: AdminClient, { durationMs, isJson }: TailOptions): Promise<void> {
  const end = new AbortController();
  if (durationMs !== undefined) setTimeout(() => end.abort(), durationMs);
  void interruption().then(() => end.abort());
  const names: Record<string, number> = {};
  let total = 0;
  try {
    for await (const told of await service.events(end.signal)) {
      total += 1;
      names[told.name] = (names[told.name] ?? 0) + 1;
      // Waited for: whoever reads us too slowly lets the service drop us, rather than fill our memory.
      if (!(await print(told, isJson, () => formatEvent(told)))) return;
    }
  } finally {
    await print({ events: total, names }, isJson, () => count(total, "event"));
  }
}

function formatEvent({ name, at, event }: ToldEvent): string {
  const fields = Object.entries(event).map(([key, value]) => `${key}=${formatValue(value)}`);
  return oneLine([formatTime(at), name.padEnd(20), ...fields].join("  "));
}

function formatValue(value: unknown): string {
  return typeof value === "string" && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}
