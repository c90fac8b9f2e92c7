/**
 * Steps that run off JavaScript's thread (`step.async`), first in, first out.
 *
 * One runs at a time, since each reads the state that the one before it leaves. Whoever reads or assigns state meanwhile,
 * or runs a step at once, waits for all that was asked for before.
 */

import type { Started } from "../runtime/device.ts";

export interface Job {
  /** Begins; undefined if it has run to its end already. */
  begin(): Started | undefined;
  /** Takes the results and settles the promise; never throws. */
  end(): void;
  /** It could not be begun. */
  fail(error: unknown): void;
}

const waiting: Job[] = [];
let current: { readonly job: Job; readonly started: Started } | undefined;
let planned = false;

export function enqueue(job: Job): void {
  waiting.push(job);
  plan();
}

/** Brings everything that was asked for to its end. */
export function drain(): void {
  while (current || waiting.length > 0) {
    if (current) end(current);
    else begin();
  }
}

/** A job begins in a task of its own, so that a device which cannot leave the thread lets others have their turn. */
function plan(): void {
  if (planned || current || waiting.length === 0) return;
  planned = true;
  setTimeout(() => {
    planned = false;
    if (!current && waiting.length > 0) begin();
    plan();
  });
}

function begin(): void {
  const job = waiting.shift()!;
  let started: Started | undefined;
  try {
    started = job.begin();
  } catch (error) {
    job.fail(error);
    return;
  }
  if (!started) {
    job.end();
    return;
  }
  const running = { job, started };
  current = running;
  void started.done.then(() => {
    if (current !== running) return; // somebody could not wait
    end(running);
    plan();
  });
}

function end({ job, started }: NonNullable<typeof current>): void {
  started.wait();
  current = undefined;
  job.end();
}
