/** Threads that make a loader's batches. */

import type { DType, TypedArray } from "../core/dtype.ts";
import * as errors from "../core/errors.ts";
import { type Tensor, tensor } from "../tensor/index.ts";
import type { Blueprint } from "./blueprint.ts";
import type { Sample } from "./dataset.ts";

type Worker = import("node:worker_threads").Worker;

export interface Request {
  readonly id: number;
  readonly indices: Uint32Array;
  readonly epoch: number;
}

interface Field {
  readonly data: TypedArray;
  readonly shape: readonly number[];
  readonly dtype: DType;
}

type Report = Pick<Error, "name" | "message" | "stack">;

export type Reply =
  | { readonly id: number; readonly fields: readonly Field[] }
  | { readonly id: number; readonly error: Report };

/** A batch that a worker is making. */
export interface Order<S> {
  /** waits, and keeps the process alive while it does */
  receive(): Promise<S>;
}

interface Waiting {
  readonly resolve: (batch: readonly Tensor[]) => void;
  readonly reject: (error: Error) => void;
}

/** One thread with a dataset of its own. */
class LoaderWorker {
  readonly #name: string;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;
  #failure: Error | undefined;

  constructor(name: string, worker: Worker) {
    this.#name = name;
    this.#worker = worker;
    worker.on("message", (reply: Reply) => this.#receive(reply));
    worker.on("error", (error) => this.#fail(this.#revive(error)));
    worker.on("exit", (code) => {
      this.#fail(new errors.DataError(`${name} has ended (exit code ${code}) before its batches were ready.`));
    });
    worker.unref();
  }

  order<S extends Sample>(indices: Uint32Array, epoch: number): Order<S> {
    const id = this.#next++;
    const batch = new Promise<readonly Tensor[]>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    batch.catch(() => {}); // a failure of a batch that nobody waits for is none
    if (this.#failure) this.#fail(this.#failure);
    else this.#worker.postMessage({ id, indices, epoch } satisfies Request);
    const receive = async (): Promise<S> => {
      this.#worker.ref();
      try {
        return (await batch) as S;
      } finally {
        this.#worker.unref();
      }
    };
    return { receive };
  }

  end(): void {
    void this.#worker.terminate();
  }

  #receive(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ("error" in reply) waiting?.reject(this.#revive(reply.error));
    else waiting?.resolve(reply.fields.map(({ data, shape, dtype }) => tensor(data, { shape, dtype })));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }

  /** The error with its class, and with the stack that it had in the worker. */
  #revive({ name, message, stack }: Report): Error {
    const kind: unknown = (errors as Record<string, unknown>)[name];
    const known = typeof kind === "function" && kind !== errors.ChainruleError;
    const error: Error = known ? Reflect.construct(kind, [message]) : Object.assign(new Error(message), { name });
    error.stack = `${stack ?? message}\n    in ${this.#name}`;
    return error;
  }
}

const IDLE = 10_000; // ms without a pass after which the threads end

/** Workers that live from pass to pass, and end when there is none for a while. */
export class LoaderPool {
  readonly #workers: readonly LoaderWorker[];
  #idle: ReturnType<typeof setTimeout> | undefined;
  #passes = 0;
  #turn = 0;
  ended = false;

  private constructor(workers: readonly LoaderWorker[]) {
    this.#workers = workers;
  }

  static async start(blueprint: Blueprint, count: number): Promise<LoaderPool> {
    const threads = await import("node:worker_threads");
    // What a dataset computes with tensors, it computes on its own thread.
    const env = { ...process.env, CHAINRULE_THREADS: "1", CHAINRULE_DEVICE: process.env["CHAINRULE_DEVICE"] || "wasm" };
    return new LoaderPool(
      Array.from({ length: count }, (_, i) => {
        const worker = new threads.Worker(new URL("./worker.js", import.meta.url), { workerData: blueprint, env });
        return new LoaderWorker(`loader worker ${i}`, worker);
      }),
    );
  }

  /** The workers take turns. */
  order<S extends Sample>(indices: Uint32Array, epoch: number): Order<S> {
    return this.#workers[this.#turn++ % this.#workers.length].order(indices, epoch);
  }

  beginPass(): void {
    this.#passes++;
    clearTimeout(this.#idle);
  }

  endPass(): void {
    this.#passes--;
    if (this.#passes > 0) return;
    this.#idle = setTimeout(() => this.end(), IDLE);
    this.#idle.unref();
  }

  end(): void {
    this.ended = true;
    clearTimeout(this.#idle);
    for (const worker of this.#workers) worker.end();
  }
}
