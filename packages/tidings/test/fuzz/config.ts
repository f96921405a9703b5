import { Tidings } from "../../src/app/tidings.ts";
import type { Random } from "../../src/core/ports/random.ts";
import { memory } from "../../src/store/memory/memory.ts";
import type { FuzzTarget } from "./fuzz-target.ts";
import { below, mutateText, oneOf } from "./mutate.ts";

const SECRET = "canary-secret-of-thirty-two-characters";

const OPTIONS: Readonly<Record<string, unknown>> = {
  name: "fuzz",
  tenantId: "5f0c3a7e-2b84-4d19-9c6e-8a1d47b0e352",
  clientId: "c1d9e8b4-7a36-4f52-8e0b-93a6f2d5174c",
  publicUrl: "https://tidings.example.com/base",
  path: "/notifications",
  secret: [SECRET],
  urlKey: "a-key-of-our-own-in-urls",
  cloud: { graphRoot: "https://graph.microsoft.com", version: "v1.0" },
  historyMs: 1_000,
};

const RESOURCES = [
  "users",
  "users/{userId}/messages?$select=subject&$filter=isRead eq false",
  "teams/{teamId}/channels/{channelId}/messages",
  "communications/presences?$filter=id in ('1','2')",
  "drives/{driveId}/root",
  "users('{id}')/mailFolders('inbox')/messages",
];

const DECLARATION: Readonly<Record<string, unknown>> = {
  name: "mail",
  changeType: ["created", "updated"],
  select: ["subject", "from"],
  filter: "isRead eq false",
  prefer: 'IdType="ImmutableId"',
  includeResourceData: true,
  lifetimeMs: 3_600_000,
  mode: "latest",
  concurrency: 4,
  timeoutMs: 1_000,
  retry: { attempts: 3 },
};

const STRANGE: readonly unknown[] = [null, "", 0, -1, Number.NaN, Infinity, true, [], {}, [null], () => {}];

/** Options and resources that make no sense: they are taken, or refused with a TypeError that shows no secret. */
export const target: FuzzTarget = {
  name: "config",
  async prepare() {
    return {
      async run(random) {
        const options = change(random, { ...OPTIONS, store: memory() });
        const resource =
          random.next() < 0.5 ? mutateText(random, oneOf(random, RESOURCES)) : oneOf(random, RESOURCES);
        const declared = change(random, DECLARATION);
        try {
          // What a program without types may say.
          const tidings: Tidings = Reflect.construct(Tidings, [options]);
          tidings.on(resource, Object(declared), () => {});
          return "taken";
        } catch (error) {
          const isPlain =
            (error instanceof TypeError || error instanceof RangeError) &&
            /^(?:Expected|Graph|`)/.test(error.message);
          if (isPlain && !error.message.includes(SECRET)) return "refused";
          const said = JSON.stringify({ options: { ...options, store: "" }, resource, declared });
          throw new Error(`${String(error)} at ${said.slice(0, 2_000)}`, { cause: error });
        }
      },
    };
  },
};

/** Other values for some of the properties. */
function change(random: Random, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const changed: Record<string, unknown> = { ...given };
  for (let changes = below(random, 4); changes > 0; changes -= 1) {
    const name = oneOf(random, Object.keys(given));
    const value = given[name];
    changed[name] =
      typeof value === "string" && random.next() < 0.6 ? mutateText(random, value) : oneOf(random, STRANGE);
    if (random.next() < 0.2) Reflect.deleteProperty(changed, name);
  }
  return changed;
}
