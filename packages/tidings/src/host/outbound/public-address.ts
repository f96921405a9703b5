import ipaddr from "ipaddr.js";

/**
 * Whether an IP address is one of the public internet. All others are refused, whatever they are called: this machine,
 * private and link-local networks, the metadata services of clouds, carriers' networks, multicast, and what only wraps
 * an IPv4 address (mapped ones are unwrapped first; NAT64, 6to4 and Teredo can hide any).
 *
 * @param address without brackets
 */
export function isPublicAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === "unicast";
}
