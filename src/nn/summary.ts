import { logAsText } from "../core/inspect.ts";
import { type DType, noGrad, type Shape, Tensor, zeros } from "../tensor/index.ts";
import type { Module } from "./module.ts";

/** What one output of a layer, or of all layers so far, sees along each spatial dimension. */
export interface ReceptiveField {
  /** positions of the input from the first to the last that count */
  readonly size: readonly number[];
  /** how far apart neighbouring outputs look; below 1 where there are more outputs than inputs */
  readonly step: readonly number[];
}

/** One line of a summary. */
export interface SummaryRow {
  /** "" for the module itself */
  readonly name: string;
  /** the class */
  readonly type: string;
  /** of its first output; undefined if the module was not called, or gave something else than tensors */
  readonly output: Shape | undefined;
  /** elements of its own parameters, without those of modules within */
  readonly parameters: number;
  /** over all calls, without those of modules within */
  readonly multiplyAdds: number;
  /** in positions of the model's input; undefined without spatial dimensions there */
  readonly receptiveField: ReceptiveField | "all" | undefined;
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
    const within = (name: string) =>
      this.rows.filter((row) => row.name !== name && (row.name === "" || name.startsWith(`${row.name}.`)));
    const local = this.rows.some(({ receptiveField: f }) => typeof f === "object" && f.size.some((size) => size > 1));
    const lines = this.rows.map(({ name, type, output, parameters, multiplyAdds, receptiveField }) => [
      `${"  ".repeat(within(name).length)}${name ? `${name}: ` : ""}${type}`,
      output ? `(${output.join(", ")})` : "",
      show(parameters),
      show(multiplyAdds),
      ...(local ? showField(receptiveField) : []),
    ]);
    const table = [
      ["Layer", "Output", "Parameters", "Multiply-adds", ...(local ? ["Receptive field", "Step"] : [])],
      ...lines,
      ["Total", "", show(this.parameters), show(this.multiplyAdds), ...(local ? ["", ""] : [])],
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

/** "7" for 7 × 7, "7 × 3" otherwise: the size, and the step. */
function showField(field: SummaryRow["receptiveField"]): [size: string, step: string] {
  if (field === undefined || field === "all") return [field ?? "", ""];
  const text = (list: readonly number[]) =>
    (list.every((n) => n === list[0]) ? [list[0]] : list).map((n) => Number(n.toFixed(3))).join(" × ");
  return [text(field.size), text(field.step)];
}

interface Calls {
  output: Shape | undefined;
  multiplyAdds: number;
  receptiveField: SummaryRow["receptiveField"];
}

/** Calls the module on a tensor that is never computed, and watches what its layers give. */
export function summarize(module: Module, inputShape: Shape, dtype: DType = "f32"): Summary {
  const layers = module.namedModules();
  const modes = layers.map(([, layer]) => layer.training);
  const input = zeros(inputShape, { dtype });
  const sight = new Sight(input, module);
  const calls = layers.map(([, layer]) => watch(layer, sight));
  try {
    module.eval(); // training changes what modules keep
    noGrad(() => (module as Module & { forward(x: Tensor): unknown }).forward(input));
  } finally {
    for (const { hook } of calls) hook.remove();
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

/** How much of the model's input tensors see, followed through their graph. */
class Sight {
  readonly #known = new Map<Tensor["value"], SummaryRow["receptiveField"]>();

  constructor(input: Tensor, model: Module) {
    // Weights see nothing, however they came about.
    for (const [, variable] of [...model.namedParameters(), ...model.namedBuffers()]) {
      this.#known.set(variable.value, undefined);
    }
    const each = input.shape.slice(2).map(() => 1);
    this.#known.set(input.value, each.length > 0 ? { size: each, step: each } : undefined);
  }

  /** What a tensor that goes in or out of a layer sees. */
  of({ value }: Tensor): SummaryRow["receptiveField"] {
    const field = this.#behind(value);
    if (typeof field === "object" && field.size.length !== value.shape.length - 2) this.#known.set(value, "all");
    return this.#known.get(value);
  }

  /** What those see that a value is made of. */
  #behind(value: Tensor["value"]): SummaryRow["receptiveField"] {
    if (!this.#known.has(value)) {
      this.#known.set(value, value.node.inputs.map((input) => this.#behind(input)).reduce(widest, undefined));
    }
    return this.#known.get(value);
  }

  /** Takes what a layer says of its output. */
  through(layer: Module, inputs: readonly Tensor[], output: Tensor): void {
    const before = inputs.map((input) => this.of(input)).reduce(widest, undefined);
    const own = inputs.length > 0 ? layer.receptiveField(inputs[0].shape, output.shape) : undefined;
    if (own === undefined || before === undefined || output.value === inputs[0].value) return;
    this.#known.set(output.value, before === "all" || own === "all" ? "all" : after(before, own));
  }
}

function widest(a: SummaryRow["receptiveField"], b: SummaryRow["receptiveField"]): SummaryRow["receptiveField"] {
  if (a === undefined || b === undefined) return a ?? b;
  if (a === "all" || b === "all") return "all";
  return { size: largest(a.size, b.size), step: largest(a.step, b.step) };
}

const largest = (a: readonly number[], b: readonly number[]): number[] => a.map((n, i) => Math.max(n, b[i] ?? 0));

/** What `next` sees through what `first` gives. */
function after(first: ReceptiveField, next: ReceptiveField): ReceptiveField | "all" {
  if (first.size.length !== next.size.length) return "all";
  return {
    size: first.size.map((size, i) => size + (next.size[i] - 1) * first.step[i]),
    step: first.step.map((step, i) => step * next.step[i]),
  };
}

/** Records a layer's outputs until the hook is removed. */
function watch(layer: Module, sight: Sight): { seen: Calls; hook: { remove(): void } } {
  const seen: Calls = { output: undefined, multiplyAdds: 0, receptiveField: undefined };
  const isTensor = (x: unknown): x is Tensor => x instanceof Tensor;
  const hook = layer.registerForwardHook((_, inputs, given) => {
    const y = Array.isArray(given) ? given[0] : given; // attention gives its weights beside the output
    seen.output = isTensor(y) ? y.shape : undefined;
    if (!isTensor(y)) return;
    seen.multiplyAdds += layer.multiplyAdds(y.shape);
    sight.through(layer, inputs.filter(isTensor), y);
    seen.receptiveField = sight.of(y);
  });
  return { seen, hook };
}
