/** The training step that docs/architecture.md follows, and what the library prints of it. */

import { readFileSync } from "node:fs";
import { compile, manualSeed, randn, setDevice, type Tensor } from "../../src/index.ts";
import { Linear, mseLoss } from "../../src/nn/index.ts";
import { SGD } from "../../src/optim/index.ts";

/** Every text that the document shows, by name. The device must not be chosen yet, or be wasm with two threads. */
export function printedTexts(): Record<string, string> {
  process.env["CHAINRULE_THREADS"] = "2"; // the code for one thread is a little different
  setDevice("wasm");
  manualSeed(0);
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
  return {
    code: `\`\`\`ts\n${ownSource()}\`\`\``,
    loss: block(loss.inspect().graph),
    graph: block(graph),
    loops: block(loops),
    memory: block(columns(memory)),
    source: block(source),
  };
}

/** The document with the texts between its markers, `<!-- printed: NAME -->` and `<!-- end -->`. */
export function withTexts(document: string, texts: Readonly<Record<string, string>>): string {
  return document.replace(/(<!-- printed: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g, (_, begin, name, end) => {
    if (!(name in texts)) throw new Error(`there is no text "${name}"; there are ${Object.keys(texts).join(", ")}.`);
    return `${begin}${texts[name]}\n${end}`;
  });
}

const block = (text: string): string => `\`\`\`text\n${text}\n\`\`\``;

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
