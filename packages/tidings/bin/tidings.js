#!/usr/bin/env node
// Plain old JavaScript: it must run on every Node to be able to say which one it needs.
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`tidings needs Node.js 22.18 or newer, and this is ${process.versions.node}.\n`);
  process.exitCode = 1;
} else {
  // Whatever an app left running, the command is over when it is over.
  void import("#cli").then(({ main }) => main(process.argv)).then((code) => process.exit(code));
}
