import type { StoreProvider } from "../../core/ports/store.ts";
import { MemoryStore } from "./memory-store.ts";

/** A store in memory, for unit tests: it keeps every promise of a store but the one to survive the process. */
export function memory(): StoreProvider {
  return { description: "memory", open: async () => new MemoryStore() };
}
