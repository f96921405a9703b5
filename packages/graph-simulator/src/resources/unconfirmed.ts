/**
 * What may or may not be so with Graph: metadata or old pages say it, no present page does. Everything is off until
 * it is asked for, but for what a receiver should be able to stand.
 */
export interface UnconfirmedOptions {
  /**
   * Notifications of a changed membership carry `members@delta` or `owners@delta`. An old page of the documentation
   * showed it.
   * @default true
   */
  readonly membersInNotifications?: boolean | undefined;
  /**
   * `/users/{id}/messages/delta` over all folders. It is in the metadata; the documentation knows it per folder only.
   * @default false
   */
  readonly mailboxMessagesDelta?: boolean | undefined;
  /**
   * `/users/{id}/events/delta` in v1.0. It is in the metadata; the documentation has it in beta only.
   * @default false
   */
  readonly eventsDelta?: boolean | undefined;
  /**
   * `/chats/{id}/messages/delta`. It is in the metadata only.
   * @default false
   */
  readonly chatMessagesDelta?: boolean | undefined;
  /**
   * `…/channels/{id}/messages/{id}/replies/delta`. It is in the metadata only.
   * @default false
   */
  readonly repliesDelta?: boolean | undefined;
}

export type UnconfirmedSettings = { readonly [Name in keyof UnconfirmedOptions]-?: boolean };

export function resolveUnconfirmed(options: UnconfirmedOptions): UnconfirmedSettings {
  return {
    membersInNotifications: options.membersInNotifications ?? true,
    mailboxMessagesDelta: options.mailboxMessagesDelta ?? false,
    eventsDelta: options.eventsDelta ?? false,
    chatMessagesDelta: options.chatMessagesDelta ?? false,
    repliesDelta: options.repliesDelta ?? false,
  };
}
