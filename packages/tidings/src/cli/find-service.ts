import { AdminClient } from "./admin-client.ts";
import { adminFileCandidates, adminFileOf, readAdminFile, type AdminFile } from "./admin-file.ts";
import { adminTokenFrom, storePathFrom } from "./environment.ts";
import { CliError, ServiceError } from "./errors.ts";

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * The running service that is meant: the one at `--admin` with TIDINGS_ADMIN_TOKEN, or the one whose file lies here.
 *
 * @throws CliError when it cannot be told which; ServiceError when none runs
 */
export async function findService(
  adminUrl: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<AdminClient> {
  const candidates = adminFileCandidates(storePathFrom(environment));
  const files = (await Promise.all(candidates.map(readAdminFile))).filter((file) => file !== undefined);
  if (adminUrl !== undefined) return serviceAt(adminUrl, files, environment);

  const alive: AdminFile[] = [];
  for (const file of files) if (await isAlive(file)) alive.push(file);
  const [service] = alive;
  if (service === undefined) throw noService(candidates, files);
  if (alive.length > 1) {
    throw new CliError(
      `two services run here: ${alive.map(({ app, url }) => `${app} at ${url}`).join(", ")}`,
      "Say which one is meant by --admin <url>.",
    );
  }
  return new AdminClient(service);
}

/** The service that runs this app on its store; undefined when none does. */
export async function serviceOf(
  app: { readonly name: string; readonly hasStore: boolean },
  environment: NodeJS.ProcessEnv,
): Promise<AdminClient | undefined> {
  const file = await readAdminFile(adminFileOf(storePathFrom(environment), app.hasStore));
  if (file?.app !== app.name || !(await isAlive(file))) return undefined;
  return new AdminClient(file);
}

/** Whether the service that left the file still answers, and to this token. */
export async function isAlive(service: AdminFile): Promise<boolean> {
  return new AdminClient(service).health().then(
    () => true,
    () => false,
  );
}

function serviceAt(
  adminUrl: string,
  files: readonly AdminFile[],
  environment: NodeJS.ProcessEnv,
): AdminClient {
  const url = URL.parse(adminUrl);
  if (url === null || !/^https?:$/.test(url.protocol) || !LOOPBACK.test(url.hostname)) {
    throw new CliError(
      `expected --admin to be a URL of this machine, got ${adminUrl}`,
      "The admin API is reached on its own machine only, such as http://127.0.0.1:3001, or through a tunnel.",
    );
  }
  const token =
    adminTokenFrom(environment) ?? files.find((file) => new URL(file.url).origin === url.origin)?.token;
  if (token === undefined) {
    throw new CliError(
      `there is no token for ${url.origin}`,
      "Set TIDINGS_ADMIN_TOKEN to the one the service was started with.",
    );
  }
  return new AdminClient({ url: url.origin, token });
}

function noService(candidates: readonly string[], files: readonly AdminFile[]): ServiceError {
  const [left] = files;
  const hint =
    "Start one with `tidings serve <app>` in this folder or with the same TIDINGS_STORE, or name it by --admin <url> and TIDINGS_ADMIN_TOKEN.";
  return left === undefined
    ? new ServiceError(`no service runs here: there is no ${candidates.join(" and no ")}`, hint)
    : new ServiceError(`no service runs here: ${left.app} does not answer at ${left.url} any more`, hint);
}
