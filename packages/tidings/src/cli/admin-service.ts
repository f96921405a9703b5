import { randomBytes } from "node:crypto";
import { createAdminApi } from "../admin/admin-api.ts";
import { systemClock } from "../app/clock.ts";
import type { Tidings } from "../app/tidings.ts";
import type { Logger } from "../core/ports/logger.ts";
import { adminFileOf, readAdminFile, removeAdminFile, writeAdminFile, type AdminFile } from "./admin-file.ts";
import { listenForAdmin } from "./admin-server.ts";
import { isAlive } from "./find-service.ts";

export interface AdminServiceOptions {
  /** 0 for any free one. */
  readonly port: number;
  /** @default one made at random */
  readonly token: string | undefined;
  readonly storePath: string | undefined;
  readonly logger: Logger;
}

/** The admin API of an app, listening. */
export interface AdminService extends AsyncDisposable {
  readonly url: string;
}

/** Serves an app's admin API and leaves a file that says where. @throws CliError when the port cannot be taken */
export async function openAdmin(tidings: Tidings, options: AdminServiceOptions): Promise<AdminService> {
  const token = options.token ?? randomBytes(32).toString("base64url");
  const server = await listenForAdmin(
    createAdminApi({ app: tidings, token, clock: systemClock }),
    options.port,
  );
  const path = adminFileOf(options.storePath, tidings.hasStore);
  const file: AdminFile = { app: tidings.name, url: server.url, token };
  await leaveFile(path, file, options.logger);
  return {
    url: server.url,
    async [Symbol.asyncDispose]() {
      await removeAdminFile(path, file).catch((error: unknown) => tellOfFile(options.logger, path, error));
      await server.close();
    },
  };
}

/** A service without its file is still one: it is told, and found by TIDINGS_ADMIN_TOKEN and its port. */
async function leaveFile(path: string, file: AdminFile, logger: Logger): Promise<void> {
  const other = await readAdminFile(path);
  if (other !== undefined && (await isAlive(other))) {
    logger.warn("another service has left its admin file here, so this one leaves none", {
      path,
      app: other.app,
    });
    return;
  }
  await writeAdminFile(path, file).catch((error: unknown) => tellOfFile(logger, path, error));
}

function tellOfFile(logger: Logger, path: string, error: unknown): void {
  logger.warn("the admin file cannot be kept", {
    path,
    reason: error instanceof Error ? error.message : typeof error,
  });
}
