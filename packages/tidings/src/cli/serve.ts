import type { Logger, LogFields } from "../core/ports/logger.ts";
import { listen } from "../host/node/listen.ts";
import { portFrom, settingsFromEnvironment } from "./environment.ts";
import { EXIT } from "./errors.ts";
import { interruption } from "./interruption.ts";
import { loadApp } from "./load-app.ts";

export interface ServeAppOptions {
  readonly app: string;
  readonly port: string | undefined;
  readonly isJson: boolean;
}

/** Serves an app until it is told to stop. @returns the exit code */
export async function serveApp({ app, port, isJson }: ServeAppOptions): Promise<number> {
  const settings = settingsFromEnvironment(process.env);
  const wantedPort = portFrom(port, process.env);
  const tidings = await loadApp(app);
  const server = await listen(tidings, { port: wantedPort });
  const interrupted = interruption();
  try {
    await tidings.start({ logger: jsonLogger, ...settings });
    jsonLogger.info("serving", { app: tidings.name, url: server.url });
    await interrupted;
    jsonLogger.info("stopping");
  } finally {
    await tidings.stop();
    await server.close();
  }
  if (isJson) process.stdout.write(`${JSON.stringify({ app: tidings.name, stopped: true })}\n`);
  return EXIT.ok;
}

/** One JSON object a line on stdout, as log collectors take it. */
const jsonLogger: Logger = {
  debug: () => {},
  info: (message, fields) => write("info", message, fields),
  warn: (message, fields) => write("warn", message, fields),
  error: (message, fields) => write("error", message, fields),
};

function write(level: string, message: string, fields: LogFields = {}): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
}
