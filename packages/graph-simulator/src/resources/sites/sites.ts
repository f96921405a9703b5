import type { Entity } from "../../entities/entity.ts";
import { EntitySet, type Entities, type EntitySpace, type Telling } from "../../entities/entity-set.ts";
import { LazyMap } from "../../entities/lazy-map.ts";
import { formatSeconds } from "../../instant.ts";
import { textOf, type JsonObject } from "../../http/json.ts";
import { guidFor, type Random } from "../../random.ts";

export interface SitesOptions {
  readonly space: EntitySpace;
  readonly random: Random;
  /** Primary domain of a tenant. */
  readonly domainOf: (tenantId: string) => string;
}

/** The root site of each tenant. */
export class Sites {
  readonly #sites: LazyMap<string, Site>;

  constructor(options: SitesOptions) {
    this.#sites = new LazyMap((tenantId) => new Site(tenantId, options));
  }

  of(tenantId: string): Site {
    return this.#sites.of(tenantId);
  }

  /** @param idOrName the site's id, its host name, or `root` */
  get(tenantId: string, idOrName: string): Site | undefined {
    const site = this.of(tenantId);
    const names = ["root", site.entity.id, site.hostname];
    return names.includes(idOrName.toLowerCase()) ? site : undefined;
  }

  clear(): void {
    this.#sites.clear();
  }
}

/** The GUID of a tenant's site: always the same. */
export function siteGuidOf(tenantId: string): string {
  return guidFor(`site of ${tenantId}`);
}

/**
 * A site and its lists.
 *
 * A change in a list is told as `updated`, of the list, without saying which item it was.
 *
 * @see https://learn.microsoft.com/graph/api/resources/list
 */
export class Site {
  readonly entity: Entity;
  readonly hostname: string;
  readonly lists: Entities;
  readonly #tenantId: string;
  readonly #options: SitesOptions;
  readonly #lists: EntitySet;
  readonly #items: LazyMap<string, EntitySet>;

  constructor(tenantId: string, options: SitesOptions) {
    this.#tenantId = tenantId;
    this.#options = options;
    const [label = ""] = options.domainOf(tenantId).split(".");
    this.hostname = `${label}.sharepoint.com`;
    this.entity = {
      id: `${this.hostname},${siteGuidOf(tenantId)},${guidFor(`web of ${tenantId}`)}`,
      displayName: "Communication site",
      name: "",
      webUrl: `https://${this.hostname}`,
      siteCollection: { hostname: this.hostname },
    };
    this.#lists = this.#createLists();
    this.#items = new LazyMap((listId) => this.#createItems(listId));
    this.lists = {
      kind: "entities",
      list: () => this.#lists.list(),
      get: (idOrName) => this.getList(idOrName),
      create: (values) => this.#lists.create(values),
      update: (list, values) => this.#lists.update(list, values),
      remove: (list) => this.#lists.remove(list),
    };
  }

  /** @param idOrName GUID or display name, in any case */
  getList(idOrName: string): Entity | undefined {
    const wanted = idOrName.toLowerCase();
    return this.#lists
      .list()
      .find((list) => list.id === wanted || textOf(list, "displayName")?.toLowerCase() === wanted);
  }

  itemsOf(listId: string): EntitySet {
    return this.#items.of(listId);
  }

  #createLists(): EntitySet {
    const { space, random } = this.#options;
    const version = (list: Entity): Entity => ({ ...list, ...stamp(random.guid(), space.journal.now()) });
    return new EntitySet(space, {
      create: (values) => {
        const createdDateTime = formatSeconds(space.journal.now());
        return version({ id: random.guid(), createdDateTime, name: values["displayName"], ...values });
      },
      update: (list, values) => version({ ...list, ...values }),
      tell: (_changeType, list) => [this.#telling(list.id, list.id)],
    });
  }

  #createItems(listId: string): EntitySet {
    const { space, random } = this.#options;
    const version = (item: Entity): Entity => ({ ...item, ...stamp(random.guid(), space.journal.now()) });
    let lastId = 0;
    return new EntitySet(space, {
      create: (values) => {
        lastId += 1;
        const createdDateTime = formatSeconds(space.journal.now());
        return version({ id: String(lastId), createdDateTime, fields: {}, ...values });
      },
      update: (item, values) => version({ ...item, ...values }),
      tell: (_changeType, item) => [this.#telling(listId, item.id)],
    });
  }

  #telling(listId: string, entityId: string): Telling {
    const resource = `sites/${this.entity.id}/lists/${listId}`;
    return {
      tenantId: this.#tenantId,
      changeType: "updated",
      resource,
      entityId,
      topics: [resource],
    };
  }
}

function stamp(guid: string, now: number): JsonObject {
  const eTag = `"${guid},1"`;
  return { "@odata.etag": eTag, eTag, lastModifiedDateTime: formatSeconds(now) };
}
