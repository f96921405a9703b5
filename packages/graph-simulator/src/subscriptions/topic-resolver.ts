import { refuse } from "../http/reply.ts";
import type { Mailboxes } from "../resources/messages/mailboxes.ts";
import type { Directory } from "../resources/users/directory.ts";
import { extensionError } from "./extension-error.ts";
import type { TopicResolver } from "./subscription-routes.ts";

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Spells resources with object ids in place of principal names, and folder ids in place of well-known names.
 *
 * A mailbox must exist to be subscribed to; of the resources the simulator holds no data of, any id will do.
 */
export function createTopicResolver(directory: Directory, mailboxes: Mailboxes): TopicResolver {
  return ({ resource, pattern, params, query }, tenantId) => {
    const holdsChanges = resource.name === "message" || resource.name === "user";
    if (holdsChanges && /\$filter/i.test(query)) {
      return refuse(501, "notImplemented", `The simulator does not model $filter on ${resource.name}.`);
    }
    const user = pattern.has("userId") ? directory.find(tenantId, params.get("userId")) : undefined;
    const folder =
      user && pattern.has("folderId") ? mailboxes.of(user).findFolder(params.get("folderId")) : undefined;
    if (resource.name === "message" && (!user || (pattern.has("folderId") && !folder))) {
      return extensionError("Create", 404, "Not Found");
    }
    const topic = pattern.spell((name) => {
      if (name === "userId" && user) return user.id;
      if (name === "folderId" && folder) return folder.id;
      const value = params.get(name);
      return GUID.test(value) ? value.toLowerCase() : value;
    });
    // What is selected changes what a notification carries, not whether there is one.
    return { kind: "topic", topic: holdsChanges || query === "" ? topic : `${topic}?${query}` };
  };
}
