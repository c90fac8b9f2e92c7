import { describe, expect, it } from "vitest";
import { interpret } from "../../src/codegen/interp.ts";
import { view } from "../../src/core/dtype.ts";
import { Storage } from "../../src/core/storage.ts";
import { wasmDevice } from "../../src/runtime/wasm.ts";
import { lower } from "../../src/lower/lower.ts";
import { randomGraph } from "../graphs.ts";

const device = wasmDevice({ threads: 1 });
const from = Number(process.env["FROM"] ?? 0), count = Number(process.env["COUNT"] ?? 300);

describe("random graphs", () => {
  it("fused = unfused = interpreted, bit for bit", () => {
    const failures: string[] = [];
    for (let seed = from; seed < from + count; seed++) {
      const { graph, inputs } = randomGraph(seed);
      const want = interpret(graph, inputs, { mode: "exact", fma: device.features.relaxedMadd });
      for (const fuse of [false, true]) {
        try {
          const program = lower({ graph, args: graph.inputs.length, results: graph.outputs.length, states: [] }, { fuse });
          const args = inputs.map((a) => { const s = new Uint8Array(a.byteLength); s.set(new Uint8Array(a.buffer, a.byteOffset, a.byteLength)); return new Storage(a.byteLength, s.buffer); });
          const { results } = device.load(program).run(args, []);
          results.forEach((r, i) => {
            const got = view(graph.outputs[i].dtype, r.bytes());
            const w = want[i];
            for (let k = 0; k < w.length; k++) if (!Object.is(got[k], w[k])) { failures.push(`${seed} fuse=${fuse} out ${i} ${graph.outputs[i].node.op} [${k}] got ${got[k]} want ${w[k]}`); break; }
          });
        } catch (e) { failures.push(`${seed} fuse=${fuse} ${String((e as Error).stack).slice(0, 600)}`); }
      }
    }
    if (failures.length) console.log(failures.length, "failures\n" + failures.slice(0, 12).join("\n"));
    expect(failures.length).toBe(0);
  }, 600000);
});
