import { hash as digest } from "node:crypto";
import type { Hash } from "../core/ports/hash.ts";

export const sha256: Hash = (text) => digest("sha256", text, "base64url");
