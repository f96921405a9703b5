/**
 * What can be made wrong with a notification on its way, each the work of somebody who is not Graph.
 *
 * The first group changes the item itself; the second its `encryptedContent`, and the third the `validationToken` of
 * its app and tenant: these two only happen to notifications with resource data.
 */
export const ITEM_TAMPERINGS = ["client-state", "tenant"] as const;

export const CONTENT_TAMPERINGS = [
  /** A byte of the encrypted data is another; its signature is not. */
  "data",
  /** The signature is made with another key. */
  "data-signature",
  /** The symmetric key is another, encrypted for the right certificate. */
  "data-key",
  /** The symmetric key is encrypted for a certificate that is not the app's. */
  "foreign-key",
  /** The item names a certificate the app does not have. */
  "certificate-id",
  "certificate-thumbprint",
  /** There is no encrypted content. */
  "content-stripped",
] as const;

export const TOKEN_TAMPERINGS = [
  /** A byte of the signature is another. */
  "token-signature",
  /** Signed by a stranger who names a key of the login service. */
  "token-foreign-key",
  /** Signed by a stranger who names his own key. */
  "token-unknown-key",
  /** `alg` is `none` and there is no signature. */
  "token-unsigned",
  "token-audience",
  "token-tenant",
  "token-issuer",
  /** Asked for by another app than the one that sends notifications. */
  "token-publisher",
  "token-expired",
  "token-not-yet-valid",
  /** There is no token for the app and tenant. */
  "tokens-stripped",
] as const;

export type ItemTampering = (typeof ITEM_TAMPERINGS)[number];
export type ContentTampering = (typeof CONTENT_TAMPERINGS)[number];
export type TokenTampering = (typeof TOKEN_TAMPERINGS)[number];
export type Tampering = ItemTampering | ContentTampering | TokenTampering;

export const TAMPERINGS: readonly Tampering[] = [
  ...ITEM_TAMPERINGS,
  ...CONTENT_TAMPERINGS,
  ...TOKEN_TAMPERINGS,
];

function isItemTampering(tampering: Tampering | undefined): tampering is ItemTampering {
  return ITEM_TAMPERINGS.some((known) => known === tampering);
}

export function isContentTampering(tampering: Tampering | undefined): tampering is ContentTampering {
  return CONTENT_TAMPERINGS.some((known) => known === tampering);
}

export function isTokenTampering(tampering: Tampering | undefined): tampering is TokenTampering {
  return TOKEN_TAMPERINGS.some((known) => known === tampering);
}

/** What to make wrong, with which of the notifications to come. */
export interface TamperingOrder {
  readonly what: Tampering;
  /** @default any subscription */
  readonly subscriptionId?: string | undefined;
  /**
   * How many notifications.
   * @default 1
   */
  readonly times?: number | undefined;
}

/** Makes notifications go wrong on their way, as a test asks for it. */
export interface SimulatorTampering {
  /** Orders are carried out in the order they came, one for each notification. */
  order(order: TamperingOrder): void;
  /** Forgets the orders that are left. */
  clear(): void;
}

interface OpenOrder {
  readonly what: Tampering;
  readonly subscriptionId: string | undefined;
  left: number;
}

/** The orders that are left. */
export class TamperingPlan implements SimulatorTampering {
  #orders: OpenOrder[] = [];

  order({ what, subscriptionId, times = 1 }: TamperingOrder): void {
    if (!Number.isInteger(times) || times < 1) {
      throw new RangeError(`Expected to tamper with a whole number of notifications >= 1, got ${times}`);
    }
    this.#orders.push({ what, subscriptionId, left: times });
  }

  clear(): void {
    this.#orders = [];
  }

  /** What to make wrong with the next notification to a subscription. */
  take(subscriptionId: string, isRich: boolean): Tampering | undefined {
    const order = this.#orders.find(
      (candidate) =>
        (candidate.subscriptionId ?? subscriptionId) === subscriptionId &&
        (isRich || isItemTampering(candidate.what)),
    );
    if (!order) return undefined;
    order.left -= 1;
    if (order.left === 0) this.#orders = this.#orders.filter((other) => other !== order);
    return order.what;
  }
}
