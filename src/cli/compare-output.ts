import { writeFileAtomic } from "../io/index.ts";
import { currentDevice } from "../runtime/select.ts";
import { breathe } from "../train/evaluate.ts";
import {
  type Comparison,
  type ComparisonChart,
  type ComparisonSettings,
  type Conclusion,
  newFolder,
  type Row,
  type Stage,
} from "../train/index.ts";
import { lineChart } from "./chart.ts";
import { err, out } from "./colors.ts";
import { RUNS } from "./places.ts";
import { duration, TaskBar } from "./progress.ts";

/** What `chainrule compare` writes: results to stdout (as JSON lines if wanted) and into a folder, the rest to stderr. */
export class CompareOutput implements Stage {
  readonly signal: AbortSignal;
  readonly #comparison: Comparison;
  readonly #settings: ComparisonSettings;
  readonly #json: boolean;
  readonly #began: number = performance.now();
  readonly #bar: TaskBar = new TaskBar();
  readonly #rows: Row[] = [];
  readonly #charts: (ComparisonChart & { readonly lines: Map<string, { x: number[]; y: number[] }> })[];

  constructor(comparison: Comparison, settings: ComparisonSettings, signal: AbortSignal, json: boolean) {
    this.#comparison = comparison;
    this.#settings = settings;
    this.signal = signal;
    this.#json = json;
    this.#charts = [comparison.chart].flat().map((chart) => ({ ...chart, lines: new Map() }));
  }

  header(): void {
    const { name, description } = this.#comparison;
    const settings = Object.entries(this.#settings).map(([key, value]) => `${key}=${value}`);
    say(`${err.bold(name)}  ${description}`);
    say(err.dim(`device    ${currentDevice().description}`));
    say(err.dim(`settings  ${settings.join(" ")}`));
  }

  // The stage's functions are taken out of it: { row, point, progress }.

  readonly row = (cells: Row): void => {
    this.#bar.hide();
    this.#rows.push(cells);
    const told = Object.entries(cells).map(([column, cell], i) => (i === 0 ? cell : `${column} ${shown(cell)}`));
    if (this.#json) this.#event({ event: "row", ...cells });
    else say(err.dim(`${duration(this.#seconds())}  ${told.join(", ")}`));
  };

  readonly point = (line: string, x: number, y: number, chart = 0): void => {
    const { lines } = this.#charts[chart];
    if (!lines.has(line)) lines.set(line, { x: [], y: [] });
    lines.get(line)?.x.push(x);
    lines.get(line)?.y.push(y);
  };

  readonly progress = async (task: string, done: number, total: number): Promise<void> => {
    this.#bar.show(task, done, total);
    await breathe();
    this.signal.throwIfAborted();
  };

  stopping(): void {
    this.end();
    say("stopping after this step; Ctrl-C again stops at once");
  }

  /** Takes the progress away. */
  end(): void {
    this.#bar.hide();
  }

  /** Without a conclusion: what there is of an interrupted comparison. */
  async finish(conclusion: Conclusion | undefined): Promise<void> {
    const { name, description } = this.#comparison;
    const folder = await newFolder(RUNS, name);
    const [json, svg] = [`${folder}/comparison.json`, `${folder}/chart.svg`];
    const [rows, seconds] = [this.#rows, this.#seconds()];
    const device = currentDevice().name;
    const charts = this.#charts.map(({ lines, ...chart }) => ({ ...chart, lines: Object.fromEntries(lines) }));
    const all = { name, settings: this.#settings, device, seconds, rows, charts, conclusion };
    await writeFileAtomic(json, `${JSON.stringify(all, null, 2)}\n`);
    const panels = this.#charts.map(({ title = description, lines, x, y, logarithmic }) => {
      return {
        title,
        lines,
        x: { label: x },
        y: { label: y, ...(logarithmic && { type: "log" as const, tickFormat: "~g" }) },
      };
    });
    await writeFileAtomic(svg, lineChart(panels, { width: 720, height: 400 }));
    if (this.#json) this.#event({ event: conclusion ? "done" : "interrupted", ...conclusion, seconds, json, svg });
    else {
      for (const [i, line] of table(rows).entries()) process.stdout.write(`${i === 0 ? out.bold(line) : line}\n`);
      if (conclusion) process.stdout.write(`\n${conclusion.text}\n`);
      say(`${conclusion ? "" : "interrupted: this is what there is\n"}saved ${json}, ${svg}  ${duration(seconds)}`);
    }
  }

  #event(fields: object): void {
    process.stdout.write(`${JSON.stringify(fields)}\n`);
  }

  #seconds(): number {
    return (performance.now() - this.#began) / 1000;
  }
}

/** A head and a line for each row, nothing without rows: words to the left, numbers to the right. */
export function table(rows: readonly Row[]): string[] {
  if (rows.length === 0) return [];
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const isNumeric = (column: string) => rows.every((row) => typeof (row[column] ?? 0) === "number");
  const cells = [columns, ...rows.map((row) => columns.map((column) => shown(row[column] ?? "")))];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i].length)));
  return cells.map((line) =>
    line
      .map((cell, i) => (isNumeric(columns[i]) ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
      .join("  ")
      .trimEnd(),
  );
}

/** 12345 is "12,345", a third "0.3333". */
function shown(cell: number | string): string {
  if (typeof cell === "string") return cell;
  return Number.isInteger(cell) ? cell.toLocaleString("en") : cell.toFixed(4);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
