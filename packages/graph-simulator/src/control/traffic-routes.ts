import type { HttpRequest } from "../http/exchange.ts";
import { parseJson } from "../http/json.ts";
import { json, refuse, type Reply } from "../http/reply.ts";
import type { Router } from "../http/router.ts";
import type { Traffic, TrafficRun } from "../traffic/traffic.ts";
import { parseTraffic } from "../traffic/traffic-options.ts";
import { answerShape } from "./shape-reply.ts";

/** `/_simulator/traffic`: lifelike change. */
export class TrafficRoutes {
  readonly #traffic: Traffic;

  constructor(traffic: Traffic) {
    this.#traffic = traffic;
  }

  addTo(router: Router<HttpRequest>): void {
    router
      .add("GET", "_simulator/traffic", () =>
        json(200, { traffic: this.#traffic.list().map((run) => run.progress) }),
      )
      .add("POST", "_simulator/traffic", (request) =>
        answerShape(() =>
          json(201, this.#traffic.start(parseTraffic(parseJson(request.body), "traffic")).progress),
        ),
      )
      .add("GET", "_simulator/traffic/{id}", (_request, params) =>
        this.#of(params.get("id"), (run) => json(200, run.progress)),
      )
      .add("DELETE", "_simulator/traffic/{id}", (_request, params) =>
        this.#of(params.get("id"), (run) => {
          run.stop();
          return json(200, run.progress);
        }),
      );
  }

  #of(id: string, answer: (run: TrafficRun) => Reply): Reply {
    const run = this.#traffic.get(id);
    return run ? answer(run) : refuse(404, "NotFound", "There is no such traffic.");
  }
}
