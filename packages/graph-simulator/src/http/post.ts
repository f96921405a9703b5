import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { rootCertificates } from "node:tls";

import { readBody } from "./body.ts";

/** A request to somebody else's endpoint. */
export interface PostRequest {
  readonly url: string;
  readonly contentType: string;
  readonly body: string;
  /** Real milliseconds for the whole exchange, to the last byte of the response. */
  readonly timeoutMs: number;
}

/** How it went. Redirects are answers like any other: they are not followed. */
export type PostOutcome =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly contentType: string;
      readonly body: string;
    }
  | { readonly kind: "timed-out" }
  | { readonly kind: "unreachable"; readonly error: string };

/** Sends a request, and never throws: every failure is an outcome. */
export interface PostSender {
  post(request: PostRequest): Promise<PostOutcome>;
}

export interface PosterOptions {
  /** Certificates (PEM) of authorities that are believed besides the usual ones. */
  readonly trustedCertificates: readonly string[];
}

/**
 * The newest TLS the callers of endpoints speak: an endpoint that wants more cannot be reached, as with Graph.
 *
 * @see https://learn.microsoft.com/graph/api/resources/subscription#properties
 */
const MAX_TLS_VERSION = "TLSv1.2";

/** A response body is read this far; an endpoint has no reason to answer with more. */
const MAX_RESPONSE_BYTES = 64 * 1024;

/** Sends POST requests over kept-alive connections. */
export class Poster implements PostSender {
  readonly #http = new HttpAgent({ keepAlive: true });
  readonly #https: HttpsAgent;

  constructor({ trustedCertificates }: PosterOptions = { trustedCertificates: [] }) {
    const ca = [...rootCertificates, ...trustedCertificates];
    this.#https = new HttpsAgent({ keepAlive: true, ca, maxVersion: MAX_TLS_VERSION });
  }

  /** @throws never; every failure is an outcome */
  async post(request: PostRequest): Promise<PostOutcome> {
    const deadline = AbortSignal.timeout(request.timeoutMs);
    try {
      const response = await this.#send(request, deadline);
      const body = await readBody(response, MAX_RESPONSE_BYTES);
      return {
        kind: "answered",
        status: response.statusCode ?? 0,
        contentType: response.headers["content-type"] ?? "",
        body: body.kind === "whole" ? body.text : "",
      };
    } catch (cause) {
      if (deadline.aborted) return { kind: "timed-out" };
      return { kind: "unreachable", error: errorText(cause) };
    }
  }

  /** Cuts all connections, those in use too. */
  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  #send(request: PostRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const url = new URL(request.url);
    const isSecure = url.protocol === "https:";
    const send = isSecure ? httpsRequest : httpRequest;
    const options: RequestOptions = {
      method: "POST",
      agent: isSecure ? this.#https : this.#http,
      signal,
      headers: {
        "content-type": request.contentType,
        "content-length": Buffer.byteLength(request.body),
      },
    };
    return new Promise((resolve, reject) => {
      const outgoing = send(url, options, resolve);
      outgoing.once("error", (error) => {
        // The other side may close an idle connection in the moment we use it again; that is no answer to this request.
        if (outgoing.reusedSocket && errorCode(error) === "ECONNRESET") resolve(this.#send(request, signal));
        else reject(error);
      });
      outgoing.end(request.body);
    });
  }
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function errorText(error: unknown): string {
  return errorCode(error) ?? (error instanceof Error ? error.message : String(error));
}
