import { formatLogEntry, type LogLevel } from "../app/log-entry.ts";
import { StdoutError } from "../core/errors.ts";
import type { Logger, LogFields } from "../core/ports/logger.ts";
import { openAdmin, type AdminServiceOptions } from "./admin-service.ts";
import {
  adminPortFrom,
  adminTokenFrom,
  portFrom,
  settingsFromEnvironment,
  storePathFrom,
} from "./environment.ts";
import { EXIT } from "./errors.ts";
import { interruption } from "./interruption.ts";
import { listenOn } from "./listen-on.ts";
import { loadApp } from "./load-app.ts";
import { publicUrlFromPlatform } from "./platform-url.ts";

export interface ServeAppOptions {
  readonly app: string;
  readonly port: string | undefined;
  readonly adminPort: string | undefined;
  readonly hasAdmin: boolean;
  readonly isJson: boolean;
}

/** Serves an app until it is told to stop. @returns the exit code */
export async function serveApp(options: ServeAppOptions): Promise<number> {
  const settings = settingsFromEnvironment(process.env);
  const port = portFrom(options.port, process.env);
  const wanted = options.hasAdmin ? adminSettings(options.adminPort) : undefined;
  const platformUrl = publicUrlFromPlatform(process.env);
  const tidings = await loadApp(options.app);
  // Of one that keeps nothing there is nothing to ask.
  const admin = tidings.isForwarding ? undefined : wanted;
  const server = await listenOn(tidings, { port, publicUrl: settings.publicUrl, urlKey: settings.urlKey });
  const interrupted = interruption();
  try {
    await tidings.start({ logger: jsonLogger, platformUrl: await platformUrl, ...settings });
    await using service = admin && (await openAdmin(tidings, admin));
    jsonLogger.info("serving", { app: tidings.name, url: server.url, adminUrl: service?.url });
    const broken = new Promise<number>((resolve) => {
      tidings.events.on("store:broken", () => resolve(EXIT.diskFailed));
      // What a sink cannot write to stdout now, this process never can.
      tidings.events.on("change:failed", ({ error }) => {
        if (error instanceof StdoutError) resolve(EXIT.failed);
      });
    });
    const code = await Promise.race([interrupted.then(() => EXIT.ok), broken]);
    if (code !== EXIT.ok) return code;
    jsonLogger.info("stopping");
  } finally {
    await tidings.stop();
    await server.close();
  }
  if (options.isJson) process.stdout.write(`${JSON.stringify({ app: tidings.name, stopped: true })}\n`);
  return EXIT.ok;
}

function adminSettings(port: string | undefined): AdminServiceOptions {
  return {
    port: adminPortFrom(port, process.env),
    token: adminTokenFrom(process.env),
    storePath: storePathFrom(process.env),
    logger: jsonLogger,
  };
}

/** One JSON object a line on stdout, as log collectors take it. */
const jsonLogger: Logger = {
  debug: () => {},
  info: (message, fields) => write("info", message, fields),
  warn: (message, fields) => write("warn", message, fields),
  error: (message, fields) => write("error", message, fields),
};

function write(level: LogLevel, message: string, fields?: LogFields): void {
  process.stdout.write(formatLogEntry({ level, message, fields, at: Date.now() }));
}
