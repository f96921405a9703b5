// app
export { Tidings } from "./app/tidings.ts";
export type { HostSettings, TidingsOptions } from "./app/options.ts";
export type { Declaration, SubscribeOptions } from "./app/declaration.ts";
export type { Applied, ApplyProblem, ApplyProgress } from "./core/applied.ts";
export type { ApplyOptions, PlanOptions } from "./app/apply.ts";
export type { SubscriptionFilter, SubscriptionInfo, SubscriptionState } from "./app/subscriptions-view.ts";
export type { DeadLetterFilter, DeadLetterInfo, DeadLetterListOptions } from "./app/dead-letters.ts";
export type { ReplayFilter, ReplayResult } from "./app/replay.ts";
export type { Drained, DrainOptions } from "./app/drain.ts";
export type { TidingsHealth } from "./app/health.ts";
export type { CertificateRole, CertificateState, KeysInfo } from "./app/keys-view.ts";
export type { SecretInfo, SecretRole, SecretRotation } from "./app/secrets.ts";
export type { EntityOf } from "./app/graph-types.ts";

// what handlers see
export type { BatchHandler, Change, Handler, HandlerContext, HandlerFunction } from "./core/change.ts";
export { Permanent, RetryAfter } from "./core/handler-errors.ts";
export type { ChangeType } from "./core/change-type.ts";
export type { DeclarationOptions } from "./core/declaration.ts";
export type { PlannedAction, PlannedSubscription } from "./core/planned-subscription.ts";
export type { TidingsEventName, TidingsEvents } from "./core/events.ts";
export type { ParamsOf } from "./core/resource-template.ts";

// what apps may bring
export type { Cloud } from "./core/cloud.ts";
export type { CertificateSource } from "./core/ports/certificates.ts";
export type { Credential, TokenCredential } from "./core/ports/credential.ts";
export type { ForwardInbox, InboxProvider, SourceProvider } from "./core/ports/inbox.ts";
export type { Logger, LogFields } from "./core/ports/logger.ts";
export type { Store, StoreProvider } from "./core/ports/store.ts";

// errors
export {
  ContentRefusedError,
  CredentialError,
  GraphAnswerError,
  GraphRefusedError,
  GraphThrottledError,
  GraphUnreachableError,
  KafkaError,
  KeysUnavailableError,
  LeaseLostError,
  OutboundRefusedError,
  StdoutError,
  StoreBrokenError,
  StoreBusyError,
  StoreError,
  StoreInUseError,
  StoreOfAnotherAppError,
  StoreTooNewError,
  TidingsError,
  UnsuitableFileSystemError,
} from "./core/errors.ts";
export type {
  AnyTidingsError,
  GraphAnswerFault,
  KafkaFault,
  OutboundFault,
  TidingsErrorCode,
} from "./core/errors.ts";
