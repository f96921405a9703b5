import { createHash } from "node:crypto";

/**
 * The id of the drive that belongs to a user, group or site: always the same for the same owner, and it says whose it
 * is. Graph's own say the same of the site they are in.
 *
 * @param ownerId GUID
 */
export function driveIdOf(ownerId: string): string {
  const owner = Buffer.from(ownerId.replaceAll("-", ""), "hex");
  const rest = createHash("sha256").update(`drive of ${ownerId}`).digest();
  return `b!${Buffer.concat([owner, rest]).toString("base64url")}`;
}

/** The owner a drive id names, whether or not there is one; `undefined` when it is no drive id. */
export function ownerIdOf(driveId: string): string | undefined {
  const bytes = Buffer.from(driveId.replace(/^b!/, ""), "base64url");
  if (bytes.length !== 48) return undefined;
  const ownerId = bytes.toString("hex", 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  return driveIdOf(ownerId) === driveId ? ownerId : undefined;
}
