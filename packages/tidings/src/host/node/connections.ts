import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Graph keeps some dozens; more than this are strangers', and cost memory. */
const MAX_CONNECTIONS = 2_000;

/** Requests of one connection that wait for their answers. Graph sends one after the other, like nearly everybody. */
const MAX_PIPELINED = 16;

/** Then the connection ends with its answer: one that lives for ever holds to one machine of several. */
const MAX_REQUESTS = 10_000;

export interface ConnectionLimits {
  readonly maxConnections?: number | undefined;
  /** Of one connection. */
  readonly maxRequests?: number | undefined;
}

interface Use {
  /** Requests in all. */
  requests: number;
  /** Requests that wait for their answers. */
  waiting: number;
}

/**
 * Bounds the connections of a server. One too many takes the place of the one that has gone without a good answer for
 * longest, of those that wait for none: however many a stranger opens, who comes to send something is let in.
 */
export class Connections {
  readonly #maxRequests: number;
  /** The one without a good answer for longest first. */
  readonly #uses = new Map<Socket, Use>();

  constructor(
    server: Server,
    { maxConnections = MAX_CONNECTIONS, maxRequests = MAX_REQUESTS }: ConnectionLimits = {},
  ) {
    this.#maxRequests = maxRequests;
    server.on("connection", (socket: Socket) => {
      if (this.#uses.size >= maxConnections) this.#endOne();
      this.#uses.set(socket, { requests: 0, waiting: 0 });
      socket.once("close", () => this.#uses.delete(socket));
    });
  }

  /** Takes note of a request. @returns false when its connection has too many that wait, and was ended */
  begin({ socket }: IncomingMessage, response: ServerResponse): boolean {
    const use = this.#uses.get(socket);
    if (use === undefined || use.waiting >= MAX_PIPELINED) {
      socket.destroy();
      return false;
    }
    use.requests += 1;
    use.waiting += 1;
    response.once("close", () => {
      use.waiting -= 1;
      if (response.statusCode < 400) this.#putLast(socket, use);
    });
    return true;
  }

  /** Whether the connection of a request has had its number. */
  isSpent({ socket }: IncomingMessage): boolean {
    return (this.#uses.get(socket)?.requests ?? 0) >= this.#maxRequests;
  }

  #putLast(socket: Socket, use: Use): void {
    if (this.#uses.delete(socket)) this.#uses.set(socket, use);
  }

  #endOne(): void {
    const [first] = this.#uses.keys();
    const victim = this.#firstIdle() ?? first;
    if (victim === undefined) return;
    this.#uses.delete(victim);
    victim.destroy();
  }

  #firstIdle(): Socket | undefined {
    for (const [socket, { waiting }] of this.#uses) if (waiting === 0) return socket;
    return undefined;
  }
}
