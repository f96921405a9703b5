import { Tidings } from "../../app/tidings.ts";

/**
 * The app that `tidings dev` runs when it is given none: what the README's example declares.
 *
 * @param mailboxes ids of the users whose mail is followed
 */
export async function createDemoApp(mailboxes: readonly string[]): Promise<Tidings> {
  const tidings = new Tidings({ name: "demo" });

  tidings.on("users", { changeType: ["updated", "deleted"] }, async (change) => {
    await change.fetch();
  });

  const mail = tidings.on("users/{userId}/messages", async (change) => {
    if (change.changeType === "created") await change.fetch();
  });
  await Promise.all(mailboxes.map(async (userId) => mail.subscribe({ userId })));

  return tidings;
}
