/**
 * Prints the closing line of a run: `closing-line.ts <vitest.json> <exit status of the run so far>`.
 *
 * A step that failed outside a test counts as one failure; so does a skipped test, since here nothing may be skipped.
 */
import { readFileSync } from "node:fs";

const [file = "", status = "1"] = process.argv.slice(2);
const report = JSON.parse(readFileSync(file, "utf8"));
const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = report;
const skipped = numPendingTests + numTodoTests;
const failed = numFailedTests + skipped;
const failedOutside = status !== "0" && failed === 0 ? 1 : 0;
if (skipped > 0) console.log(`${skipped} tests were skipped, and count as failed`);
console.log(`${numPassedTests} passed, ${failed + failedOutside} failed`);
process.exitCode = failed + failedOutside > 0 || numPassedTests === 0 ? 1 : 0;
