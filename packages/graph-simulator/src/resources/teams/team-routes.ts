import type { DeltaQueries } from "../../delta/delta-query.ts";
import type { Entity } from "../../entities/entity.ts";
import type { Entities } from "../../entities/entity-set.ts";
import { addEntityRoutes, entityReply } from "../../entities/entity-routes.ts";
import { readProperties } from "../../graph/entity-type.ts";
import { readJsonBody, type GraphRequest } from "../../graph/graph-request.ts";
import { listReply } from "../../graph/list-reply.ts";
import { textOf } from "../../http/json.ts";
import type { PathParams } from "../../http/path.ts";
import { json, refuse, type Refusal, type Reply } from "../../http/reply.ts";
import type { Router } from "../../http/router.ts";
import type { Directory } from "../directory/directory.ts";
import { objectNotFound } from "../directory/object-not-found.ts";
import type { UnconfirmedSettings } from "../unconfirmed.ts";
import { addMemberOperations } from "./member-operations.ts";
import type { MessageThread } from "./message-thread.ts";
import { CHANNEL_TYPE, TEAM_TYPE, type Teams } from "./teams.ts";
import { threadDelta } from "./thread-delta.ts";
import { addThreadRoutes, conversationNotFound } from "./thread-routes.ts";

const PAGE_SIZE = 100;

const TEAM = "teams/{teamId}";
const CHANNEL = `${TEAM}/channels/{channelId}`;
const REPLIES = `${CHANNEL}/messages/{messageId}/replies`;

export interface TeamRoutesOptions {
  readonly directory: Directory;
  readonly delta: DeltaQueries;
  readonly teamsOf: (tenantId: string) => Teams;
  readonly unconfirmed: UnconfirmedSettings;
}

/**
 * Adds `/teams`: members, channels, their messages and replies, and the delta function of channel messages.
 *
 * @see https://learn.microsoft.com/graph/api/resources/team#methods
 * @see https://learn.microsoft.com/graph/api/chatmessage-delta
 */
export function addTeamRoutes(router: Router<GraphRequest>, options: TeamRoutesOptions): void {
  const { delta, teamsOf, unconfirmed } = options;
  addEntityRoutes(router, {
    path: "teams",
    operations: ["list", "get", "update"],
    context: "teams",
    type: TEAM_TYPE,
    pageSize: PAGE_SIZE,
    updateStatus: 204,
    open: ({ caller }) => teamsOf(caller.tenantId).set,
    notFound: conversationNotFound,
  });
  router
    .add("POST", "teams", (request) => createTeam(request, options))
    .add("PUT", "groups/{groupId}/team", (request, params) => teamOfGroup(request, params, options))
    .add("GET", `${TEAM}/operations/{operationId}`, (_request, params) =>
      json(200, { id: params.get("operationId"), operationType: "createTeam", status: "succeeded" }),
    );
  addMemberOperations(router, `${TEAM}/members`, (tenantId, params) => {
    const team = teamsOf(tenantId).set.get(params.get("teamId"));
    return team && teamsOf(tenantId).membersOf(team.id);
  });
  addEntityRoutes(router, {
    path: `${TEAM}/channels`,
    context: "channels",
    type: CHANNEL_TYPE,
    pageSize: PAGE_SIZE,
    updateStatus: 204,
    open: ({ caller }, params) => channels(teamsOf(caller.tenantId), params.get("teamId")),
    notFound: conversationNotFound,
  });
  router.add("GET", `${TEAM}/channels/getAllMessages`, (request, params) =>
    exportMessages(request, teamsOf(request.caller.tenantId), params.get("teamId")),
  );
  addThreadRoutes(router, `${CHANNEL}/messages`, (tenantId, params) => threadOf(teamsOf(tenantId), params));
  addThreadRoutes(router, REPLIES, (tenantId, params) => repliesOf(teamsOf(tenantId), params));
  delta.addTo(
    router,
    `${CHANNEL}/messages`,
    threadDelta((tenantId, params) => threadOf(teamsOf(tenantId), params)),
  );
  if (unconfirmed.repliesDelta) {
    delta.addTo(
      router,
      REPLIES,
      threadDelta((tenantId, params) => repliesOf(teamsOf(tenantId), params)),
    );
  }
}

function createTeam(request: GraphRequest, { directory, teamsOf }: TeamRoutesOptions): Reply {
  const body = readJsonBody(request);
  if (body.kind === "refused") return body;
  const properties = readProperties(body.value, TEAM_TYPE);
  if (properties.kind === "refused") return properties;
  const { members, ...values } = properties.values;
  const displayName = textOf(values, "displayName");
  if (displayName === undefined) return refuse(400, "BadRequest", "A team needs a displayName.");
  const { tenantId } = request.caller;
  const group = directory.groups(tenantId).create({
    displayName,
    description: values["description"] ?? null,
    groupTypes: ["Unified"],
    mailEnabled: true,
    mailNickname: displayName.replaceAll(/\W/g, ""),
    resourceProvisioningOptions: ["Team"],
    securityEnabled: false,
  });
  const teams = teamsOf(tenantId);
  const team = teams.create(group.id, values);
  for (const member of Array.isArray(members) ? members : []) teams.membersOf(team.id).add(member);
  return {
    kind: "json",
    status: 202,
    body: {},
    headers: {
      location: `/teams('${team.id}')/operations('${team.id}')`,
      "content-location": `/teams('${team.id}')`,
    },
  };
}

/** Makes a team of a group that is there. */
function teamOfGroup(
  request: GraphRequest,
  params: PathParams,
  { directory, teamsOf }: TeamRoutesOptions,
): Reply {
  const { tenantId } = request.caller;
  const group = directory.groups(tenantId).get(params.get("groupId"));
  if (!group) return objectNotFound(params.get("groupId"));
  const body = readJsonBody(request);
  if (body.kind === "refused") return body;
  const teams = teamsOf(tenantId);
  if (teams.set.get(group.id)) return refuse(409, "Conflict", "The group already has a team.");
  const { displayName, description } = group;
  const entity = teams.create(group.id, { displayName, description, ...body.value });
  return entityReply(201, request, { entity, context: "teams" });
}

function channels(teams: Teams, teamId: string): Entities | Refusal {
  return teams.set.get(teamId) ? teams.channelsOf(teamId) : conversationNotFound();
}

function exportMessages(request: GraphRequest, teams: Teams, teamId: string): Reply {
  if (!teams.set.get(teamId)) return conversationNotFound();
  const entities = teams
    .channelsOf(teamId)
    .list()
    .flatMap((channel) => {
      const messages = teams.threadOf(teamId, channel.id).set.list();
      const replies = messages.flatMap(({ id }) => teams.repliesTo(teamId, channel.id, id).set.list());
      return [...messages, ...replies];
    });
  return listReply(request, { entities, context: "Collection(chatMessage)", pageSize: 20, maxTop: 50 });
}

function channelOf(teams: Teams, params: PathParams): { teamId: string; channel: Entity } | undefined {
  const teamId = params.get("teamId");
  const channel = teams.set.get(teamId) && teams.channelsOf(teamId).get(params.get("channelId"));
  return channel && { teamId, channel };
}

function threadOf(teams: Teams, params: PathParams): MessageThread | undefined {
  const found = channelOf(teams, params);
  return found && teams.threadOf(found.teamId, found.channel.id);
}

function repliesOf(teams: Teams, params: PathParams): MessageThread | undefined {
  const found = channelOf(teams, params);
  const message = found && threadOf(teams, params)?.set.get(params.get("messageId"));
  return message && teams.repliesTo(found.teamId, found.channel.id, message.id);
}
