import { nationalCloudOf } from "./catalogue/national-clouds.ts";
import type { NationalCloud } from "./catalogue/row.ts";
import { GLOBAL_CLOUD, type Cloud } from "./cloud.ts";
import { isGuid } from "./guid.ts";

/**
 * Login services of the national clouds. Whose id sends change notifications there, and what the issuers of its tokens
 * are, Microsoft does not say.
 *
 * @see https://learn.microsoft.com/graph/deployments#app-registration-and-token-service-root-endpoints
 */
const LOGIN: Readonly<Record<NationalCloud, Pick<Cloud, "loginRoot" | "v1Issuer" | "v2Issuer">>> = {
  usGovernment: {
    loginRoot: "https://login.microsoftonline.us",
    // guess: as in the global cloud.
    v1Issuer: "https://sts.windows.net/{tid}/",
    // guess: as in the global cloud, on the login service's own name.
    v2Issuer: "https://login.microsoftonline.us/{tid}/v2.0",
  },
  usGovernmentDod: {
    loginRoot: "https://login.microsoftonline.us",
    // guess: as in the global cloud.
    v1Issuer: "https://sts.windows.net/{tid}/",
    // guess: as in the global cloud, on the login service's own name.
    v2Issuer: "https://login.microsoftonline.us/{tid}/v2.0",
  },
  china: {
    loginRoot: "https://login.chinacloudapi.cn",
    // guess: as in the global cloud, on that cloud's own name.
    v1Issuer: "https://sts.chinacloudapi.cn/{tid}/",
    // guess: as in the global cloud, on the login service's own name.
    v2Issuer: "https://login.chinacloudapi.cn/{tid}/v2.0",
  },
};

/**
 * Adds what is not said: of a national cloud what belongs to its Graph, of any other root what the global cloud has.
 *
 * @param given the last wins
 * @throws TypeError when it would take keys from anywhere, or cannot tell an issuer
 */
export function resolveCloud(...given: readonly (Partial<Cloud> | undefined)[]): Cloud {
  const said: Partial<Cloud> = Object.assign({}, ...given);
  const national = nationalCloudOf({ graphRoot: said.graphRoot ?? GLOBAL_CLOUD.graphRoot });
  const cloud: Cloud = { ...GLOBAL_CLOUD, ...(national === undefined ? {} : LOGIN[national]), ...said };
  assertLoginRoot(cloud.loginRoot);
  assertIssuer("v1Issuer", cloud.v1Issuer);
  assertIssuer("v2Issuer", cloud.v2Issuer);
  if (!isGuid(cloud.publisherAppId)) {
    throw new TypeError(`Expected \`cloud.publisherAppId\` to be a GUID, got \`${cloud.publisherAppId}\``);
  }
  return cloud;
}

const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/** Whoever can answer in the login service's place can sign notifications. */
function assertLoginRoot(loginRoot: string): void {
  const url = URL.parse(loginRoot);
  const isUsable =
    url !== null &&
    (url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK_HOST.test(url.hostname))) &&
    url.search === "" &&
    url.hash === "" &&
    !loginRoot.endsWith("/");
  if (!isUsable) {
    throw new TypeError(
      `Expected \`cloud.loginRoot\` to be like \`${GLOBAL_CLOUD.loginRoot}\`, got \`${loginRoot}\``,
    );
  }
}

function assertIssuer(name: "v1Issuer" | "v2Issuer", issuer: string): void {
  if (!issuer.includes("{tid}")) {
    throw new TypeError(`Expected \`cloud.${name}\` to be like \`${GLOBAL_CLOUD[name]}\`, got \`${issuer}\``);
  }
}
