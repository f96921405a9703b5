import { hash, timingSafeEqual } from "node:crypto";
import type { Secret } from "../core/secret.ts";

/** Whether a text is one of these secrets, in a time that tells nothing of them. */
export function createKeyCheck(secrets: readonly Secret[]): (given: string) => boolean {
  const expected = secrets.map((secret) => digest(secret.reveal()));
  return (given) => {
    const found = digest(given);
    // Each is compared, so that the time does not tell which it was.
    return expected.map((each) => timingSafeEqual(each, found)).includes(true);
  };
}

/** Equal length always, which comparing needs. */
function digest(text: string): Buffer {
  return hash("sha256", text, "buffer");
}
