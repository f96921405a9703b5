/** The metadata server is on the same machine. */
const METADATA_MS = 1_000;
/** Of one part of a host name. */
const MAX_LABEL_LENGTH = 63;

/**
 * Where the platform that runs this process says it is reached; undefined on any other, and where it does not tell.
 * Never rejects: whoever needs an address and has none says so.
 */
export async function publicUrlFromPlatform(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  return fromContainerApps(environment) ?? (await fromCloudRun(environment));
}

/**
 * @see https://learn.microsoft.com/en-us/azure/container-apps/environment-variables ("To obtain the fully qualified
 *   domain name (FQDN) of the app, append the app name to the DNS suffix in the format
 *   $CONTAINER_APP_NAME.$CONTAINER_APP_ENV_DNS_SUFFIX"; CONTAINER_APP_HOSTNAME is the revision's own, and goes with it)
 */
function fromContainerApps({
  CONTAINER_APP_NAME: app,
  CONTAINER_APP_ENV_DNS_SUFFIX: suffix,
}: NodeJS.ProcessEnv): string | undefined {
  return isGiven(app) && isGiven(suffix) ? `https://${app}.${suffix}` : undefined;
}

/**
 * No variable has it, but it follows from the service's name, the project's number and the region.
 *
 * @see https://cloud.google.com/run/docs/triggering/https-request#deterministic ("https://[TAG---]SERVICE_NAME-PROJECT_NUMBER.REGION.run.app",
 *   "only available for DNS segments of 63 characters or less")
 */
async function fromCloudRun(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const { K_SERVICE: service } = environment;
  if (!isGiven(service)) return undefined;
  const place = await placeOfInstance(environment);
  if (place === undefined) return undefined;
  const label = `${service}-${place.project}`;
  return label.length > MAX_LABEL_LENGTH ? undefined : `https://${label}.${place.region}.run.app`;
}

/**
 * @see https://cloud.google.com/run/docs/container-contract#metadata-server ("/computeMetadata/v1/instance/region: Region
 *   of this instance, returns projects/PROJECT-NUMBER/regions/REGION")
 */
async function placeOfInstance({
  GCE_METADATA_HOST: host = "metadata.google.internal",
}: NodeJS.ProcessEnv): Promise<{ readonly project: string; readonly region: string } | undefined> {
  try {
    const response = await fetch(`http://${host}/computeMetadata/v1/instance/region`, {
      headers: { "metadata-flavor": "Google" },
      redirect: "error",
      signal: AbortSignal.timeout(METADATA_MS),
    });
    const [, project, region] = /^projects\/(\d+)\/regions\/([a-z\d-]+)$/.exec(await response.text()) ?? [];
    return project === undefined || region === undefined ? undefined : { project, region };
  } catch {
    // Knative elsewhere has the same variables and no such server.
    return undefined;
  }
}

function isGiven(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== "";
}
