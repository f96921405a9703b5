import { figuresOf, type TroubleFigures } from "./isolation-figures.ts";
import { SideBench } from "./side-bench.ts";
import { TROUBLES, type Rounds, type Trouble } from "./troubles.ts";

export interface IsolationOptions {
  readonly folder: string;
  readonly troubleRounds: Rounds;
  readonly profiles: string | undefined;
  readonly tell: (text: string) => void;
}

export interface IsolationResult {
  readonly rounds: Rounds;
  readonly troubles: readonly TroubleFigures[];
  readonly problems: readonly string[];
}

/**
 * How long notifications take to their handler while something else goes wrong, and while it does not: two apps take
 * turns, so that both meet the same machine, and what a round leaves behind meets none but rounds of its kind.
 */
export async function measureIsolation(options: IsolationOptions): Promise<IsolationResult> {
  const troubles: TroubleFigures[] = [];
  const problems: string[] = [];
  for (const [place, trouble] of TROUBLES.entries()) {
    const found = await measureTrouble(trouble, place, options);
    troubles.push(found.figures);
    problems.push(...found.problems);
  }
  return { rounds: options.troubleRounds, troubles, problems };
}

async function measureTrouble(
  trouble: Trouble,
  place: number,
  options: IsolationOptions,
): Promise<{ figures: TroubleFigures; problems: readonly string[] }> {
  const { tell, troubleRounds, ...files } = options;
  const rounds = trouble.rounds ?? troubleRounds;
  const what = `isolation: ${trouble.name}`;
  tell(`${what}: beginning`);
  await using quiet = await SideBench.start(trouble, trouble.quiet, { ...files, name: `quiet-${place}` });
  await using disturbed = await SideBench.start(trouble, trouble.disturbed, {
    ...files,
    name: `disturbed-${place}`,
  });
  for (let number = 1; number <= rounds.count; number += 1) {
    for (const [kind, side] of Object.entries({ quiet, disturbed })) {
      const { measured } = await side.round(rounds.seconds);
      const p99 = measured.sinceSent.p99Ms.toFixed(1);
      tell(`${what}: round ${number} of ${rounds.count}, ${kind}: p99 ${p99} ms`);
    }
  }
  const problems = [...(await quiet.end()), ...(await disturbed.end())];
  return {
    figures: figuresOf(trouble.name, quiet.rounds, disturbed.rounds),
    problems: problems.map((problem) => `${trouble.name}: ${problem}`),
  };
}
