import { interpret } from "../codegen/interp.ts";
import { type TypedArray, viewBytes } from "../core/dtype.ts";
import { InternalError } from "../core/errors.ts";
import { printGraph } from "../core/print.ts";
import { Storage } from "../core/storage.ts";
import type { TracedProgram } from "../core/traced.ts";
import type { Device, Executable } from "./device.ts";

/**
 * The device that runs the interpreter: slow, and right by definition.
 *
 * Its results and states are always fresh, so that a failing run has changed nothing.
 */
export function interpDevice(): Device {
  return {
    name: "interp",
    description: "The interpreter: slow, exact, and what the other devices are checked against.",
    compile,
  };
}

function compile({ graph, args: argCount, results: resultCount, states: slots }: TracedProgram): Executable {
  return {
    run(args, states) {
      const storages: (Storage | undefined)[] = graph.inputs.map((_, i) => (i < argCount ? args[i] : undefined));
      slots.forEach(({ input }, i) => {
        if (input !== undefined) storages[input] = states[i];
      });
      const inputs = graph.inputs.map(({ dtype }, i) => {
        const storage = storages[i];
        if (!storage) throw new InternalError(`interp: input ${i} of the program has no storage.`);
        return viewBytes(dtype, storage.bytes());
      });
      const outputs = interpret(graph, inputs, { mode: "exact", fma: false });
      return {
        results: outputs.slice(0, resultCount).map(fresh),
        states: slots.map(({ output }, i) => (output === undefined ? states[i] : fresh(outputs[output]))),
      };
    },
    inspect: () => ({ graph: printGraph(graph), loops: "", source: "", memory: "" }),
  };
}

/** A copy: an output may share its numbers with an input or with another output. */
function fresh(array: TypedArray): Storage {
  return Storage.of(array.slice());
}
