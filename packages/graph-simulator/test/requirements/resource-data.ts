import type { Requirement } from "./requirement.ts";

const RICH = "https://learn.microsoft.com/graph/change-notifications-with-resource-data";
const OUTLOOK = "https://learn.microsoft.com/graph/change-notifications-outlook-resources-overview";

export const RESOURCE_DATA_REQUIREMENTS = [
  {
    id: "rich-certificate-required",
    source: `${RICH}#creating-a-subscription`,
    behaviour: "Resource data needs an encryptionCertificate and an encryptionCertificateId",
  },
  {
    id: "rich-certificate-rsa",
    source: `${RICH}#certificates`,
    behaviour: "The certificate is base64 of X.509 with an RSA key of 2,048 to 4,096 bits",
  },
  {
    id: "rich-certificate-id-128",
    source: "https://learn.microsoft.com/graph/api/resources/subscription#properties",
    behaviour: "encryptionCertificateId has at most 128 characters",
  },
  {
    id: "rich-select-outlook",
    source: OUTLOOK,
    behaviour: "Messages, events and contacts with resource data need a $select, without Body and UniqueBody",
  },
  {
    id: "rich-select-teams",
    source: RICH,
    behaviour: "Teams resources with resource data take no $select",
  },
  {
    id: "rich-supported-only",
    source: `${RICH}#supported-resources`,
    behaviour: "Only the listed resources can be sent with their data",
  },
  {
    id: "rich-every-kind",
    source: `${RICH}#supported-resources`,
    behaviour: "Messages, events, contacts, presence and everything of Teams can be sent with their data",
  },
  {
    id: "rich-lifetime-outlook",
    source: "https://learn.microsoft.com/graph/api/resources/subscription#subscription-lifetime",
    behaviour: "Outlook subscriptions with resource data live at most 1,440 minutes",
  },
  {
    id: "rich-encryption",
    source: `${RICH}#decrypt-resource-data-from-change-notifications`,
    behaviour:
      "Data is AES-256-CBC under a key of its own, signed by HMAC-SHA256; the key is under RSA-OAEP with SHA-1",
  },
  {
    id: "rich-selected-data",
    source: OUTLOOK,
    behaviour: "The encrypted resource has the selected properties",
  },
  {
    id: "rich-validation-tokens",
    source: `${RICH}#validate-the-authenticity-of-notifications`,
    behaviour: "A delivery has one validation token for each distinct app and tenant in it",
  },
  {
    id: "rich-token-publisher",
    source: `${RICH}#validate-the-authenticity-of-notifications`,
    behaviour: "A validation token is from Microsoft Graph Change Tracking: azp in version 2.0, appid in 1.0",
  },
  {
    id: "rich-token-null",
    source: `${RICH}#validation-tokens-in-the-change-notification`,
    behaviour: "validationTokens is null when the app requires role assignment and the sender has none",
  },
  {
    id: "rich-certificate-rotation",
    source: `${RICH}#rotate-certificates`,
    behaviour: "An update with a new certificate and id encrypts what comes after it",
  },
  {
    id: "signing-keys-rotate",
    source: "https://learn.microsoft.com/entra/identity-platform/signing-key-rollover",
    behaviour: "Signing keys change, and the key set has the new one before it signs",
  },
  {
    id: "openid-configuration",
    source: "https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc",
    behaviour: "The OpenID configuration of a tenant or of common names issuer, endpoints and key set",
  },
] as const satisfies readonly Requirement[];
