import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { createAdminApi } from "../../src/admin/admin-api.ts";
import { Tidings } from "../../src/app/tidings.ts";
import { goodDelivery, listenAlone } from "../support/listening-receiver.ts";

const POISON = [
  '"__proto__":{"polluted":1}',
  '"constructor":{"prototype":{"polluted":1}}',
  '"prototype":{"polluted":1}',
  '"toString":1,"valueOf":null,"hasOwnProperty":{}',
].join();

function poisoned(json: string): string {
  return json.replace('{"@odata.type"', `{${POISON},"@odata.type"`).replaceAll('{"id"', `{${POISON},"id"`);
}

function expectClean(): void {
  expect("polluted" in {}).toBe(false);
  expect("polluted" in Object).toBe(false);
  expect(Object.prototype.toString.call("")).toBe("[object String]");
}

it("S7 names of prototypes in a delivery change none, and are not kept where they would", async () => {
  await using server = await listenAlone();
  const body = `{${POISON},${poisoned(goodDelivery(1)).slice(1)}`;
  expect((body.match(/__proto__/g) ?? []).length).toBeGreaterThan(2);
  const answer = await fetch(server.url, { method: "POST", body });
  expect(answer.status).toBe(202);
  const { rows } = await server.store.scan({ declaration: "users", after: 0, limit: 9 });
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain("__proto__");
  expect(JSON.stringify(rows)).toContain("prototype");
  expectClean();
});

it("S7 nor in an option or a request to the admin API", async () => {
  const options: unknown = JSON.parse(
    '{"name":"proto","__proto__":{"polluted":1},"cloud":{"__proto__":{"polluted":1}}}',
  );
  const tidings = new Tidings(Object.assign({ name: "proto" }, options));
  const token = "token-of-more-than-thirty-two-characters";
  const api = createAdminApi({ app: tidings, token });
  for (const body of [`{${POISON}}`, `{"declaration":"users",${POISON}}`, `{"__proto__":{"all":true}}`]) {
    const answer = await api(
      new Request("http://127.0.0.1/dead/purge", {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body,
      }),
    );
    expect(answer.status).toBe(400);
  }
  expectClean();
});

it("S7 a delivery is taken where every prototype is frozen", async () => {
  const script = `
    const { listenAlone, goodDelivery } = await import("./test/support/listening-receiver.ts");
    await using server = await listenAlone();
    await fetch(server.url, { method: "POST", body: "warm" });
    for (const each of [Object, Array, Function, String, Number, Map, Set, Promise, Uint8Array])
      Object.freeze(each.prototype);
    const body = ${JSON.stringify(poisoned(goodDelivery(1)))};
    const answer = await fetch(server.url, { method: "POST", body });
    console.log(answer.status, (await server.store.counts()).waiting);`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=@tidings/source", "--input-type=module", "--eval", script],
    { cwd: new URL("../..", import.meta.url) },
  );
  expect(stdout).toBe("202 1\n");
});
