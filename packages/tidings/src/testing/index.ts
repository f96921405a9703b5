/**
 * For tests: of your own store, and of anything that takes a clock.
 *
 * @module tidings/testing
 */
export { FakeClock } from "./fake-clock.ts";
export { storeConformance } from "./store-conformance.ts";
export type { StoreBench, StoreCase } from "./store-conformance.ts";
export type { Clock } from "../core/ports/clock.ts";
