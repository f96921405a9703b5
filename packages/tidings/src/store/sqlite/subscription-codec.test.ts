import fc from "fast-check";
import { expect, it } from "vitest";
import { CHANGE_TYPES } from "../../core/change-type.ts";
import type { SubscriptionRow, Want } from "../../core/subscription.ts";
import type { Parameters, Row } from "./rows.ts";
import { fromSubscriptionRow, toSubscriptionParameters } from "./subscription-codec.ts";

/** Every field, the optional ones too: one that is added must be added here. */
type Every<T> = { readonly [Field in keyof T]-?: fc.Arbitrary<T[Field]> };

const text = fc.string({ unit: "binary" });
const name = fc.oneof(text, fc.uuid(), fc.constantFrom("", "null", "__proto__", "0", "\u0001", "users"));
const time = fc.oneof(fc.nat({ max: 8.64e15 }), fc.constantFrom(0, 1_800_000_000_000));
const changeTypes = fc.subarray([...CHANGE_TYPES]);

const plain = <T>(model: { [Field in keyof T]: fc.Arbitrary<T[Field]> }): fc.Arbitrary<T> =>
  fc.record<T>(model, { noNullPrototype: true });

const want = (values: fc.Arbitrary<string>): fc.Arbitrary<Want> =>
  fc.record<Want>(
    {
      declaration: name,
      definition: name,
      changeTypes,
      lifetimeMs: time,
      params: fc.dictionary(name, values, { maxKeys: 3, noNullPrototype: true }),
      supersededBy: fc.string(),
    } satisfies Every<Want>,
    { requiredKeys: ["declaration", "definition", "changeTypes", "params"], noNullPrototype: true },
  );

const subscription: fc.Arbitrary<SubscriptionRow> = fc
  .tuple(fc.oneof(fc.base64String(), name), fc.array(name, { maxLength: 4 }))
  .chain(([key, segments]) =>
    fc.record<SubscriptionRow>(
      {
        key: fc.constant(key),
        tenantId: name,
        userId: name,
        path: fc.constant(segments.join("/")),
        query: text,
        prefer: text,
        isRich: fc.constant(true as const),
        wants: fc.array(want(fc.oneof(name, fc.constantFrom("", ...segments))), { maxLength: 3 }),
        graph: fc.option(
          fc.record<SubscriptionRow["graph"] & {}>(
            {
              id: name,
              changeTypes,
              notificationUrl: fc.oneof(
                text,
                text.map((end) => `https://example.com/${key}${end}`),
              ),
              grantedAt: time,
              expiresAt: time,
              isRenewalAsked: fc.boolean(),
              certificateId: name,
            } satisfies Every<SubscriptionRow["graph"] & {}>,
            {
              requiredKeys: [
                "id",
                "changeTypes",
                "notificationUrl",
                "grantedAt",
                "expiresAt",
                "isRenewalAsked",
              ],
              noNullPrototype: true,
            },
          ),
        ),
        createStartedAt: fc.option(time),
        formerIds: fc.array(name, { maxLength: 4 }),
        missingSince: fc.option(time),
        gap: fc.option(plain({ since: time, reason: fc.constantFrom("missed", "lapsed") })),
        parked: fc.option(plain({ need: fc.constantFrom("consent", "request"), since: time, message: text })),
        heardAt: fc.option(time),
        nextActionAt: time,
        claimedUntil: time,
        failures: fc.nat(),
        version: fc.nat(),
      } satisfies Every<SubscriptionRow>,
      {
        requiredKeys: [
          "key",
          "tenantId",
          "path",
          "query",
          "wants",
          "graph",
          "createStartedAt",
          "formerIds",
          "missingSince",
          "gap",
          "parked",
          "heardAt",
          "nextActionAt",
          "claimedUntil",
          "failures",
          "version",
        ],
        noNullPrototype: true,
      },
    ),
  );

it("gives back every row as it was, whatever is in its fields", () => {
  fc.assert(
    fc.property(subscription, (row) => {
      const columns = toSubscriptionParameters(row);
      expect(fromSubscriptionRow(stored(columns, row.heardAt))).toStrictEqual(row);
    }),
    { numRuns: 1_000 },
  );
});

it("keeps the fields of a want in their order, by which wants are compared", () => {
  const one: Want = { params: { b: "1", a: "2" }, definition: "d", changeTypes: [], declaration: "x" };
  const row: SubscriptionRow = { ...sample(), wants: [one] };
  const [back] = fromSubscriptionRow(stored(toSubscriptionParameters(row))).wants;
  expect(JSON.stringify(back)).toBe(JSON.stringify(one));
});

it("has one form for rows of one declaration, and says little of each", () => {
  const [one, other] = [sample("a"), sample("b")].map((row) => toSubscriptionParameters(row));
  expect(one?.["form"]).toBe(other?.["form"]);
  expect(one?.["state"]).not.toBe(other?.["state"]);
  expect(one?.["state"]).toMatch(/^.{1,159}$/s);
});

/** As the table has it and gives it back. */
function stored(columns: Parameters, heardAt: number | null = null): Row {
  const plain = Object.entries(columns).map(([name, value]) => [
    name,
    typeof value === "string" || typeof value === "number" ? value : null,
  ]);
  const row: Row = Object.fromEntries(plain);
  return { ...row, nextActionAt: row["nextActionAt"] ?? row["dueAt"] ?? null, heardAt };
}

/** As most rows of an app are. */
function sample(letter = "a"): SubscriptionRow {
  const key = letter.repeat(22);
  const userId = `${letter.repeat(8)}-53b4-4e34-9d5c-2c1c2f1e0a77`;
  return {
    key,
    tenantId: "4f1c4ea4-3ae5-4f2b-9d0a-0d6a5b1f7a11",
    path: `users/${userId}/messages`,
    query: "$select=subject",
    wants: [{ declaration: "mail", definition: "d", changeTypes: ["created"], params: { userId } }],
    graph: {
      id: `${letter.repeat(8)}-9a0c-4a59-9c55-0c9b9a3f1c55`,
      changeTypes: ["created"],
      notificationUrl: `https://example.com/notifications/v1.key.app.${key}.${letter.repeat(43)}`,
      grantedAt: 1_800_000_000_000,
      expiresAt: 1_800_000_360_000,
      isRenewalAsked: false,
    },
    createStartedAt: null,
    formerIds: [],
    missingSince: null,
    gap: null,
    parked: null,
    heardAt: null,
    nextActionAt: 1_800_000_200_000,
    claimedUntil: 0,
    failures: 0,
    version: 1,
  };
}
