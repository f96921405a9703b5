import { isIP } from "node:net";
import type { BaseOptions } from "@platformatic/kafka";
import { CredentialError } from "../core/errors.ts";
import type { TokenCredential } from "../core/ports/credential.ts";

/** How a cluster is reached. */
export interface KafkaConnection {
  /** Brokers to ask first, as `host:port`; they name the others. */
  readonly brokers: readonly string[];
  /** How the cluster's logs and quotas know us. @default "tidings" */
  readonly clientId?: string | undefined;
  /**
   * Encrypts the way, and checks who is at its end. True trusts the certificate authorities Node knows.
   * @default true with `sasl`, since what signs in must not be seen; else false
   */
  readonly tls?: boolean | KafkaTls | undefined;
  /** How we sign in. */
  readonly sasl?: KafkaSasl | undefined;
}

/** As `node:tls` has them. What the broker shows is always checked. */
export interface KafkaTls {
  /** PEM of the authorities that are trusted. @default those Node knows */
  readonly ca?: string | readonly string[] | undefined;
  /** PEM of our certificate, for brokers that ask for one. */
  readonly cert?: string | undefined;
  /** PEM of its private key. */
  readonly key?: string | undefined;
  /** The name the brokers' certificates have. @default the host of each broker */
  readonly servername?: string | undefined;
}

export type KafkaSasl =
  | {
      readonly mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512";
      readonly username: string;
      /** A function is asked at each connection. */
      readonly password: string | (() => string | Promise<string>);
    }
  | {
      readonly mechanism: "OAUTHBEARER";
      /** Any class of `@azure/identity`; asked at each connection. */
      readonly credential: TokenCredential;
      /** What the token is for, such as `https://<namespace>.servicebus.windows.net/.default`. */
      readonly scope: string;
    };

/** Checks what users write. @throws TypeError with the value shown; never a secret */
export function assertConnection({ brokers, clientId, sasl }: KafkaConnection): void {
  const isList = Array.isArray(brokers) && brokers.length > 0;
  if (!isList || !brokers.every((broker) => /^[^\s:/]+:\d+$/.test(broker))) {
    throw new TypeError(
      `Expected \`brokers\` to be like \`["kafka.example:9092"]\`, got \`${String(brokers)}\``,
    );
  }
  if (clientId !== undefined && !/^\S+$/.test(clientId)) {
    throw new TypeError(`Expected \`clientId\` to be a name without spaces, got \`${clientId}\``);
  }
  if (sasl !== undefined) assertSasl(sasl);
}

function assertSasl(sasl: KafkaSasl): void {
  switch (sasl.mechanism) {
    case "PLAIN":
    case "SCRAM-SHA-256":
    case "SCRAM-SHA-512":
      if (sasl.username.length > 0 && sasl.password.length >= 0) return;
      throw new TypeError(
        `Expected \`sasl\` to have a \`username\` and a \`password\`, got \`${sasl.username}\``,
      );
    case "OAUTHBEARER":
      if (typeof sasl.credential.getToken === "function" && sasl.scope.length > 0) return;
      throw new TypeError(
        `Expected \`sasl\` to have a \`credential\` and a \`scope\`, got \`${sasl.scope}\``,
      );
    default:
      throw new TypeError(
        `Expected \`mechanism\` to be PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER, got \`${String(sasl satisfies never)}\``,
      );
  }
}

/** The same, as the library takes it. */
export function libraryConnection({ brokers, clientId, tls, sasl }: KafkaConnection): BaseOptions {
  return {
    clientId: clientId ?? "tidings",
    bootstrapBrokers: [...brokers],
    ...tlsOf(tls ?? sasl !== undefined, brokers),
    ...(sasl === undefined ? {} : { sasl: saslOf(sasl) }),
  };
}

function tlsOf(
  tls: boolean | KafkaTls,
  brokers: readonly string[],
): Pick<BaseOptions, "tls" | "tlsServerName"> {
  if (tls === false) return {};
  const { ca, cert, key, servername } = tls === true ? {} : tls;
  // An address is no name that could be asked for.
  const hasNames = brokers.some((broker) => isIP(broker.replace(/:\d+$/, "")) === 0);
  return {
    tls: {
      ...(ca === undefined ? {} : { ca: [ca].flat() }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    },
    tlsServerName: servername ?? hasNames,
  };
}

function saslOf(sasl: KafkaSasl): NonNullable<BaseOptions["sasl"]> {
  if (sasl.mechanism !== "OAUTHBEARER") {
    const { mechanism, username, password } = sasl;
    return { mechanism, username, password };
  }
  const { mechanism, credential, scope } = sasl;
  return {
    mechanism,
    async token() {
      const token = await credential.getToken(scope).catch((cause: unknown) => {
        throw new CredentialError(scope, { cause });
      });
      if (token === null) throw new CredentialError(scope);
      return token.token;
    },
  };
}
