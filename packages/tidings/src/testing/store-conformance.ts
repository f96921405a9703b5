import { appendingCases } from "./store-cases/appending.ts";
import type { StoreBench, StoreCase } from "./store-cases/bench.ts";
import { claimingCases } from "./store-cases/claiming.ts";
import { keepingCases } from "./store-cases/keeping.ts";
import { leasingCases } from "./store-cases/leasing.ts";
import { letterCases } from "./store-cases/letters.ts";
import { noteCases } from "./store-cases/notes.ts";
import { purgingCases } from "./store-cases/purging.ts";
import { restartingCases } from "./store-cases/restarting.ts";
import { scanningCases } from "./store-cases/scanning.ts";
import { settlingCases } from "./store-cases/settling.ts";
import { subscriptionCases } from "./store-cases/subscriptions.ts";
import { undeclaredCases } from "./store-cases/undeclared.ts";
import { sweepingCases } from "./store-cases/sweeping.ts";
import { tokenCases } from "./store-cases/tokens.ts";

export type { StoreBench, StoreCase };

/** The suite that every store passes. */
export const storeConformance: readonly StoreCase[] = [
  ...appendingCases,
  ...scanningCases,
  ...leasingCases,
  ...settlingCases,
  ...letterCases,
  ...undeclaredCases,
  ...purgingCases,
  ...sweepingCases,
  ...tokenCases,
  ...subscriptionCases,
  ...claimingCases,
  ...noteCases,
  ...keepingCases,
  ...restartingCases,
];
