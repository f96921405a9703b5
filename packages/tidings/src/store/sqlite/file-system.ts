import { statfsSync } from "node:fs";

/**
 * File systems that forget, or that SQLite's log must not be on, by the magic number Linux gives them.
 * @see https://man7.org/linux/man-pages/man2/statfs.2.html
 * @see https://www.sqlite.org/wal.html ("all processes using a database must be on the same host computer")
 */
const UNSUITABLE: ReadonlyMap<number, string> = new Map([
  [0x01021994, "tmpfs, which is memory"],
  [0x858458f6, "ramfs, which is memory"],
  [0x794c7630, "a container's own layer (overlay), which goes with the container"],
  [0x6969, "NFS, a network share"],
  [0x517b, "SMB, a network share"],
  [0xff534d42, "SMB, a network share"],
  [0xfe534d42, "SMB, a network share"],
]);

/**
 * Says why a folder is no place for a store, or undefined when nothing speaks against it. Systems that do not tell
 * the kind of their file systems (Windows, macOS) pass.
 */
export function unsuitableFileSystem(folder: string): string | undefined {
  // The number is signed on some architectures.
  return UNSUITABLE.get(statfsSync(folder).type >>> 0);
}
