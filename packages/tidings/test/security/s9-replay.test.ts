import { expect, it } from "vitest";
import { goodDelivery, listenAlone } from "../support/listening-receiver.ts";

const IDENTIFIED = {
  resourceData: {
    "@odata.type": "#Microsoft.Graph.Message",
    "@odata.id": "Users/1/Messages/2",
    "@odata.etag": 'W/"CQAAABYAAA"',
    id: "2",
  },
  resource: "Users/1/Messages/2",
};

it("S9 a captured notification that is sent again is dropped, and answered as if it were new", async () => {
  await using server = await listenAlone();
  const captured = goodDelivery(1, IDENTIFIED);
  const answers = [];
  for (let n = 0; n < 5; n += 1) {
    const answer = await fetch(server.url, { method: "POST", body: captured });
    answers.push([answer.status, await answer.text()]);
  }
  expect(answers).toEqual(answers.map(() => [202, ""]));
  expect(await server.store.counts()).toEqual({ waiting: 1, dead: 0 });
});

it("S9 also when its state is put into another notification that says the same", async () => {
  await using server = await listenAlone();
  for (const id of ["one", "other"])
    await fetch(server.url, { method: "POST", body: goodDelivery(1, { ...IDENTIFIED, id }) });
  expect(await server.store.counts()).toEqual({ waiting: 1, dead: 0 });
});

it("S9 also when it was finished meanwhile", async () => {
  await using server = await listenAlone();
  const body = goodDelivery(1, IDENTIFIED);
  await fetch(server.url, { method: "POST", body });
  const [row] = (await server.store.scan({ declaration: "users", after: 0, limit: 1 })).rows;
  await server.store.settle([{ kind: "done", seq: row?.seq ?? 0, endedAt: 0 }], await server.store.lease());
  await fetch(server.url, { method: "POST", body });
  expect(await server.store.counts()).toEqual({ waiting: 0, dead: 0 });
});
