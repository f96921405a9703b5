import type { DeltaQueries } from "../delta/delta-query.ts";
import type { EntitySpace } from "../entities/entity-set.ts";
import { LazyMap } from "../entities/lazy-map.ts";
import type { GraphRequest } from "../graph/graph-request.ts";
import type { Router } from "../http/router.ts";
import type { Random } from "../random.ts";
import { addDeletedItemRoutes } from "./directory/deleted-item-routes.ts";
import { addDirectoryDelta } from "./directory/directory-delta.ts";
import { Directory } from "./directory/directory.ts";
import { addGroupRoutes } from "./directory/group-routes.ts";
import { MemberRoutes } from "./directory/member-routes.ts";
import { addUserRoutes } from "./directory/user-routes.ts";
import { addDriveRoutes } from "./drives/drive-routes.ts";
import { Drives } from "./drives/drives.ts";
import { addContactRoutes } from "./outlook/contact-routes.ts";
import { addEventRoutes } from "./outlook/event-routes.ts";
import { MailboxOpener } from "./outlook/mailbox-opener.ts";
import { Mailboxes } from "./outlook/mailbox.ts";
import { addMessageRoutes } from "./outlook/message-routes.ts";
import { addOutlookDelta } from "./outlook/outlook-delta.ts";
import { addPresenceRoutes } from "./presence/presence-routes.ts";
import { Presences } from "./presence/presence.ts";
import { addSiteRoutes } from "./sites/site-routes.ts";
import { siteGuidOf, Sites } from "./sites/sites.ts";
import { addChatRoutes } from "./teams/chat-routes.ts";
import { Chats } from "./teams/chats.ts";
import { addTeamRoutes } from "./teams/team-routes.ts";
import { Teams } from "./teams/teams.ts";
import { addTodoRoutes } from "./todo/todo-routes.ts";
import type { UnconfirmedSettings } from "./unconfirmed.ts";

export interface ResourcesOptions {
  readonly space: EntitySpace;
  readonly random: Random;
  readonly unconfirmed: UnconfirmedSettings;
  /** Items on a page of users and groups. */
  readonly pageSize: number;
  /** Primary domain of a tenant. */
  readonly domainOf: (tenantId: string) => string;
}

/** Everything there is in the tenants. Each kind has a folder that says what is particular about it. */
export class Resources {
  readonly directory: Directory;
  readonly mailboxes: Mailboxes;
  readonly drives: Drives;
  readonly sites: Sites;
  readonly presences: Presences;
  readonly #options: ResourcesOptions;
  readonly #chats: LazyMap<string, Chats>;
  readonly #teams: LazyMap<string, Teams>;

  constructor(options: ResourcesOptions) {
    this.#options = options;
    const { space, random, domainOf, unconfirmed } = options;
    this.directory = new Directory({
      space,
      random: random.fork("users"),
      tellsMembers: unconfirmed.membersInNotifications,
      groupRemoved: (tenantId, groupId) => this.teams(tenantId).removeTeam(groupId),
    });
    const { directory } = this;
    this.mailboxes = new Mailboxes(space, random.fork("mailboxes"));
    this.drives = new Drives({ space, random: random.fork("drives"), directory, siteGuidOf });
    this.sites = new Sites({ space, random: random.fork("sites"), domainOf });
    this.presences = new Presences(space);
    const chatIds = random.fork("chats");
    const teamIds = random.fork("teams");
    this.#chats = new LazyMap((tenantId) => new Chats(tenantId, { space, random: chatIds, directory }));
    this.#teams = new LazyMap((tenantId) => new Teams(tenantId, { space, random: teamIds, directory }));
  }

  chats(tenantId: string): Chats {
    return this.#chats.of(tenantId);
  }

  teams(tenantId: string): Teams {
    return this.#teams.of(tenantId);
  }

  clear(): void {
    for (const store of [
      this.directory,
      this.mailboxes,
      this.drives,
      this.sites,
      this.presences,
      this.#chats,
      this.#teams,
    ]) {
      store.clear();
    }
  }

  addTo(router: Router<GraphRequest>, delta: DeltaQueries): void {
    const { directory } = this;
    const { pageSize, unconfirmed } = this.#options;
    addUserRoutes(router, directory, pageSize);
    addGroupRoutes(router, directory, pageSize);
    new MemberRoutes(directory, pageSize).addTo(router);
    addDeletedItemRoutes(router, directory, pageSize);
    addDirectoryDelta(router, delta, directory);

    const opener = new MailboxOpener(directory, this.mailboxes);
    addMessageRoutes(router, opener);
    addEventRoutes(router, opener);
    addContactRoutes(router, opener);
    addTodoRoutes(router, delta, opener);
    addOutlookDelta(router, delta, { opener, unconfirmed });

    this.#addDrives(router, delta);
    addSiteRoutes(router, delta, this.sites);
    addChatRoutes(router, { directory, delta, chatsOf: (tenantId) => this.chats(tenantId), unconfirmed });
    addTeamRoutes(router, { directory, delta, teamsOf: (tenantId) => this.teams(tenantId), unconfirmed });
    addPresenceRoutes(router, directory, this.presences);
  }

  #addDrives(router: Router<GraphRequest>, delta: DeltaQueries): void {
    const { drives, sites } = this;
    addDriveRoutes(router, {
      delta,
      prefix: "drives/{driveId}",
      find: (tenantId, params) => drives.get(tenantId, params.get("driveId")),
    });
    for (const prefix of ["users/{ownerId}/drive", "groups/{ownerId}/drive"]) {
      addDriveRoutes(router, {
        delta,
        prefix,
        find: (tenantId, params) => drives.ofOwner(tenantId, params.get("ownerId")),
      });
    }
    addDriveRoutes(router, {
      delta,
      prefix: "sites/{siteId}/drive",
      find: (tenantId, params) =>
        sites.get(tenantId, params.get("siteId")) && drives.ofOwner(tenantId, siteGuidOf(tenantId)),
    });
  }
}
