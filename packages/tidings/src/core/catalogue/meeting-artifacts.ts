import type { CatalogueRow } from "./row.ts";
import {
  CREATE_PERMISSIONS,
  DELTA_QUERIES,
  RESOURCE_DATA,
  SUBSCRIPTION_LIFETIME,
  SUPPORTED_RESOURCES,
} from "./sources.ts";
import { ONE_PER_TARGET, ONE_PER_USER } from "./teams-quotas.ts";

const ARTIFACTS_PAGE =
  "https://learn.microsoft.com/graph/teams-changenotifications-callrecording-and-calltranscript";

/** Recordings and transcripts differ in their names alone. */
interface Artifact {
  readonly name: string;
  readonly collection: string;
  readonly all: string;
  readonly permission: string;
}

/** Of scheduled meetings, not of those in channels. A transcript is told of if it begins after the subscription. */
function rowsOf({ name, collection, all, permission }: Artifact): CatalogueRow[] {
  const shared = {
    name,
    changeTypes: ["created"],
    maxLifetimeMinutes: 4_320,
    resourceData: { kind: "offered", maxLifetimeMinutes: 4_320, select: "undocumented" },
    lifecycleUrl: "over an hour",
    query: { documented: [] },
    quotas: ONE_PER_TARGET,
    resourceDataType: `#microsoft.graph.${name}`,
    sources: [
      ARTIFACTS_PAGE,
      SUPPORTED_RESOURCES,
      SUBSCRIPTION_LIFETIME,
      RESOURCE_DATA,
      CREATE_PERMISSIONS,
      DELTA_QUERIES,
    ],
  } as const satisfies Partial<CatalogueRow>;
  const application = [`${permission}.All`];
  return [
    {
      ...shared,
      paths: [`communications/onlineMeetings/${all}`],
      permissions: { delegated: [], personal: [], application },
      catchUp: { kind: "none" },
    },
    {
      ...shared,
      paths: [`communications/onlineMeetings/{meetingId}/${collection}`],
      permissions: { delegated: application, personal: [], application },
      catchUp: { kind: "delta", paths: [`communications/onlineMeetings/{meetingId}/${collection}/delta`] },
    },
    {
      ...shared,
      paths: [`users/{userId}/onlineMeetings/${all}`],
      permissions: { delegated: application, personal: [], application },
      quotas: ONE_PER_USER,
      catchUp: {
        kind: "delta",
        paths: [`users/{userId}/onlineMeetings/${all}(meetingOrganizerUserId='{userId}')/delta`],
        isUnsure: true,
      },
    },
    {
      ...shared,
      paths: [`appCatalogs/teamsApps/{teamsAppId}/installedToOnlineMeetings/${all}`],
      query: { documented: ["useResourceSpecificConsentBasedAuthorization"] },
      permissions: { delegated: [], personal: [], application: [`${permission}.Chat*`, ...application] },
      catchUp: { kind: "none" },
      version: "beta",
    },
  ];
}

export const MEETING_ARTIFACT_ROWS: readonly CatalogueRow[] = [
  ...rowsOf({
    name: "callRecording",
    collection: "recordings",
    all: "getAllRecordings",
    permission: "OnlineMeetingRecording.Read",
  }),
  ...rowsOf({
    name: "callTranscript",
    collection: "transcripts",
    all: "getAllTranscripts",
    permission: "OnlineMeetingTranscript.Read",
  }),
];
