/** What runs in a loader's worker: it builds the dataset, and answers each request with a batch. */

import { parentPort, workerData } from "node:worker_threads";
import { type Blueprint, build } from "./blueprint.ts";
import { collate, type Dataset } from "./dataset.ts";
import type { Reply, Request } from "./pool.ts";

const dataset = build(workerData as Blueprint) as Promise<Dataset>;
dataset.catch(() => {}); // each request reports it

async function answer({ id, indices, epoch }: Request): Promise<Reply> {
  try {
    const batch = collate(await dataset, indices, epoch);
    // Copied, since what is transferred is lost here, and a dataset may keep its tensors.
    return {
      id,
      fields: batch.map((field) => ({ data: field.dataSync().slice(), shape: field.shape, dtype: field.dtype })),
    };
  } catch (error) {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    return { id, error: { name, message, stack } };
  }
}

parentPort?.on("message", async (request: Request) => {
  const reply = await answer(request);
  parentPort?.postMessage(reply, "fields" in reply ? reply.fields.map(({ data }) => data.buffer as ArrayBuffer) : []);
});
