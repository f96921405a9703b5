import type { Requirement } from "./requirement.ts";

const BATCH = "https://learn.microsoft.com/graph/json-batching";
const THROTTLING = "https://learn.microsoft.com/graph/throttling";

export const BATCH_REQUIREMENTS = [
  {
    id: "batch-limit-20",
    source: BATCH,
    behaviour: "A batch has at most 20 requests",
  },
  {
    id: "batch-per-item",
    source: BATCH,
    behaviour: "A batch that can be read is answered 200, with a status, headers and body for each request",
  },
  {
    id: "batch-any-order",
    source: BATCH,
    behaviour: "The answers of a batch may come in another order than its requests",
  },
  {
    id: "batch-unique-ids",
    source: BATCH,
    behaviour: "Ids are unique in a batch in any case, otherwise it fails with 400",
  },
  {
    id: "batch-content-type",
    source: BATCH,
    behaviour: "A request with a body needs a Content-Type header",
  },
  {
    id: "batch-malformed",
    source: BATCH,
    behaviour: "A malformed batch is answered 400",
  },
  {
    id: "batch-depends-on",
    source: BATCH,
    behaviour: "A request that depends on one that fails is answered 424",
  },
  {
    id: "batch-limits-each",
    source: THROTTLING,
    behaviour: "Each request of a batch counts alone against the limits: one can be 429 while others succeed",
  },
  {
    id: "batch-mailbox-4",
    source: THROTTLING,
    behaviour: "Of the requests for one mailbox in a batch, four are run at once",
  },
] as const satisfies readonly Requirement[];
