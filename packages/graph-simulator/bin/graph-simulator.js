#!/usr/bin/env node
// Plain JavaScript that any Node can read: an old one must be told so in a sentence, not by a syntax error.
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`graph-simulator needs Node.js 22.18 or later; this is ${process.versions.node}.\n`);
  process.exitCode = 1;
} else {
  const { main } = await import("#cli");
  process.exitCode = await main(process.argv.slice(2));
}
