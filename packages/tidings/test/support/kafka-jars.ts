import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

const POM = new URL("../kafka/pom.xml", import.meta.url).pathname;
const CACHE = new URL("../../../../node_modules/.cache/tidings-kafka/", import.meta.url).pathname;

/**
 * Where the broker's jars are, resolved through Maven the first time. Undefined where Java, Maven or the jars cannot be
 * had: its tests are skipped then, but not on the machine that decides whether all is well.
 */
export const kafkaJars: string | undefined = find();

function find(): string | undefined {
  try {
    run("java", ["-version"]);
    return resolve();
  } catch (error) {
    if (process.env["CI"] === "true") throw error;
    return undefined;
  }
}

/** Another process may do the same now: the folder appears whole, or not. */
function resolve(): string {
  const version = createHash("sha256").update(readFileSync(POM)).digest("hex").slice(0, 16);
  const folder = join(CACHE, version);
  if (existsSync(folder)) return folder;
  mkdirSync(dirname(folder), { recursive: true });
  const draft = mkdtempSync(`${folder}-`);
  try {
    run("mvn", ["-B", "-q", "-f", POM, "dependency:copy-dependencies", `-DoutputDirectory=${draft}`]);
    renameSync(draft, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return folder;
}

function run(command: string, args: readonly string[]): void {
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stdout}${stderr}`);
}
