import type { Entity } from "../../entities/entity.ts";
import { EntitySet } from "../../entities/entity-set.ts";
import { LazyMap } from "../../entities/lazy-map.ts";
import type { EntityType } from "../../graph/entity-type.ts";
import { textOf, type JsonObject } from "../../http/json.ts";
import type { TeamsOptions } from "./chats.ts";
import { ConversationMembers } from "./conversation-members.ts";
import { MessageThread } from "./message-thread.ts";
import { teamsTelling } from "./teams-telling.ts";

/** @see https://learn.microsoft.com/graph/api/resources/team#properties */
export const TEAM_TYPE: EntityType = {
  name: "microsoft.graph.team",
  writable: {
    description: "string",
    displayName: "string",
    firstChannelName: "string",
    funSettings: "object",
    guestSettings: "object",
    memberSettings: "object",
    members: "array",
    messagingSettings: "object",
    visibility: "string",
  },
  readOnly: ["id", "createdDateTime", "isArchived", "webUrl"],
};

/** @see https://learn.microsoft.com/graph/api/resources/channel#properties */
export const CHANNEL_TYPE: EntityType = {
  name: "microsoft.graph.channel",
  writable: {
    description: "string",
    displayName: "string",
    isFavoriteByDefault: "boolean",
    membershipType: "string",
  },
  readOnly: ["id", "createdDateTime", "email", "webUrl"],
};

/** The teams of one tenant, with their members, channels and messages. A team has the id of its group. */
export class Teams {
  readonly set: EntitySet;
  readonly #options: TeamsOptions;
  readonly #tenantId: string;
  readonly #members: LazyMap<string, ConversationMembers>;
  readonly #channels: LazyMap<string, EntitySet>;
  /** By the path of the collection: `{teamId}/{channelId}`, and of replies `{teamId}/{channelId}/{messageId}`. */
  readonly #threads: LazyMap<string, MessageThread>;

  constructor(tenantId: string, options: TeamsOptions) {
    this.#tenantId = tenantId;
    this.#options = options;
    const { space, directory } = options;
    this.set = this.#createTeams();
    this.#members = new LazyMap(
      (teamId) =>
        new ConversationMembers({
          space,
          directory,
          tenantId,
          resource: `teams('${teamId}')/members`,
          topics: ["teams/getAllMembers", `teams/${teamId}/members`],
        }),
    );
    this.#channels = new LazyMap((teamId) => this.#createChannels(teamId));
    this.#threads = new LazyMap((path) => this.#createThread(path));
  }

  /** Makes a team of a group, with the channel every team has. */
  create(groupId: string, values: JsonObject): Entity {
    const team = this.set.create({ ...values, id: groupId });
    const displayName = textOf(values, "firstChannelName") ?? "General";
    this.channelsOf(groupId).create({ displayName, description: values["description"] ?? null });
    return team;
  }

  /** Ends the team of a group, if it has one. */
  removeTeam(groupId: string): void {
    const team = this.set.get(groupId);
    if (team) this.set.remove(team);
  }

  membersOf(teamId: string): ConversationMembers {
    return this.#members.of(teamId);
  }

  channelsOf(teamId: string): EntitySet {
    return this.#channels.of(teamId);
  }

  threadOf(teamId: string, channelId: string): MessageThread {
    return this.#threads.of(`${teamId}/${channelId}`);
  }

  repliesTo(teamId: string, channelId: string, messageId: string): MessageThread {
    return this.#threads.of(`${teamId}/${channelId}/${messageId}`);
  }

  #createTeams(): EntitySet {
    const tenantId = this.#tenantId;
    const { space } = this.#options;
    return new EntitySet(space, {
      create: (values) => {
        const createdDateTime = new Date(space.journal.now()).toISOString();
        return {
          id: "",
          description: null,
          isArchived: false,
          visibility: "private",
          createdDateTime,
          ...values,
        };
      },
      update: (team, values) => ({ ...team, ...values }),
      tell: (changeType, team) => [
        teamsTelling({
          tenantId,
          changeType,
          type: "team",
          resource: `teams('${team.id}')`,
          entity: team,
          topics: ["teams", `teams/${team.id}`],
        }),
      ],
    });
  }

  #createChannels(teamId: string): EntitySet {
    const tenantId = this.#tenantId;
    const { space, random } = this.#options;
    return new EntitySet(space, {
      create: (values) => ({
        id: `19:${random.guid().replaceAll("-", "")}@thread.tacv2`,
        createdDateTime: new Date(space.journal.now()).toISOString(),
        description: null,
        membershipType: "standard",
        ...values,
      }),
      update: (channel, values) => ({ ...channel, ...values }),
      tell: (changeType, channel) => [
        teamsTelling({
          tenantId,
          changeType,
          type: "channel",
          resource: `teams('${teamId}')/channels('${channel.id}')`,
          entity: channel,
          topics: ["teams/getAllChannels", `teams/${teamId}/channels`],
        }),
      ],
    });
  }

  #createThread(path: string): MessageThread {
    const [teamId = "", channelId = "", replyToId] = path.split("/");
    const messages = `teams('${teamId}')/channels('${channelId}')/messages`;
    return new MessageThread({
      space: this.#options.space,
      tenantId: this.#tenantId,
      resource: replyToId === undefined ? messages : `${messages}('${replyToId}')/replies`,
      fixed: { channelIdentity: { teamId, channelId }, replyToId: replyToId ?? null },
      topics: () => ["teams/getAllMessages", `teams/${teamId}/channels/${channelId}/messages`],
    });
  }
}
