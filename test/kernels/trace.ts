import type { TracedProgram } from "../../src/core/traced.ts";
import { compile, currentDevice } from "../../src/index.ts";
import type { Program } from "./corpus.ts";

/** What compiling a program of the corpus gives to the device, and the bytes that it runs on at first. */
export interface Traced {
  readonly traced: TracedProgram;
  readonly args: readonly Uint8Array<ArrayBuffer>[];
  readonly states: readonly (Uint8Array<ArrayBuffer> | undefined)[];
}

export function trace({ f, inputs }: Program): Traced {
  for (const x of inputs) x.dataSync(); // computing them is no part of the program
  const device = currentDevice();
  const { compile: original } = device;
  let found: Traced | undefined;
  device.compile = (traced, quick) => {
    const executable = original(traced, quick);
    if (quick) return executable;
    return {
      run: (args, states) => {
        const bytes = states.map((state) => state?.bytes().slice());
        found = { traced, args: args.map((arg) => arg.bytes().slice()), states: bytes };
        return executable.run(args, states);
      },
      inspect: () => executable.inspect(),
    };
  };
  try {
    compile(f)(...inputs);
  } finally {
    device.compile = original;
  }
  return found!;
}
