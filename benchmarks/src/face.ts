/** What a child process can be asked: names, each with a method of one argument. */
export type Face = Record<string, (argument: never) => unknown>;

export interface Call {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

export type Reply = { readonly id: number } & (
  | { readonly kind: "done"; readonly result?: unknown }
  | { readonly kind: "failed"; readonly reason: string }
);

/** Reads what `answerParent` sent from the other end. */
export function toReply(message: unknown): Reply {
  const { id, kind, result, reason }: Record<string, unknown> = Object(message);
  return kind === "done"
    ? { id: Number(id), kind, result }
    : { id: Number(id), kind: "failed", reason: String(reason) };
}

type Method = Face[string];

const methods = new Map<string, Method>();
/** Asked before the module that answers was loaded. */
const early: Call[] = [];

/** Answers the process that started this one. Several faces of one process have different names. */
export function answerParent(face: Face): void {
  if (methods.size === 0) {
    process.on("message", (call: Call) => void reply(call));
    // Whoever asked is gone, however that came about: nothing here is left running.
    process.once("disconnect", () => process.exit());
  }
  for (const [name, method] of Object.entries(face)) methods.set(name, method);
  for (const call of early.splice(0)) void reply(call);
}

async function reply(call: Call): Promise<void> {
  const { id, name, argument } = call;
  const method = methods.get(name);
  if (method === undefined) {
    early.push(call);
    return;
  }
  try {
    send({ id, kind: "done", result: await Reflect.apply(method, undefined, [argument]) });
  } catch (error) {
    send({
      id,
      kind: "failed",
      reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }
}

function send(answer: Reply): void {
  process.send?.(answer);
}
