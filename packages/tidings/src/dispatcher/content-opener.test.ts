import { describe, expect, it } from "vitest";
import { inboxItem, inboxRow } from "../../test/support/inbox-items.ts";
import { GLOBAL_CLOUD } from "../core/cloud.ts";
import type { EncryptedContent } from "../core/encrypted-content.ts";
import { ContentRefusedError, CredentialError, KeysUnavailableError, StoreError } from "../core/errors.ts";
import type { InboxRow } from "../core/inbox.ts";
import type { JsonObject } from "../core/json.ts";
import { trustOf } from "../core/trust.ts";
import { ContentOpener, type ContentOpenerParts } from "./content-opener.ts";

const TENANT = "84bd8158-6d4d-4958-8b9f-9d6445542f95";
const OTHER_TENANT = "2f6d0c1a-93b7-4e5f-8a24-6b1c9d7e3f50";
const CLIENT_ID = "c1d9e8b4-7a36-4f52-8e0b-93a6f2d5174c";
const NOW = Date.UTC(2026, 10, 21);
const DATA = { id: "1", subject: "hello" };
const CONTENT: EncryptedContent & JsonObject = {
  data: "data",
  dataSignature: "signature",
  dataKey: "key",
  encryptionCertificateId: "id",
  encryptionCertificateThumbprint: "thumbprint",
};

function claimsOf(changes: JsonObject = {}): JsonObject {
  return {
    aud: CLIENT_ID,
    iss: `https://sts.windows.net/${TENANT}/`,
    nbf: NOW / 1000 - 60,
    exp: NOW / 1000 + 3_600,
    appid: GLOBAL_CLOUD.publisherAppId,
    tid: TENANT,
    ver: "1.0",
    ...changes,
  };
}

/** What each token says, or what asking for it fails with; a token that is not here is nobody's. */
type Signed = Readonly<Record<string, JsonObject | Error>>;

function createWorld(signed: Signed, parts: Partial<ContentOpenerParts> = {}) {
  const asked: string[] = [];
  const world = { signed };
  const opener = new ContentOpener({
    store: { getTokens: async (key) => key.split(",").filter((token) => token !== "") },
    verifier: {
      async verify(token) {
        asked.push(token);
        const said = world.signed[token];
        if (said instanceof Error) throw said;
        return said;
      },
    },
    decryptor: { decrypt: async () => DATA },
    trust: trustOf(GLOBAL_CLOUD),
    clientIdsOf: async () => [CLIENT_ID],
    ...parts,
  });
  return { opener, asked, world };
}

/** @param tokens with commas between */
function rowOf(tokens: string | undefined, raw: JsonObject = {}): InboxRow {
  const item = inboxItem("1", "n1", { raw: { encryptedContent: CONTENT, ...raw }, receivedAt: NOW });
  return inboxRow(1, { ...item, body: { ...item.body, isRich: true }, tokensKey: tokens });
}

const UNAVAILABLE = new KeysUnavailableError("signing keys", "nobody answers");

