import { LazyMap } from "../../entities/lazy-map.ts";
import type { EntitySpace } from "../../entities/entity-set.ts";
import type { Random } from "../../random.ts";
import type { Directory } from "../directory/directory.ts";
import { Drive } from "./drive.ts";
import { driveIdOf, ownerIdOf } from "./drive-id.ts";

export interface DrivesOptions {
  readonly space: EntitySpace;
  readonly random: Random;
  readonly directory: Directory;
  /** Id of a tenant's site: a GUID. */
  readonly siteGuidOf: (tenantId: string) => string;
}

/** The drives of users, groups and sites: each has one. */
export class Drives {
  readonly #options: DrivesOptions;
  readonly #byOwner: LazyMap<string, Drive>;

  constructor(options: DrivesOptions) {
    this.#options = options;
    const { space, random } = options;
    this.#byOwner = new LazyMap((key) => {
      const [tenantId = "", ownerId = ""] = key.split("/");
      return new Drive({ id: driveIdOf(ownerId), tenantId, space, random });
    });
  }

  /** @param owner id of a user or group, principal name of a user, or GUID of a site */
  ofOwner(tenantId: string, owner: string): Drive | undefined {
    const ownerId =
      owner === this.#options.siteGuidOf(tenantId)
        ? owner
        : this.#options.directory.findObject(tenantId, owner)?.object.id;
    return ownerId === undefined ? undefined : this.#byOwner.of(`${tenantId}/${ownerId}`);
  }

  get(tenantId: string, driveId: string): Drive | undefined {
    const ownerId = ownerIdOf(driveId);
    return ownerId === undefined ? undefined : this.ofOwner(tenantId, ownerId);
  }

  clear(): void {
    this.#byOwner.clear();
  }
}
