/** What the machine's private-key operations come to, and nothing else: `rsa-limit.ts <path of a PEM private key>`. */
import { createPrivateKey, createPublicKey, privateDecrypt, publicEncrypt } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { answerParent } from "./face.ts";

/** Private-key operations a second, of all threads together. */
export type RsaLimitFace = {
  measure: (wish: { readonly threads: number; readonly seconds: number }) => Promise<number>;
};

interface Task {
  readonly pem: string;
  readonly seconds: number;
}

interface Count {
  readonly operations: number;
  readonly elapsedMs: number;
}

const OAEP = { oaepHash: "sha1" };

/** Decrypts one symmetric key again and again, in a thread that does nothing else. */
function decryptFor({ pem, seconds }: Task): Count {
  const privateKey = createPrivateKey(pem);
  const wrapped = publicEncrypt({ key: createPublicKey(privateKey), ...OAEP }, Buffer.alloc(32, 7));
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1000;
  let operations = 0;
  for (; performance.now() < endsAt; operations += 1) privateDecrypt({ key: privateKey, ...OAEP }, wrapped);
  return { operations, elapsedMs: performance.now() - startedAt };
}

async function measureThread(task: Task): Promise<Count> {
  const [count]: Count[] = await once(new Worker(new URL(import.meta.url), { workerData: task }), "message");
  if (count === undefined) throw new Error("A thread said nothing");
  return count;
}

if (isMainThread) {
  const [path = ""] = process.argv.slice(2);
  const pem = readFileSync(path, "utf8");
  answerParent({
    async measure({ threads, seconds }) {
      const counts = await Promise.all(
        Array.from({ length: threads }, async () => measureThread({ pem, seconds })),
      );
      return counts.reduce((sum, { operations, elapsedMs }) => sum + (operations / elapsedMs) * 1000, 0);
    },
  } satisfies RsaLimitFace);
} else {
  parentPort?.postMessage(decryptFor(workerData));
}
