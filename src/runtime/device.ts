import type { Storage } from "../core/storage.ts";
import type { TracedProgram } from "../core/traced.ts";

/** A compiled program. */
export interface Executable {
  /**
   * Runs once. `states[i]` is the storage of slot i as it is now (undefined: none yet); what comes back is the
   * storage of slot i afterwards, the same object if it was written in place or not written at all.
   * Throws an IndexError, with no state changed, if an index was out of range.
   */
  run(args: readonly Storage[], states: readonly (Storage | undefined)[]): RunResult;
  /** As `run`, off JavaScript's thread, if the device can; nothing else may run on it before `result` was taken. */
  start?(args: readonly Storage[], states: readonly (Storage | undefined)[]): Started;
  /** what each stage of the compiler made of it */
  inspect(): Inspection;
}

/** A run that has begun. */
export interface Started {
  /** resolves when it is over */
  readonly done: Promise<unknown>;
  /** blocks until it is over */
  wait(): void;
  /** what `run` would have given or thrown; to be asked for once, when it is over */
  result(): RunResult;
}

export interface RunResult {
  /** fresh storages, one for each result */
  readonly results: readonly Storage[];
  readonly states: readonly (Storage | undefined)[];
}

export interface Inspection {
  readonly graph: string;
  readonly loops: string;
  readonly source: string;
  readonly memory: string;
}

/** Where programs run. */
export interface Device {
  readonly name: string;
  /** one sentence: what it is and why it was chosen */
  readonly description: string;
  /** `quick`: the program may run only once, so that it must not take long to compile */
  compile(program: TracedProgram, quick?: boolean): Executable;
}
