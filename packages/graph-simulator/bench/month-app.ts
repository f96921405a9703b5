import type { Simulator } from "../src/index.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const LIFETIME_MS = 6 * DAY_MS;
const RENEW_EVERY_MS = 3 * DAY_MS;

/** Requests between two pauses, so that no limit is reached: 500 writes in 20 seconds. */
const PER_BURST = 400;
const BURST_MS = 20_000;

const ENDPOINT = "https://app.example";

/** An app as somebody would write it: a subscription for each mailbox, renewed every three days. */
export class Month {
  readonly #simulator: Simulator;
  readonly #counts = { created: 0, renewed: 0, refused: 0, expired: 0, received: 0 };
  #token = { value: "", expiresAt: 0 };

  constructor(simulator: Simulator) {
    this.#simulator = simulator;
    simulator.endpoints.set(ENDPOINT, (request) => this.#receive(request));
    simulator.events.on("subscription:expired", () => {
      this.#counts.expired += 1;
    });
  }

  get counts(): Readonly<Record<"created" | "renewed" | "refused" | "expired" | "received", number>> {
    return { ...this.#counts };
  }

  async live(forMs: number): Promise<void> {
    const { clock } = this.#simulator;
    const endsAt = clock.now() + forMs;
    const ids = await this.#create();
    for (let next = clock.now() + RENEW_EVERY_MS; next < endsAt; next += RENEW_EVERY_MS) {
      await clock.sleep(next - clock.now());
      await this.#inBursts(ids, async (id) => {
        const response = await this.#request("PATCH", `subscriptions/${id}`, {
          expirationDateTime: this.#expiry(),
        });
        if (response.status === 200) this.#counts.renewed += 1;
        else this.#counts.refused += 1;
      });
    }
  }

  async #create(): Promise<readonly string[]> {
    const ids: string[] = [];
    await this.#inBursts(await this.#userIds(), async (userId) => {
      const response = await this.#request("POST", "subscriptions", {
        changeType: "created,updated,deleted",
        notificationUrl: `${ENDPOINT}/notifications`,
        resource: `users/${userId}/messages`,
        clientState: "open sesame",
        expirationDateTime: this.#expiry(),
      });
      const { id }: { id?: string } = JSON.parse(await response.text());
      if (response.status === 201 && id !== undefined) ids.push(id);
      else this.#counts.refused += 1;
    });
    this.#counts.created = ids.length;
    return ids;
  }

  async #userIds(): Promise<readonly string[]> {
    const ids: string[] = [];
    let path: string | undefined = "users?$top=999&$select=id";
    while (path !== undefined) {
      const response = await this.#request("GET", path);
      const page: { value: readonly { id: string }[]; "@odata.nextLink"?: string } = JSON.parse(
        await response.text(),
      );
      ids.push(...page.value.map(({ id }) => id));
      path = page["@odata.nextLink"]?.split("/v1.0/")[1];
    }
    return ids;
  }

  async #inBursts<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
    for (let start = 0; start < items.length; start += PER_BURST) {
      for (const item of items.slice(start, start + PER_BURST)) await work(item);
      await this.#simulator.clock.sleep(BURST_MS);
    }
  }

  async #request(method: string, path: string, body?: object): Promise<Response> {
    const headers = {
      authorization: `Bearer ${await this.#currentToken()}`,
      "content-type": "application/json",
    };
    const init = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) };
    return this.#simulator.fetch(`https://graph.microsoft.com/v1.0/${path}`, init);
  }

  async #currentToken(): Promise<string> {
    const { clock, tenantId, clientId, clientSecret } = this.#simulator;
    if (clock.now() < this.#token.expiresAt) return this.#token.value;
    const response = await this.#simulator.fetch(
      `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`,
      {
        method: "POST",
        body: new URLSearchParams({
          grant_type: "client_credentials",
          client_id: clientId,
          client_secret: clientSecret,
          scope: "https://graph.microsoft.com/.default",
        }),
      },
    );
    const { access_token: value, expires_in: seconds }: { access_token: string; expires_in: number } =
      JSON.parse(await response.text());
    this.#token = { value, expiresAt: clock.now() + seconds * 1000 - 5 * MINUTE_MS };
    return value;
  }

  async #receive(request: Request): Promise<Response> {
    const token = new URL(request.url).searchParams.get("validationToken");
    if (token !== null) return new Response(token, { headers: { "content-type": "text/plain" } });
    const { value }: { value: readonly unknown[] } = JSON.parse(await request.text());
    this.#counts.received += value.length;
    return new Response(null, { status: 202 });
  }

  #expiry(): string {
    return new Date(this.#simulator.clock.now() + LIFETIME_MS).toISOString();
  }
}
