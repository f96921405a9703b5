import type { MarkedSubscription } from "../core/audit.ts";
import { issueClientState } from "../core/client-state.ts";
import type { Report } from "../core/events.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { GraphApi, GraphScope } from "../core/ports/graph-api.ts";
import type { Keyring } from "../core/ports/keyring.ts";
import { judgeFailure } from "../core/subscription-failure.ts";
import type { SubscriptionGoal } from "../core/subscription-goal.ts";
import { resourceOf, wantedChangeTypes, type SubscriptionRow } from "../core/subscription.ts";
import type { Ceilings } from "./ceilings.ts";
import type { OwnCertificate } from "./own-certificate.ts";
import { outcomeOf, subjectOf } from "./tell.ts";

export interface UpkeepCallParts {
  readonly graph: Pick<GraphApi, "createSubscription" | "renewSubscription" | "deleteSubscription">;
  readonly keyring: Keyring;
  readonly ceilings: Ceilings;
  readonly certificate: OwnCertificate;
  readonly clock: Clock;
  readonly report: Report;
  readonly goalOf: (row: SubscriptionRow) => SubscriptionGoal;
}

/** Lives that Graph finds too long are asked for again so often, each time shorter. */
const MAX_SHORTENED = 3;

/** What is asked of Graph for a row that no store has. Methods throw what Graph's client throws, and KeysUnavailableError. */
export class UpkeepCalls {
  readonly #parts: UpkeepCallParts;

  constructor(parts: UpkeepCallParts) {
    this.#parts = parts;
  }

  async create(row: SubscriptionRow): Promise<MarkedSubscription> {
    const { graph, keyring, clock, report, goalOf } = this.#parts;
    const { notificationUrl, lifecycleNotificationUrl } = goalOf(row);
    const { tenantId, key, prefer, isRich } = row;
    const certificate = isRich === true ? this.#parts.certificate.get() : undefined;
    const wanted = {
      notificationUrl,
      lifecycleNotificationUrl,
      changeTypes: wantedChangeTypes(row),
      prefer,
      certificate,
      resource: resourceOf(row),
      clientState: issueClientState(keyring, { subscriptionKey: key, tenantId }),
    };
    const made = await this.#asLongAsGranted(row, async (lifeMs) =>
      graph.createSubscription(scopeOf(row), { ...wanted, expiresAt: clock.now() + lifeMs }),
    );
    report("subscription:created", outcomeOf(row, made));
    const { changeTypes } = wanted;
    return { ...made, changeTypes, notificationUrl, subscriptionKey: key, certificateId: certificate?.id };
  }

  /** @returns undefined when Graph has it no more */
  async renew(
    row: SubscriptionRow,
    chosen: MarkedSubscription,
    givesCertificate: boolean,
  ): Promise<MarkedSubscription | undefined> {
    const { graph, clock, report } = this.#parts;
    const certificate = givesCertificate ? this.#parts.certificate.get() : undefined;
    const renewed = await this.#asLongAsGranted(row, async (lifeMs) =>
      graph.renewSubscription(scopeOf(row), chosen.id, { expiresAt: clock.now() + lifeMs, certificate }),
    );
    if (renewed === undefined) return undefined;
    report("subscription:renewed", outcomeOf(row, renewed));
    const certificateId = certificate?.id ?? chosen.certificateId;
    return { ...chosen, expiresAt: renewed.expiresAt, certificateId };
  }

  /** One that is gone already is as good as deleted. */
  async remove(row: SubscriptionRow, id: string): Promise<void> {
    const wasThere = await this.#parts.graph.deleteSubscription(scopeOf(row), id);
    if (wasThere) this.#parts.report("subscription:removed", { ...subjectOf(row), id });
  }

  async #asLongAsGranted<Result>(
    row: SubscriptionRow,
    ask: (lifeMs: number) => Promise<Result>,
  ): Promise<Result> {
    const { ceilings } = this.#parts;
    for (let shortened = 0; ; shortened += 1) {
      try {
        return await ask(await ceilings.lifetimeMs(row));
      } catch (error) {
        const verdict = judgeFailure(error);
        const isWorthIt = verdict.kind === "shorten" && shortened < MAX_SHORTENED;
        if (!isWorthIt || !(await ceilings.learn(row, verdict.ceilingMs))) throw error;
      }
    }
  }
}

function scopeOf({ tenantId, userId }: SubscriptionRow): GraphScope {
  return { tenantId, userId };
}
