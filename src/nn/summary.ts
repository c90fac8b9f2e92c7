import { logAsText } from "../core/inspect.ts";
import { type DType, noGrad, type Shape, Tensor, zeros } from "../tensor/index.ts";
import type { Module } from "./module.ts";

/** One line of a summary. */
export interface SummaryRow {
  /** "" for the module itself */
  readonly name: string;
  /** the class */
  readonly type: string;
  /** undefined if the module was not called, or gave something else than a tensor */
  readonly output: Shape | undefined;
  /** elements of its own parameters, without those of modules within */
  readonly parameters: number;
  /** over all calls, without those of modules within */
  readonly multiplyAdds: number;
}

/** What `module.summary(inputShape)` gives. */
export class Summary {
  static {
    logAsText(Summary.prototype);
  }

  readonly rows: readonly SummaryRow[];
  /** elements of all parameters */
  readonly parameters: number;
  /** elements of the parameters that have gradients */
  readonly trainable: number;
  /** of one forward pass */
  readonly multiplyAdds: number;

  constructor(rows: readonly SummaryRow[], trainable: number) {
    const total = (count: (row: SummaryRow) => number): number => rows.reduce((sum, row) => sum + count(row), 0);
    this.rows = rows;
    this.parameters = total((row) => row.parameters);
    this.trainable = trainable;
    this.multiplyAdds = total((row) => row.multiplyAdds);
  }

  /** A table. */
  toString(): string {
    const indent = (name: string) => "  ".repeat(name === "" ? 0 : name.split(".").length);
    const lines = this.rows.map(({ name, type, output, parameters, multiplyAdds }) => [
      `${indent(name)}${name ? `${name}: ` : ""}${type}`,
      output ? `(${output.join(", ")})` : "",
      show(parameters),
      show(multiplyAdds),
    ]);
    const table = [
      ["Layer", "Output", "Parameters", "Multiply-adds"],
      ...lines,
      ["Total", "", show(this.parameters), show(this.multiplyAdds)],
    ];
    const widths = table[0].map((_, column) => Math.max(...table.map((cells) => cells[column].length)));
    const rule = "─".repeat(widths.reduce((sum, width) => sum + width + 2, -2));
    const text = table.map((cells) =>
      cells
        .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
        .join("  ")
        .trimEnd(),
    );
    return [text[0], rule, ...text.slice(1, -1), rule, text[text.length - 1]].join("\n");
  }
}

const show = (count: number): string => (count === 0 ? "" : count.toLocaleString("en-US"));

interface Calls {
  output: Shape | undefined;
  multiplyAdds: number;
}

/** Calls the module on a tensor that is never computed, and watches what its layers give. */
export function summarize(module: Module, inputShape: Shape, dtype: DType = "f32"): Summary {
  const layers = module.namedModules();
  const modes = layers.map(([, layer]) => layer.training);
  const calls = layers.map(([, layer]) => watch(layer));
  try {
    module.eval(); // training changes what modules keep
    noGrad(() => (module as Module & { forward(x: Tensor): unknown }).forward(zeros(inputShape, { dtype })));
  } finally {
    for (const { unwatch } of calls) unwatch();
    // parents first: each layer ends with its own mode
    layers.forEach(([, layer], i) => void layer.train(modes[i]));
  }
  const counted = new Set<Tensor>();
  const rows = layers.map(([name, layer], i) => {
    // A shared parameter counts where it stands first.
    const parameters = layer.parameters({ recurse: false }).filter((p) => !counted.has(p) && counted.add(p));
    return { name, type: layer.constructor.name, parameters: elements(parameters), ...calls[i].seen };
  });
  return new Summary(rows, elements(module.parameters().filter((p) => p.requiresGrad)));
}

const elements = (tensors: readonly Tensor[]): number => tensors.reduce((sum, x) => sum + x.numel(), 0);

/** Records a layer's outputs until `unwatch`. */
function watch(layer: Module): { seen: Calls; unwatch: () => void } {
  const seen: Calls = { output: undefined, multiplyAdds: 0 };
  const own = Object.getOwnPropertyDescriptor(layer, "forward");
  const forward = layer.forward as (...inputs: unknown[]) => unknown;
  Object.defineProperty(layer, "forward", {
    configurable: true,
    value: (...inputs: unknown[]) => {
      const y = forward.apply(layer, inputs);
      seen.output = y instanceof Tensor ? y.shape : undefined;
      if (y instanceof Tensor) seen.multiplyAdds += layer.multiplyAdds(y.shape);
      return y;
    },
  });
  const unwatch = () => {
    if (own) Object.defineProperty(layer, "forward", own);
    else Reflect.deleteProperty(layer, "forward");
  };
  return { seen, unwatch };
}
