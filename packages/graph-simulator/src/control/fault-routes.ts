import { parseFault } from "../faults/fault.ts";
import type { FaultBoard } from "../faults/fault-board.ts";
import type { HttpRequest } from "../http/exchange.ts";
import { parseJson } from "../http/json.ts";
import { empty, json, refuse } from "../http/reply.ts";
import type { Router } from "../http/router.ts";
import { answerShape } from "./shape-reply.ts";

/** `/_simulator/faults`: what goes wrong, on purpose. */
export class FaultRoutes {
  readonly #faults: FaultBoard;

  constructor(faults: FaultBoard) {
    this.#faults = faults;
  }

  addTo(router: Router<HttpRequest>): void {
    const faults = this.#faults;
    router
      .add("GET", "_simulator/faults", () => json(200, { faults: faults.list() }))
      .add("POST", "_simulator/faults", (request) =>
        answerShape(() => json(201, faults.start(parseFault(parseJson(request.body), "fault")))),
      )
      .add("DELETE", "_simulator/faults", () => {
        faults.clear();
        return empty(204);
      })
      .add("DELETE", "_simulator/faults/{id}", (_request, params) =>
        faults.stop(params.get("id")) ? empty(204) : refuse(404, "NotFound", "There is no such fault."),
      );
  }
}
