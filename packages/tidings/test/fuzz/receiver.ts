import { createLoneReceiver, goodDelivery } from "../support/listening-receiver.ts";
import type { FuzzTarget } from "./fuzz-target.ts";
import { below, mutateBytes, mutateText, oneOf } from "./mutate.ts";

const STATUSES: ReadonlySet<number> = new Set([200, 202, 400, 404, 413, 415]);

/** A whole request: what stands in its URL, its headers and its body. */
export const target: FuzzTarget = {
  name: "receiver",
  async prepare() {
    const good = goodDelivery(1);
    const [, state = ""] = /"clientState":"([^"]+)"/.exec(good) ?? [];
    return {
      async run(random) {
        // Each has its own, since several are tried at the same time.
        const { receiver, store } = await createLoneReceiver();
        const text = oneOf(random, [good, goodDelivery(below(random, 100)), mutateText(random, good)]);
        const bytes = new TextEncoder().encode(text);
        const body = oneOf(random, [bytes, mutateBytes(random, bytes)]);
        const query = oneOf(random, ["", "", "", mutateText(random, "?validationToken=a%20b&key=c")]);
        const encoding = oneOf(random, [{}, {}, {}, { "content-encoding": mutateText(random, "identity") }]);
        const request = { method: "POST", url: `/notifications${query}`, headers: encoding, body };
        const { status } = await receiver.receive(request);
        const { waiting } = await store.counts();
        const isStored = waiting > 0;
        const said = Buffer.from(body).toString("utf8");
        if (!STATUSES.has(status)) throw new Error(`Answered ${status} to ${said}`);
        if (isStored && status !== 202) throw new Error(`Stored, and answered ${status} to ${said}`);
        // However it is spelled in the text: as JSON it must be ours to the last character.
        if (isStored && !/\\/.test(said) && !said.includes(state)) throw new Error(`Believed ${said}`);
        return isStored ? "stored" : String(status);
      },
    };
  },
};
