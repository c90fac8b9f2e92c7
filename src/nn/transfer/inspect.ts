import { sameShape } from "../../core/shape.ts";
import type { Tensor } from "../../tensor/index.ts";
import type { Module } from "../module.ts";

/** What one layer has learned. */
export interface LayerState {
  readonly name: string;
  /** the class */
  readonly type: string;
  /** elements of its own parameters */
  readonly parameters: number;
  /** whether some of them have gradients */
  readonly trainable: boolean;
  /** ‖w‖ of all of them */
  readonly norm: number;
  /** ‖w − w₀‖ / ‖w₀‖ against the state dict `before`; undefined without one, and for a layer that it does not have in this shape */
  readonly change: number | undefined;
}

/**
 * Every layer that has parameters: how large its weights are, and how far they have moved since `before`, such as the
 * state dict of a pretrained model. `console.table` shows it.
 *
 * ```ts
 * const model = new Sequential(new Linear(4, 8), new ReLU(), new Linear(8, 2));
 * const before = model.stateDict();
 * (model[2] as Linear).weight.assign((model[2] as Linear).weight.mul(2).detach());
 * model[0].freeze();
 * const layers = await inspectLayers(model, before);
 * layers.map(({ name, trainable }) => [name, trainable]); // [ [ '0', false ], [ '2', true ] ]
 * layers[0].change; // 0
layers[1].change! > 0.1; // true
 * ```
 */
export async function inspectLayers(model: Module, before?: Readonly<Record<string, Tensor>>): Promise<LayerState[]> {
  const states: LayerState[] = [];
  for (const [name, layer] of model.namedModules()) {
    const own = layer.namedParameters({ recurse: false });
    if (own.length === 0) continue;
    const now = own.map(([, parameter]) => parameter.detach());
    const then = own.map(([field], i) => {
      const old = before?.[name === "" ? field : `${name}.${field}`];
      return old && sameShape(old.shape, now[i].shape) ? old : undefined;
    });
    states.push({
      name,
      type: layer.constructor.name,
      parameters: now.reduce((sum, weight) => sum + weight.numel(), 0),
      trainable: own.some(([, parameter]) => parameter.requiresGrad),
      norm: await norm(now),
      change: isComplete(then) ? (await norm(now.map((w, i) => w.sub(then[i])))) / (await norm(then)) : undefined,
    });
  }
  return states;
}

const isComplete = (tensors: readonly (Tensor | undefined)[]): tensors is readonly Tensor[] =>
  tensors.every((tensor) => tensor !== undefined);

/** The Euclidean norm of all elements together. */
async function norm(tensors: readonly Tensor[]): Promise<number> {
  const squares = await Promise.all(tensors.map((x) => x.to("f64").square().sum().item()));
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
}
