import type { PathParams } from "../http/path.ts";
import type { Resources } from "../resources/resources.ts";
import { extensionError } from "./extension-error.ts";
import type { SubscribableResource } from "./subscribable-resources.ts";
import { readResourceQuery } from "./resource-query.ts";
import type { TopicResolver } from "./subscription-routes.ts";

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The ids of a path, in place of the names it may have; `undefined` when something on it is not there. */
type Spelling = (params: PathParams, tenantId: string, resources: Resources) => Spelled | undefined;

interface Spelled {
  /** For names of the path. */
  readonly ids?: Readonly<Record<string, string>>;
  /** In place of the whole path. */
  readonly topic?: string;
}

/**
 * Spells resources in the one way changes are published under: object ids in place of principal names, folder ids in
 * place of well-known names, the drive's own path in place of its owner's.
 *
 * What the simulator holds data of must exist to be subscribed to; of anything else, any id will do.
 */
export function createTopicResolver(resources: Resources): TopicResolver {
  return ({ resource, pattern, params, query }, tenantId) => {
    const spelling = spellingOf(resource);
    if (!spelling) {
      const topic = pattern.spell((name) => spellId(params.get(name)));
      return { kind: "topic", topic, query, filter: null };
    }
    const read = readResourceQuery(resource.name, query);
    if (read.kind === "refused") return read;
    const spelled = spelling(params, tenantId, resources);
    if (!spelled) {
      return extensionError("Create", 404, "Not Found");
    }
    const { ids = {}, topic } = spelled;
    return {
      kind: "topic",
      topic: topic ?? pattern.spell((name) => ids[name] ?? spellId(params.get(name))),
      query: read.text,
      filter: read.filter,
    };
  };
}

function spellingOf({ name }: SubscribableResource): Spelling | undefined {
  return Object.hasOwn(SPELLINGS, name) ? SPELLINGS[name] : undefined;
}

/** By Graph's name of what changes, for what the simulator holds data of. */
const SPELLINGS: Readonly<Record<string, Spelling>> = {
  user: (params, tenantId, { directory }) => {
    const name = params.find("userId");
    const user = name === undefined ? undefined : directory.users(tenantId).get(name);
    return user ? { ids: { userId: user.id } } : {};
  },
  group: () => ({}),
  message: (params, tenantId, resources) => {
    const mailbox = mailboxOf(params, tenantId, resources);
    const name = params.find("folderId");
    const folderId = name === undefined ? undefined : mailbox?.folders.get(name)?.id;
    if (!mailbox || (name !== undefined && folderId === undefined)) return undefined;
    return { ids: { userId: mailbox.owner.id, ...(folderId !== undefined && { folderId }) } };
  },
  event: ofMailbox,
  contact: (params, tenantId, resources) => {
    const mailbox = mailboxOf(params, tenantId, resources);
    const folderId = params.find("folderId");
    if (!mailbox || (folderId !== undefined && !mailbox.hasContactFolder(folderId))) return undefined;
    return { ids: { userId: mailbox.owner.id } };
  },
  todoTask: (params, tenantId, resources) => {
    const mailbox = mailboxOf(params, tenantId, resources);
    return mailbox?.todo.get(params.get("listId")) && { ids: { userId: mailbox.owner.id } };
  },
  driveItem: (params, tenantId, { drives }) => {
    const userId = params.find("userId");
    const driveId = params.find("driveId") ?? "";
    const drive = userId === undefined ? drives.get(tenantId, driveId) : drives.ofOwner(tenantId, userId);
    const folder = params.find("folder");
    return drive && { topic: `drives/${drive.id}/root${folder === undefined ? "" : `/${folder}`}` };
  },
  list: (params, tenantId, { sites }) => {
    const site = sites.get(tenantId, params.get("siteId"));
    const list = site?.getList(params.get("listId"));
    return site && list && { ids: { siteId: site.entity.id, listId: list.id } };
  },
  chat: (params, tenantId, resources) => ofChat(params, tenantId, resources),
  chatMessage: (params, tenantId, resources) =>
    ofChat(params, tenantId, resources) && ofTeam(params, tenantId, resources),
  channel: ofTeam,
  team: ofTeam,
  conversationMember: (params, tenantId, resources) =>
    ofChat(params, tenantId, resources) && ofTeam(params, tenantId, resources),
  presence: ofUser,
};

function ofMailbox(params: PathParams, tenantId: string, resources: Resources): Spelled | undefined {
  const mailbox = mailboxOf(params, tenantId, resources);
  return mailbox && { ids: { userId: mailbox.owner.id } };
}

function mailboxOf(
  params: PathParams,
  tenantId: string,
  { directory, mailboxes }: Resources,
): ReturnType<Resources["mailboxes"]["of"]> | undefined {
  const user = directory.users(tenantId).get(params.get("userId"));
  return user && mailboxes.of(tenantId, user);
}

/** A user of the path must be there. */
function ofUser(params: PathParams, tenantId: string, { directory }: Resources): Spelled | undefined {
  const name = params.find("userId");
  if (name === undefined) return {};
  const user = directory.users(tenantId).get(name);
  return user && { ids: { userId: user.id } };
}

/** A chat or a user of the path must be there. */
function ofChat(params: PathParams, tenantId: string, resources: Resources): Spelled | undefined {
  const chatId = params.find("chatId");
  if (chatId !== undefined && !resources.chats(tenantId).set.get(chatId)) return undefined;
  return ofUser(params, tenantId, resources);
}

/** A team and a channel of the path must be there. */
function ofTeam(params: PathParams, tenantId: string, resources: Resources): Spelled | undefined {
  const teamId = params.find("teamId");
  const channelId = params.find("channelId");
  const teams = resources.teams(tenantId);
  if (teamId !== undefined && !teams.set.get(teamId)) return undefined;
  if (teamId !== undefined && channelId !== undefined && !teams.channelsOf(teamId).get(channelId)) {
    return undefined;
  }
  return {};
}

function spellId(id: string): string {
  return GUID.test(id) ? id.toLowerCase() : id;
}
