import { expect, it } from "vitest";

import { sha256 } from "./hash.ts";

// RFC 6234 and https://www.di-mgt.com.au/sha_testvectors.html, as base64url.
it.each([
  ["", "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"],
  ["abc", "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"],
])("the hash of %j is SHA-256 of its UTF-8", (text, hash) => {
  expect(sha256(text)).toBe(hash);
});

it("a hash may stand in a URL, whatever was hashed", () => {
  expect(sha256("✓ users/ö")).toMatch(/^[\w-]{43}$/);
});
