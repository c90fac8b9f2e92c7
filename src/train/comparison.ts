import { RecipeError } from "../core/errors.ts";
import { requireName, wrongSeed } from "./recipe.ts";

/** What can be changed from the command line: numbers, strings and booleans, the seed among them. */
export interface ComparisonSettings {
  seed: number;
}

/** A line of the table: each column's cell by its name. */
export type Row = Readonly<Record<string, number | string>>;

/** What a comparison tells while it runs. */
export interface Stage {
  /** aborted by Ctrl-C */
  readonly signal: AbortSignal;
  /** the next line of the table */
  row(cells: Row): void;
  /** the next point of a line in the chart, or in the one of this number from 0 */
  point(line: string, x: number, y: number, chart?: number): void;
  /** how far a task has come, to be awaited in every step: throws once Ctrl-C was pressed, and what was told is kept */
  progress(task: string, done: number, total: number): Promise<void>;
}

/** What is learnt from a comparison. */
export interface Conclusion {
  /** whether it came out as the description says */
  readonly holds: boolean;
  /** in a sentence or two, with its numbers */
  readonly text: string;
}

/** What the axes of a chart are. */
export interface ComparisonChart {
  readonly x: string;
  readonly y: string;
  /** above it; the comparison's description by default */
  readonly title?: string;
  /** whether y goes in powers of ten; false by default */
  readonly logarithmic?: boolean;
}

/** An experiment that trains several models and holds them against one another, which `chainrule compare` runs. */
export interface Comparison<S extends ComparisonSettings = ComparisonSettings> {
  name: string;
  /** one line, shown in lists */
  description: string;
  defaults: S;
  /** the settings of `--quick`: a minute or less, to see that learning works */
  quick: Partial<S>;
  /** one, or several beside one another */
  chart: ComparisonChart | readonly ComparisonChart[];
  run(settings: S, stage: Stage): Promise<Conclusion>;
}

const comparisons = new WeakSet<object>();

/**
 * Declares a comparison: the default export of a file that `chainrule compare <file>` runs.
 *
 * Throws a RecipeError if a part is missing or the seed is out of its domain.
 *
 * ```ts
 * export default defineComparison({
 *   name: "widths",
 *   description: "a wider layer loses less",
 *   defaults: { seed: 0, steps: 100 },
 *   quick: { steps: 10 },
 *   chart: { x: "step", y: "loss" },
 *   async run({ seed, steps }, { row, point, progress }) {
 *     const losses: number[] = [];
 *     for (const width of [4, 16]) {
 *       const name = `width ${width}`;
 *       manualSeed(seed);
 *       const [x, y] = [randn([64, 2]), randn([64, 1])];
 *       const model = new Sequential(new Linear(2, width), new ReLU(), new Linear(width, 1));
 *       const optimizer = new SGD(model.parameters(), { lr: 0.1 });
 *       const train = compile(() => {
 *         const loss = mseLoss(model.forward(x), y);
 *         loss.backward();
 *         optimizer.step();
 *         optimizer.zeroGrad();
 *         return loss;
 *       });
 *       let loss = Number.NaN;
 *       for (let step = 1; step <= steps; step++) {
 *         loss = await train().item();
 *         point(name, step, loss);
 *         await progress(name, step, steps);
 *       }
 *       row({ network: name, loss });
 *       losses.push(loss);
 *     }
 *     return { holds: losses[1] < losses[0], text: `16 neurons end at ${losses[1]}, 4 at ${losses[0]}.` };
 *   },
 * });
 * ```
 */
export function defineComparison<S extends ComparisonSettings>(comparison: Comparison<S>): Comparison<S> {
  const { name } = comparison;
  requireName("comparison", name);
  if (typeof comparison.run !== "function") throw new RecipeError(`comparison "${name}" has no function \`run\`.`);
  if (!comparison.chart) throw new RecipeError(`comparison "${name}" has no \`chart: { x, y }\`.`);
  const wrong = wrongSeed(comparison.defaults?.seed);
  if (wrong) throw new RecipeError(`comparison "${name}": ${wrong}.`);
  comparisons.add(comparison);
  return comparison;
}

/** Whether a module's default export came from {@link defineComparison}. */
export const isComparison = (value: unknown): value is Comparison =>
  typeof value === "object" && value !== null && comparisons.has(value);