describe("what a notification includes", () => {
  it("is opened when one of its tokens proves its tenant", async () => {
    const { opener } = createWorld({
      own: claimsOf(),
      other: claimsOf({ tid: OTHER_TENANT, iss: `https://sts.windows.net/${OTHER_TENANT}/` }),
    });
    expect(await opener.open(rowOf("forged,other,own"))).toBe(DATA);
  });

  it("is nothing for one that is to include nothing, and nobody is asked", async () => {
    const { opener, asked } = createWorld({});
    expect(await opener.open(inboxRow(1, inboxItem("1", "n1")))).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it("is nothing for what was deleted and came without, once that is proved", async () => {
    const { opener } = createWorld({ own: claimsOf() });
    const deleted = { changeType: "deleted", encryptedContent: null };
    expect(await opener.open(rowOf("own", deleted))).toBeUndefined();
    await expect(opener.open(rowOf("forged", deleted))).rejects.toThrow(ContentRefusedError);
  });
});

describe("a notification is refused", () => {
  it.each<{ name: string; tokens: string | undefined; signed?: Signed; raw?: JsonObject }>([
    { name: "without tokens", tokens: undefined },
    { name: "with an empty list of tokens", tokens: "" },
    { name: "with a token that nobody signed", tokens: "forged" },
    {
      name: "with a token of another tenant only",
      tokens: "own",
      signed: { own: claimsOf({ tid: OTHER_TENANT }) },
    },
    { name: "with a token for another app", tokens: "own", signed: { own: claimsOf({ aud: OTHER_TENANT }) } },
    {
      name: "with a token that another app asked for",
      tokens: "own",
      signed: { own: claimsOf({ appid: CLIENT_ID }) },
    },
    {
      name: "with a token that was over when it came",
      tokens: "own",
      signed: { own: claimsOf({ exp: NOW / 1000 - 301 }) },
    },
    {
      name: "with content of which a part is missing",
      tokens: "own",
      raw: { encryptedContent: { ...CONTENT, dataSignature: null } },
    },
    { name: "with content that is none", tokens: "own", raw: { encryptedContent: "text" } },
    { name: "when it should include something and does not", tokens: "own", raw: { encryptedContent: null } },
  ])("$name", async ({ tokens, signed = { own: claimsOf() }, raw }) => {
    const { opener } = createWorld(signed);
    await expect(opener.open(rowOf(tokens, raw))).rejects.toThrow(new ContentRefusedError());
  });

  it("for its tenant, when the claims of two tokens would only do together", async () => {
    const { opener } = createWorld({
      tenant: claimsOf({ aud: OTHER_TENANT }),
      audience: claimsOf({ tid: OTHER_TENANT }),
    });
    await expect(opener.open(rowOf("tenant,audience"))).rejects.toThrow(ContentRefusedError);
  });
});

describe("a notification waits", () => {
  it("while keys are away that one of its tokens needs, unless another proves it", async () => {
    const { opener, world } = createWorld({ own: UNAVAILABLE, forged: claimsOf({ aud: "nobody" }) });
    await expect(opener.open(rowOf("own,forged"))).rejects.toBe(UNAVAILABLE);
    world.signed = { own: claimsOf() };
    expect(await opener.open(rowOf("own,forged"))).toBe(DATA);

    const other = createWorld({ unknown: UNAVAILABLE, own: claimsOf() });
    expect(await other.opener.open(rowOf("unknown,own"))).toBe(DATA);
  });

  it("while it is not known for which app the credential signs in", async () => {
    const clientIdsOf = async (): Promise<never> => {
      throw new CredentialError("scope");
    };
    const { opener } = createWorld({ own: claimsOf() }, { clientIdsOf });
    await expect(opener.open(rowOf("own"))).rejects.toMatchObject({
      code: "ERR_KEYS_UNAVAILABLE",
      kind: "app id",
      retryable: true,
    });
  });

  it("while the store cannot give its tokens", async () => {
    const store = {
      getTokens: async (): Promise<never> => {
        throw new StoreError("away");
      },
    };
    const { opener } = createWorld({ own: claimsOf() }, { store });
    await expect(opener.open(rowOf("own"))).rejects.toThrow(StoreError);
  });
});

describe("tokens", () => {
  it("are looked at once for all that came with them, whatever waits at the same time", async () => {
    const { opener, asked } = createWorld({ own: claimsOf() });
    await Promise.all(Array.from({ length: 5 }, async () => opener.open(rowOf("own,forged"))));
    await opener.open(rowOf("own,forged"));
    expect(asked).toEqual(["own", "forged"]);
  });

  it("are looked at again when they come again: keys that were not known may be by then", async () => {
    const { opener, asked, world } = createWorld({});
    await expect(opener.open(rowOf("own"))).rejects.toThrow(ContentRefusedError);
    world.signed = { own: claimsOf() };
    await expect(opener.open(rowOf("own"))).rejects.toThrow(ContentRefusedError);
    expect(await opener.open({ ...rowOf("own"), receivedAt: NOW + 1 })).toBe(DATA);
    expect(asked).toEqual(["own", "own"]);
  });

  it("are judged by the time each notification came", async () => {
    const { opener } = createWorld({ own: claimsOf() });
    expect(await opener.open(rowOf("own"))).toBe(DATA);
    const late = { ...rowOf("own"), receivedAt: NOW + 2 * 3_600_000 };
    await expect(opener.open(late)).rejects.toThrow(ContentRefusedError);
    expect(await opener.open(rowOf("own"))).toBe(DATA);
  });

  it("are forgotten when many others were seen since, and looked at again", async () => {
    const { opener, asked } = createWorld({ own: claimsOf() });
    await opener.open(rowOf("own"));
    for (let n = 0; n < 1_000; n += 1) await opener.open(rowOf(`own,${n}`));
    expect(asked.filter((token) => token === "own")).toHaveLength(1_001);
    await opener.open(rowOf("own"));
    expect(asked.filter((token) => token === "own")).toHaveLength(1_002);
  });
});
