import type { LookupFunction } from "node:net";
import { OutboundRefusedError } from "../../core/errors.ts";
import { isPublicAddress } from "./public-address.ts";

/**
 * Finds the addresses of a name for a connection that is being made, and refuses a name that has any which is not
 * public. What it gives is what is connected to, so a name that leads elsewhere a moment later gains nothing.
 *
 * @param privateHosts names that may lead anywhere
 */
export function guardedLookup(lookup: LookupFunction, privateHosts: ReadonlySet<string>): LookupFunction {
  return (hostname, options, callback) => {
    if (privateHosts.has(hostname)) {
      lookup(hostname, options, callback);
      return;
    }
    lookup(hostname, { ...options, all: true }, (error, found) => {
      // With an error there is nothing found, not even an empty list.
      if (error !== null) {
        callback(error, []);
        return;
      }
      const addresses = typeof found === "string" ? [] : found;
      const [first] = addresses;
      const isPublic = addresses.every(({ address }) => isPublicAddress(address));
      if (first === undefined) callback(null, []);
      else if (!isPublic) callback(new OutboundRefusedError(hostname, "address"), []);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
