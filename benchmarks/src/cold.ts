import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { askUntilAnswered, freePort } from "./first-answer.ts";
import { median } from "./statistics.ts";

export interface ColdOptions {
  readonly folder: string;
  readonly coldRounds: number;
  readonly tell: (text: string) => void;
}

/** From the start of a process to its first answer to a handshake. */
export interface ColdFigures {
  readonly server: string;
  readonly medianMs: number;
  readonly slowestMs: number;
  /** Of the median to that of the bare server. */
  readonly ratio: number;
}

export interface ColdResult {
  readonly rounds: number;
  readonly figures: readonly ColdFigures[];
  readonly problems: readonly string[];
}

/** A way to start a process that listens on a port. */
interface Contender {
  readonly server: string;
  readonly args: (port: number) => readonly string[];
  readonly env: (folder: string, port: number) => Readonly<Record<string, string>>;
}

/** What has to be said, and no more: the answer to any handshake. */
const BARE = `require("node:http").createServer((request, response) => {
  const { searchParams } = new URL(request.url, "http://localhost");
  response.writeHead(200, { "content-type": "text/plain" }).end(searchParams.get("validationToken"));
}).listen(Number(process.argv[1]), "127.0.0.1")`;

const PACKAGE = new URL("../../packages/tidings/", import.meta.url);

/** Starts each in turns, so that all meet the same machine. */
export async function measureCold({ folder, coldRounds, tell }: ColdOptions): Promise<ColdResult> {
  tell("cold: building what is installed by who installs the package");
  const root = fileURLToPath(new URL("../..", import.meta.url));
  execFileSync("npm", ["run", "build", "--workspaces", "--if-present"], { cwd: root, stdio: "ignore" });
  const contenders = contendersIn(folder);
  const times = new Map(contenders.map(({ server }) => [server, [] as number[]]));
  const problems: string[] = [];
  for (let round = 0; round < coldRounds; round += 1) {
    for (const contender of contenders) {
      const { ms, problem } = await startOnce(contender, join(folder, `cold-${contender.server}-${round}`));
      times.get(contender.server)?.push(ms);
      if (problem !== undefined) problems.push(`${contender.server} ${problem}`);
    }
    tell(`cold: round ${round + 1} of ${coldRounds}`);
  }
  const bareMs = median(times.get("bare") ?? []);
  const figures = [...times].map(([server, all]) => ({
    server,
    medianMs: median(all),
    slowestMs: Math.max(...all),
    ratio: median(all) / bareMs,
  }));
  return { rounds: coldRounds, figures, problems };
}

function contendersIn(folder: string): Contender[] {
  const bin = fileURLToPath(new URL("bin/tidings.js", PACKAGE));
  const env = (store: string, port: number): Readonly<Record<string, string>> => ({
    TIDINGS_STORE: join(store, "tidings.db"),
    TIDINGS_PUBLIC_URL: `http://127.0.0.1:${port}`,
  });
  const serve = (server: string, app: string): Contender => {
    const file = join(folder, `${server}.mjs`);
    writeFileSync(file, app);
    return { server, args: (port) => [bin, "serve", file, "--port", String(port)], env };
  };
  return [
    { server: "bare", args: (port) => ["--eval", BARE, String(port)], env: () => ({}) },
    serve("serve", appText("", '{ getToken: async () => { throw new Error("nobody signs in here"); } }')),
    serve(
      "serve-azure",
      appText(
        `import { DefaultAzureCredential } from ${JSON.stringify(import.meta.resolve("@azure/identity"))};`,
        "new DefaultAzureCredential()",
      ),
    ),
  ];
}

function appText(imports: string, credential: string): string {
  const entry = new URL("dist/index.js", PACKAGE).href;
  return `${imports}
import { Tidings } from ${JSON.stringify(entry)};
export const tidings = new Tidings({ name: "cold", credential: ${credential} });
tidings.on("users", () => {});
`;
}

interface Start {
  readonly ms: number;
  readonly problem: string | undefined;
}

async function startOnce({ args, env }: Contender, folder: string): Promise<Start> {
  mkdirSync(folder);
  const port = await freePort();
  const token = `Validation: Testing client application reachability ${port}`;
  const startedAt = performance.now();
  const child = spawn(process.execPath, args(port), {
    env: { PATH: process.env["PATH"], ...env(folder, port) },
    stdio: "ignore",
  });
  const exited = once(child, "exit");
  try {
    const path = `/notifications/mark?validationToken=${encodeURIComponent(token)}`;
    const answer = await askUntilAnswered(port, path);
    const ms = performance.now() - startedAt;
    const isRight = answer?.status === 200 && answer.body === token && answer.type.startsWith("text/plain");
    return { ms, problem: isRight ? undefined : `answered ${answer?.status ?? "nothing"}` };
  } finally {
    child.kill("SIGKILL");
    await exited;
  }
}
