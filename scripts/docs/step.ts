/** The training step that docs/architecture.md follows, and what the library prints of it. */

import { readFileSync } from "node:fs";
import { renderPrograms } from "../../src/codegen/c/program.ts";
import type { Target } from "../../src/codegen/c/target.ts";
import type { TracedProgram } from "../../src/core/traced.ts";
import { compile, manualSeed, randn, setDevice, type Tensor } from "../../src/index.ts";
import { lower } from "../../src/lower/lower.ts";
import { Linear, mseLoss } from "../../src/nn/index.ts";
import { SGD } from "../../src/optim/index.ts";
import { currentDevice } from "../../src/runtime/select.ts";

/** Every text that the document shows, by name. The device must not be chosen yet, or be wasm with two threads. */
export function printedTexts(): Record<string, string> {
  process.env["CHAINRULE_THREADS"] = "2"; // the code for one thread is a little different
  setDevice("wasm");
  manualSeed(0);
  const traced = recordPrograms();
  // the step
  const layer = new Linear(128, 32);
  const optimizer = new SGD(layer.parameters(), { lr: 0.1 });

  const step = compile((x: Tensor, y: Tensor) => {
    const prediction = layer.forward(x).relu(); // (64, 128) ─► (64, 32)
    const loss = mseLoss(prediction, y);
    loss.backward();
    optimizer.step();
    optimizer.zeroGrad();
    return loss;
  });
  // end
  const x = randn([64, 128]);
  const y = randn([64, 32]);
  const loss = compile((x: Tensor, y: Tensor) => mseLoss(layer.forward(x).relu(), y));
  loss(x, y);
  step(x, y);
  const { graph, loops, memory, source } = step.inspect();
  const program = lower(traced.at(-1)!, { fuse: true, epilogues: true });
  const c = renderPrograms([program], { target: AVX512, units: 1, marks: false }).units[0];
  return {
    code: `\`\`\`ts\n${ownSource()}\`\`\``,
    loss: block(loss.inspect().graph),
    graph: block(graph),
    loops: block(loops),
    memory: block(columns(memory)),
    source: block(source),
    run: block(functionIn(c, "run_0"), "c"),
    kernel: block(functionIn(c, "k1"), "c"),
  };
}

/** What the device is asked to compile from now on. */
function recordPrograms(): TracedProgram[] {
  const device = currentDevice();
  const { compile } = device;
  const traced: TracedProgram[] = [];
  Object.assign(device, {
    compile(program: TracedProgram, quick?: boolean) {
      traced.push(program);
      return compile(program, quick);
    },
  });
  return traced;
}

const AVX512: Target = {
  arch: "x64",
  vectorBytes: 64,
  registers: 32,
  fma: true,
  l1: 32768,
  l2: 1048576,
  l3: 33554432,
  flags: [],
};

const functionIn = (source: string, name: string): string =>
  new RegExp(`^[^\n]*\\b${name}\\([^;]*?\\{\n[\\s\\S]*?^\\}`, "m").exec(source)![0];

/** The document with the texts between its markers, `<!-- printed: NAME -->` and `<!-- end -->`. */
export function withTexts(document: string, texts: Readonly<Record<string, string>>): string {
  return document.replace(/(<!-- printed: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g, (_, begin, name, end) => {
    if (!(name in texts)) throw new Error(`there is no text "${name}"; there are ${Object.keys(texts).join(", ")}.`);
    return `${begin}${texts[name]}\n${end}`;
  });
}

const block = (text: string, language = "text"): string => `\`\`\`${language}\n${text}\n\`\`\``;

/** The lines above between "the step" and "end". */
function ownSource(): string {
  const [, code] = readFileSync(new URL(import.meta.url), "utf8").split(/^ *\/\/ (?:the step|end)\n/m);
  return code.replace(/^ {2}/gm, "");
}

function columns(table: string): string {
  const rows = table.split("\n").map((line) => line.split("\t"));
  const widths = rows[0].map((_, i) => Math.max(...rows.filter((row) => row.length > 1).map((row) => row[i].length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (row.length > 1 ? cell.padEnd(widths[i]) : cell))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
