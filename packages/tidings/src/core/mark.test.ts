import { hash } from "node:crypto";
import { describe, expect, it } from "vitest";

import {
  assertAppName,
  isMarkedUrl,
  isNotificationPath,
  keyIdOfUrl,
  markOfUrl,
  subscriptionUrls,
} from "./mark.ts";
import type { Keyring } from "./ports/keyring.ts";

const ENDPOINT = "https://tidings.example.com/hooks/notifications";
const MARK = { app: "crm-sync", subscriptionKey: "AbCdEfGhIjKlMnOpQrStUv" };

function keyringOf(keyId: string): Keyring {
  const mac = (message: string): string => hash("sha256", `${keyId}\0${message}`, "base64url");
  return {
    signingKeyId: keyId,
    sign: mac,
    verify: (id, message, given) => id === keyId && mac(message) === given,
  };
}

const keyring = keyringOf("keyid-01");
const urls = subscriptionUrls(keyring, ENDPOINT, MARK);

describe("an app's name", () => {
  it.each(["a", "7", "crm-sync", "a-", "0-0", "a".repeat(63)])("may be %j", (name) => {
    expect(() => assertAppName(name)).not.toThrow();
  });

  it.each(["", "-a", "Crm", "crm_sync", "crm.sync", "crm sync", "crm\n", "crm/sync", "ä", "a".repeat(64)])(
    "may not be %j",
    (name) => {
      expect(() => assertAppName(name)).toThrow(
        new TypeError(
          `Expected \`name\` to be 1 to 63 of a-z, 0-9 and -, starting with a letter or digit, got \`${name}\``,
        ),
      );
    },
  );
});

describe("the URLs of a subscription", () => {
  it("end in one mark, the lifecycle URL below its own path", () => {
    expect(urls.notificationUrl).toMatch(
      /^https:\/\/tidings\.example\.com\/hooks\/notifications\/v1\.keyid-01\.crm-sync\.AbCdEfGhIjKlMnOpQrStUv\.[\w-]{43}$/,
    );
    expect(urls.lifecycleNotificationUrl).toBe(
      urls.notificationUrl.replace("/notifications/", "/notifications/lifecycle/"),
    );
  });

  it("are the same at every start", () => {
    expect(subscriptionUrls(keyring, ENDPOINT, MARK)).toEqual(urls);
  });

  it.each([
    ["notification URL", urls.notificationUrl],
    ["lifecycle URL", urls.lifecycleNotificationUrl],
    ["URL with a query", `${urls.notificationUrl}?code=1`],
    [
      "URL on a host that was ours before",
      urls.notificationUrl.replace("tidings.example.com", "old.example"),
    ],
  ])("say whose they are: the %s", (_, url) => {
    expect(markOfUrl(keyring, url)).toEqual(MARK);
  });

  it.each([
    ["of another program", "https://webhook.azurewebsites.net/api/send/myNotifyClient"],
    ["without a path", "https://tidings.example.com"],
    ["of an event hub", "EventHub:https://ns.servicebus.windows.net/eventhubname/hub?tenantId=contoso.com"],
    ["that is none", "not a URL"],
    ["of another app", urls.notificationUrl.replace("crm-sync", "crm-test")],
    ["of another subscription", urls.notificationUrl.replace(MARK.subscriptionKey, "x")],
    ["signed by another", subscriptionUrls(keyringOf("keyid-02"), ENDPOINT, MARK).notificationUrl],
    ["that goes on after the mark", `${urls.notificationUrl}/more`],
    ["with the mark in the query", `${ENDPOINT}?${urls.notificationUrl.split("/").at(-1)}`],
  ])("are not ours: one %s", (_, url) => {
    expect(markOfUrl(keyring, url)).toBeUndefined();
  });
});

describe("a request's path", () => {
  const mark = urls.notificationUrl.split("/").at(-1) ?? "";

  it.each([
    "/notifications",
    "/notifications/",
    `/notifications/${mark}`,
    `/notifications/${mark}/`,
    "/notifications/lifecycle",
    `/notifications/lifecycle/${mark}`,
    `/notifications/lifecycle/${mark}/`,
  ])("is ours: %s", (pathname) => {
    expect(isNotificationPath(pathname, "/notifications")).toBe(true);
  });

  it.each([
    "/",
    "/notification",
    "/notificationsx",
    "/Notifications",
    "/notifications//",
    `/api/notifications/${mark}`,
    `/notifications/other/${mark}`,
    `/notifications/lifecycle/${mark}/more`,
    `/notifications/${mark}/${mark}`,
    "/notifications/a b",
    "/notifications/%2e%2e",
    `/notifications/${mark}\n`,
  ])("is not ours: %j", (pathname) => {
    expect(isNotificationPath(pathname, "/notifications")).toBe(false);
  });
});

describe("a URL that a subscription was given", () => {
  const isOurs = (url: string, endpoint = ENDPOINT, mark = MARK): boolean =>
    isMarkedUrl(keyring, endpoint, { mark, url });

  it("is ours at this endpoint, with this mark, signed by a key of ours", () => {
    expect(isOurs(urls.notificationUrl)).toBe(true);
    expect(isOurs(urls.notificationUrl, "https://other.example.com/hooks/notifications")).toBe(false);
    expect(isOurs(urls.lifecycleNotificationUrl)).toBe(false);
    expect(isOurs(urls.notificationUrl, ENDPOINT, { ...MARK, app: "crm-sync-2" })).toBe(false);
    expect(isOurs(urls.notificationUrl, ENDPOINT, { ...MARK, subscriptionKey: "other" })).toBe(false);
    expect(isOurs(subscriptionUrls(keyringOf("keyid-02"), ENDPOINT, MARK).notificationUrl)).toBe(false);
    expect(isOurs(`${urls.notificationUrl}x`)).toBe(false);
  });

  it("says which key signed it", () => {
    expect(keyIdOfUrl(urls.notificationUrl)).toBe("keyid-01");
    expect(keyIdOfUrl(urls.lifecycleNotificationUrl)).toBe("keyid-01");
  });

  it.each([
    "https://tidings.example.com/notifications",
    "https://x/v2.a.b.c.d",
    "https://x/v1.a.b.c",
    "no URL",
  ])("says nothing of it where it is none: %s", (url) => expect(keyIdOfUrl(url)).toBeUndefined());
});
