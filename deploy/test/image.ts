import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, relative } from "node:path";
import dockerignore from "@balena/dockerignore";
import { stagesOf, type Stage, type Step } from "./dockerfile.ts";

/** What a Dockerfile says of how its container is run. */
interface Settings {
  workdir: string;
  readonly env: Record<string, string>;
  user: string | undefined;
  command: readonly string[];
  healthCheck: readonly string[];
  stopSignal: string;
}

/** The files of an image in a folder, which stands for its root, and how its container is run. */
export interface Image extends Readonly<Settings> {
  readonly root: string;
  readonly base: string;
}

/**
 * Does what a Dockerfile says without Docker: copies what its COPY copies, but for what `.dockerignore` leaves out, and
 * runs what its RUN runs, on this machine and with this Node. The base images are not there: what they bring but for
 * Node is missing, or this machine's. RUN may name no absolute path, which would be this machine's.
 *
 * @param context folder of the Dockerfile
 * @param folder where the stages are built
 * @throws Error for an instruction that it does not know, or that fails
 */
export function buildImage(context: string, folder: string): Image {
  const ignored = dockerignore
    .default()
    .add(readFileSync(join(context, ".dockerignore"), "utf8").split("\n"));
  const isSent = (path: string): boolean => path === "" || !ignored.ignores(path);
  const built = new Map<string, Image>();
  let image: Image | undefined;
  for (const [index, stage] of stagesOf(readFileSync(join(context, "Dockerfile"), "utf8")).entries()) {
    const root = join(folder, stage.name ?? String(index));
    image = buildStage(stage, root, (from) => {
      if (from === undefined) return { root: context, isSent };
      const earlier = built.get(from);
      if (earlier === undefined) throw new Error(`there is no stage ${from}`);
      return { root: earlier.root, isSent: () => true };
    });
    if (stage.name !== undefined) built.set(stage.name, image);
  }
  if (image === undefined) throw new Error("the Dockerfile has no stage");
  return image;
}

/** What COPY copies from. */
interface Source {
  readonly root: string;
  readonly isSent: (path: string) => boolean;
}

function buildStage(
  { base, steps }: Stage,
  root: string,
  sourceOf: (from: string | undefined) => Source,
): Image {
  // What a base image of Node has.
  mkdirSync(join(root, "usr/local/bin"), { recursive: true });
  copyFileSync(process.execPath, join(root, "usr/local/bin/node"));
  const settings: Settings = {
    workdir: "/",
    env: {},
    user: undefined,
    command: [],
    healthCheck: [],
    stopSignal: "SIGTERM",
  };
  for (const step of steps) {
    if (step.keyword === "COPY") copy(step, join(root, settings.workdir), sourceOf(step.flags.get("from")));
    else if (step.keyword === "RUN") run(step, join(root, settings.workdir), settings.env);
    else set(settings, step, root);
  }
  return { ...settings, root, base };
}

function set(settings: Settings, { keyword, text }: Step, root: string): void {
  switch (keyword) {
    case "WORKDIR":
      settings.workdir = text;
      mkdirSync(join(root, text), { recursive: true });
      return;
    case "ENV":
      for (const [, name = "", value = ""] of text.matchAll(/(\w+)=(\S+)/g)) settings.env[name] = value;
      return;
    case "USER":
      settings.user = text;
      return;
    case "CMD":
      settings.command = JSON.parse(text);
      return;
    case "HEALTHCHECK":
      settings.healthCheck = JSON.parse(text.replace(/^CMD\s+/, ""));
      return;
    case "STOPSIGNAL":
      settings.stopSignal = text;
      return;
    case "EXPOSE":
      return;
    default:
      throw new Error(`${keyword} is not known here`);
  }
}

function copy({ text }: Step, workdir: string, { root, isSent }: Source): void {
  const words = text.split(/\s+/);
  const target = words.pop() ?? "";
  for (const word of words) {
    const from = join(root, word);
    // Of a folder its content is copied, of a file the file.
    const isInto = target.endsWith("/") && !statSync(from).isDirectory();
    cpSync(from, join(workdir, target, isInto ? basename(from) : ""), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => isSent(relative(root, path)),
    });
  }
}

function run({ text }: Step, workdir: string, env: Readonly<Record<string, string>>): void {
  if (/(?:^|\s)\//.test(text)) throw new Error(`RUN names a path of this machine: ${text}`);
  execFileSync("/bin/sh", ["-c", text], {
    cwd: workdir,
    env: { ...process.env, npm_config_prefer_offline: "true", npm_config_audit: "false", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
  });
}
