import { writeFileAtomic } from "../io/index.ts";
import { ACTIVATIONS, activationCurve, type Curve } from "../nn/index.ts";
import { lineChart, type Panel } from "./chart.ts";
import { out } from "./colors.ts";
import { UsageError } from "./errors.ts";
import { named } from "./near.ts";

export interface PlotFlags {
  readonly from: number;
  readonly to: number;
  readonly out: string;
  readonly derivative?: boolean;
  readonly json?: boolean;
}

/** `chainrule plot activation`: curves of activations in one picture, or as numbers. */
export async function plotActivationCommand(names: readonly string[], flags: PlotFlags): Promise<void> {
  const { from, to, derivative, json } = flags;
  const chosen = names.map((name) => named("activation", name, Object.keys(ACTIVATIONS)));
  if (!(from < to)) throw new UsageError(`there is nothing from ${from} to ${to}: --from must be less than --to.`);
  const curves = new Map<string, Curve>();
  for (const name of chosen) curves.set(name, await activationCurve(ACTIVATIONS[name], { from, to, points: POINTS }));

  const panel = (title: string, key: "y" | "dy"): Panel => ({
    title,
    x: { label: "x" },
    lines: new Map([...curves].map(([name, curve]) => [name, { x: curve.x, y: curve[key] }])),
  });
  const panels = [panel("f(x)", "y"), ...(derivative ? [panel("f′(x)", "dy")] : [])];
  await writeFileAtomic(flags.out, lineChart(panels));

  if (json) {
    const numbers = (values: Float64Array) => [...values];
    for (const [activation, { x, y, dy }] of curves) {
      print({ event: "curve", activation, x: numbers(x), y: numbers(y), dy: numbers(dy) });
    }
    print({ event: "plot", file: flags.out });
  } else process.stdout.write(`saved ${out.bold(flags.out)}\n`);
}

const POINTS = 401;

const print = (event: object): boolean => process.stdout.write(`${JSON.stringify(event)}\n`);
