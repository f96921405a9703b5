import { DockerfileParser } from "dockerfile-ast";

/** An instruction of a Dockerfile. */
export interface Step {
  readonly keyword: string;
  /** `--from=build` and its like. */
  readonly flags: ReadonlyMap<string, string>;
  /** What follows the flags. */
  readonly text: string;
}

export interface Stage {
  readonly name: string | undefined;
  /** The image that it begins with. */
  readonly base: string;
  readonly steps: readonly Step[];
}

/** @throws Error for an instruction before the first FROM */
export function stagesOf(dockerfile: string): Stage[] {
  const stages: (Stage & { steps: Step[] })[] = [];
  for (const instruction of DockerfileParser.parse(dockerfile).getInstructions()) {
    const step = stepOf(instruction.getKeyword(), instruction.getTextContent());
    if (step.keyword === "FROM") {
      const [base = "", , name] = step.text.split(/\s+/);
      stages.push({ name, base, steps: [] });
      continue;
    }
    const stage = stages.at(-1);
    if (stage === undefined) throw new Error(`${step.keyword} stands before any FROM`);
    stage.steps.push(step);
  }
  return stages;
}

function stepOf(keyword: string, content: string): Step {
  const flags = new Map<string, string>();
  let text = content.slice(keyword.length).replaceAll(/\\\r?\n/g, " ");
  for (let match = FLAG.exec(text); match !== null; match = FLAG.exec(text)) {
    const [all, name = "", value = ""] = match;
    flags.set(name, value);
    text = text.slice(all.length);
  }
  return { keyword, flags, text: text.trim() };
}

/** Flags stand first: those of a command that is run are its own. */
const FLAG = /^\s*--([a-z-]+)=(\S+)\s+/;
