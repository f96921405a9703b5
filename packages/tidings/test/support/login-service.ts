import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import { once } from "node:events";
import jsonwebtoken, { type JwtHeader } from "jsonwebtoken";

/** A key that signs tokens. */
export interface TokenKey {
  readonly id: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export function makeTokenKey(id: string, modulusLength = 2048): TokenKey {
  return { id, ...generateKeyPairSync("rsa", { modulusLength }) };
}

/** A key as a document of the login service has it. */
export function jwkOf({ id, publicKey }: TokenKey, more: object = {}): object {
  return { ...publicKey.export({ format: "jwk" }), use: "sig", kid: id, x5t: id, ...more };
}

/** Signs by a library that has nothing to do with ours. */
export function signToken(
  claims: object,
  { id, privateKey }: TokenKey,
  header: Partial<JwtHeader> & Record<string, unknown> = {},
): string {
  return jsonwebtoken.sign(claims, privateKey, {
    algorithm: "RS256",
    noTimestamp: true,
    header: { typ: "JWT", alg: "RS256", kid: id, ...header },
  });
}

/** A login service that publishes what a test lets it, over HTTP on this machine. */
export interface LoginService extends AsyncDisposable {
  readonly keysUrls: readonly [v1: string, v2: string];
  /** What the documents of version 1.0 and 2.0 have. */
  published: { v1: readonly object[]; v2: readonly object[] };
  /** Answers in place of the documents. */
  answer: ((path: string, response: ServerResponse) => void) | undefined;
  /** Paths that were asked for. */
  readonly asked: readonly string[];
}

export async function startLoginService(keys: readonly object[]): Promise<LoginService> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    asked.push(path);
    if (service.answer !== undefined) return service.answer(path, response);
    const document = { keys: path.includes("v2.0") ? service.published.v2 : service.published.v1 };
    response.setHeader("content-type", "application/json").end(JSON.stringify(document));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = Object(server.address());
  const root = `http://127.0.0.1:${port}/common/discovery`;
  const service: LoginService = {
    keysUrls: [`${root}/keys`, `${root}/v2.0/keys`],
    published: { v1: keys, v2: keys },
    answer: undefined,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return service;
}
