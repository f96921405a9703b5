import type { SubscriptionUrls } from "./mark.ts";

/** What the subscription of a row should be like at Graph. */
export interface SubscriptionGoal extends SubscriptionUrls {
  /**
   * Whether a URL is as good as ours: at the same endpoint, with the mark that an earlier secret signed, which still
   * verifies. A new secret signs what is made from then on, and replaces nothing.
   * @default none is
   */
  readonly isFormerUrl?: ((url: string) => boolean) | undefined;
  /** The certificate Graph should encrypt for. Undefined where it encrypts nothing, or while it is not known. */
  readonly certificateId?: string | undefined;
}
