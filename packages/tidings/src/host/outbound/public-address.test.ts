import { expect, it } from "vitest";
import { isPublicAddress } from "./public-address.ts";

it.each(["20.190.128.1", "40.126.0.1", "8.8.8.8", "2603:1006:2000::1", "::ffff:20.190.128.1"])(
  "%s is public",
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  },
);

it.each([
  ["this machine", "127.0.0.1"],
  ["this machine", "127.255.255.254"],
  ["this machine", "::1"],
  ["unspecified", "0.0.0.0"],
  ["unspecified", "::"],
  ["this network", "0.1.2.3"],
  ["private", "10.0.0.1"],
  ["private", "172.16.0.1"],
  ["private", "172.31.255.255"],
  ["private", "192.168.1.1"],
  ["unique local", "fc00::1"],
  ["unique local", "fd12:3456:789a::1"],
  ["link-local, a cloud's metadata", "169.254.169.254"],
  ["link-local", "fe80::1"],
  ["link-local with a zone", "fe80::1%eth0"],
  ["a carrier's", "100.64.0.1"],
  ["a cloud's metadata", "fd00:ec2::254"],
  ["multicast", "224.0.0.1"],
  ["multicast", "ff02::1"],
  ["broadcast", "255.255.255.255"],
  ["reserved", "240.0.0.1"],
  ["documentation", "192.0.2.1"],
  ["documentation", "2001:db8::1"],
  ["benchmarks", "198.18.0.1"],
  ["IPv4-mapped", "::ffff:127.0.0.1"],
  ["IPv4-mapped", "::ffff:a9fe:a9fe"],
  ["IPv4-mapped", "::ffff:10.0.0.1"],
  ["NAT64", "64:ff9b::7f00:1"],
  ["6to4", "2002:7f00:1::"],
  ["Teredo", "2001:0:7f00:1::"],
  ["no address", "localhost"],
  ["no address", ""],
])("what is %s is not: %s", (_, address) => {
  expect(isPublicAddress(address)).toBe(false);
});
