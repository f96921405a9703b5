import type { Entity } from "../../entities/entity.ts";
import { EntitySet, type EntitySpace } from "../../entities/entity-set.ts";
import { isJsonObject, textOf, type JsonObject, type JsonValue } from "../../http/json.ts";
import type { Directory } from "../directory/directory.ts";
import { referencedId } from "../directory/member-routes.ts";
import { teamsTelling } from "./teams-telling.ts";

export interface ConversationMembersOptions {
  readonly space: EntitySpace;
  readonly directory: Directory;
  readonly tenantId: string;
  /** What notifications call the collection: `chats('19:…')/members`. */
  readonly resource: string;
  readonly topics: readonly string[];
}

/**
 * Who takes part in a chat or a team: users of the tenant.
 *
 * @see https://learn.microsoft.com/graph/api/resources/aaduserconversationmember
 */
export class ConversationMembers {
  readonly set: EntitySet;
  readonly #options: ConversationMembersOptions;

  constructor(options: ConversationMembersOptions) {
    this.#options = options;
    const { space, tenantId, resource, topics } = options;
    this.set = new EntitySet(space, {
      create: (values) => ({ id: memberId(resource, textOf(values, "userId") ?? ""), ...values }),
      update: (member, values) => ({ ...member, ...values }),
      tell: (changeType, member) => [
        teamsTelling({
          tenantId,
          changeType,
          type: "aadUserConversationMember",
          resource: `${resource}('${member.id}')`,
          entity: member,
          topics,
        }),
      ],
    });
  }

  get userIds(): readonly string[] {
    return this.set.list().flatMap((member) => textOf(member, "userId") ?? []);
  }

  /** Adds the user a member of a request names, or finds the one that is there; `undefined` when there is no such user. */
  add(member: JsonValue | undefined): Entity | undefined {
    const { directory, tenantId } = this.#options;
    const values = readMember(directory, tenantId, member);
    const id = values && memberId(this.#options.resource, textOf(values, "userId") ?? "");
    return values && (this.set.get(id ?? "") ?? this.set.create(values));
  }
}

/**
 * What a member of a request becomes: `{"roles": [], "user@odata.bind": "…/users('{id}')"}`.
 *
 * @returns `undefined` when it names no user of the tenant
 */
export function readMember(
  directory: Directory,
  tenantId: string,
  member: JsonValue | undefined,
): JsonObject | undefined {
  if (!isJsonObject(member)) return undefined;
  const user = directory.users(tenantId).get(referencedId(textOf(member, "user@odata.bind") ?? ""));
  return (
    user && {
      "@odata.type": "#microsoft.graph.aadUserConversationMember",
      roles: member["roles"] ?? [],
      displayName: user["displayName"],
      userId: user.id,
      email: user["mail"],
      tenantId,
    }
  );
}

function memberId(resource: string, userId: string): string {
  return Buffer.from(`${resource}##${userId}`).toString("base64url");
}
