import type { Entities } from "../../entities/entity-set.ts";
import type { GraphRequest } from "../../graph/graph-request.ts";
import type { PathParams } from "../../http/path.ts";
import { refuse, type Refusal } from "../../http/reply.ts";
import type { Directory } from "../directory/directory.ts";
import type { Mailbox, Mailboxes } from "./mailbox.ts";

/** A mailbox somebody asked for. */
interface OpenedMailbox {
  readonly kind: "mailbox";
  readonly mailbox: Mailbox;
}

/** Finds the mailbox a path begins with: `users/{userId}/…`. */
export class MailboxOpener {
  readonly #directory: Directory;
  readonly #mailboxes: Mailboxes;

  constructor(directory: Directory, mailboxes: Mailboxes) {
    this.#directory = directory;
    this.#mailboxes = mailboxes;
  }

  open(request: GraphRequest, params: PathParams): OpenedMailbox | Refusal {
    const userId = params.get("userId");
    const { tenantId } = request.caller;
    const user = this.#directory.users(tenantId).get(userId);
    if (!user) return refuse(404, "ErrorInvalidUser", `The requested user '${userId}' is invalid.`);
    return { kind: "mailbox", mailbox: this.#mailboxes.of(tenantId, user) };
  }

  /** The entities of a mailbox that `choose` picks; a folder that is not there is `undefined`. */
  entities(
    choose: (mailbox: Mailbox, params: PathParams) => Entities | undefined,
  ): (request: GraphRequest, params: PathParams) => Entities | Refusal {
    return (request, params) => {
      const opened = this.open(request, params);
      return opened.kind === "refused" ? opened : (choose(opened.mailbox, params) ?? itemNotFound());
    };
  }
}

/** What a mailbox says of an item or folder it does not have. */
export function itemNotFound(): Refusal {
  return refuse(404, "ErrorItemNotFound", "The specified object was not found in the store.");
}
