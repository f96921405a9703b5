import { connect, type Socket } from "node:net";

/**
 * One HTTP connection that posts one body at a time. Bare bytes: a client of Node's costs several times what it would
 * be measuring. It is made with the first post, and anew when the server has closed it for want of one.
 */
export class PostConnection {
  readonly #url: URL;
  readonly #head: string;
  #socket: Socket | undefined;
  #answer: { resolve: (status: number) => void; reject: (error: Error) => void } | undefined;
  #received = "";

  constructor(url: URL) {
    this.#head = `POST ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\ncontent-type: application/json\r\n`;
    this.#url = url;
  }

  /** @returns the answer's status. Only one at a time. */
  async post(body: string): Promise<number> {
    return new Promise<number>((resolve, reject) => {
      this.#answer = { resolve, reject };
      this.#open().write(`${this.#head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    });
  }

  close(): void {
    this.#answer = undefined;
    this.#socket?.destroy();
  }

  #open(): Socket {
    if (this.#socket !== undefined) return this.#socket;
    const socket = connect(Number(this.#url.port), this.#url.hostname)
      .setNoDelay(true)
      .setEncoding("latin1")
      .on("data", (text: string) => this.#take(text))
      .on("error", (error) => this.#answer?.reject(error))
      .on("close", () => {
        if (this.#socket !== socket) return;
        this.#socket = undefined;
        this.#received = "";
        this.#answer?.reject(new Error("The connection was closed"));
      });
    this.#socket = socket;
    return socket;
  }

  /** Answers of the notification endpoint have no body. */
  #take(text: string): void {
    this.#received += text;
    if (!this.#received.includes("\r\n\r\n")) return;
    const status = Number(this.#received.split(" ", 2)[1]);
    // It has had its number of requests: the next one goes over another.
    if (/^connection: close/im.test(this.#received)) {
      this.#socket?.destroy();
      this.#socket = undefined;
    }
    this.#received = "";
    this.#answer?.resolve(status);
  }
}
