import { target as config } from "./config.ts";
import { target as decrypt } from "./decrypt.ts";
import type { FuzzTarget } from "./fuzz-target.ts";
import { target as pem } from "./pem.ts";
import { target as receiver } from "./receiver.ts";
import { target as token } from "./token.ts";

export const targets: readonly FuzzTarget[] = [config, decrypt, pem, receiver, token];
