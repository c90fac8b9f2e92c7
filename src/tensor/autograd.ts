/** Derivatives at the front door: `backward()`, and gradients as functions. */

import { backward as differentiate } from "../autodiff/grad.ts";
import { ArgumentError, GradError } from "../core/errors.ts";
import { cutHistory, topological, type Value } from "../core/graph.ts";
import { aliasOf, isGradEnabled, withGrad } from "../core/primitives.ts";
import { sameShape, showShape } from "../core/shape.ts";
import { requireDifferentiable } from "./creation.ts";
import { postpone } from "./evaluate.ts";
import { Tensor, wrap } from "./tensor.ts";
import { activeTrace } from "./trace.ts";
import { constant } from "./values.ts";

/**
 * Runs `f` without recording what derivatives need: for evaluation, and for updates of parameters.
 *
 * ```ts
 * const x = tensor([1, 2], { requiresGrad: true });
 * noGrad(() => x.mul(2)).requiresGrad; // false
 * ```
 */
export function noGrad<T>(f: () => T): T {
  return withGrad(false, f);
}

/** Runs `f` with derivatives recorded, inside of `noGrad`. */
export function enableGrad<T>(f: () => T): T {
  return withGrad(true, f);
}

/** What `backward` notes on values. (Not in a WeakMap: every step has new ones, and the collector is slow on those.) */
interface Noted extends Value {
  /** the tensor whose `grad` this value's gradient goes to */
  owner?: Tensor;
  /** what led here was dropped after `backward` */
  released?: boolean;
}

/** From now on the gradient of `value` is kept in `owner.grad`. */
export function collectGradient(value: Value, owner: Tensor): void {
  (value as Noted).owner = owner;
}

export interface BackwardOptions {
  /** keep what was recorded, so that `backward` can be called again */
  retainGraph?: boolean;
  /** record the gradient's own computation, for derivatives of derivatives */
  createGraph?: boolean;
}

/** What `tensor.backward(gradient, options)` does. */
export function backwardFrom(root: Tensor, gradient: Tensor | undefined, options: BackwardOptions): void {
  const { createGraph = false } = options;
  const { value } = root;
  if (!value.requiresGrad) {
    throw new GradError(
      `backward: this tensor ${showShape(root.shape)} does not depend on anything that requires a gradient, or was computed under noGrad or by a compiled function (call backward inside that).`,
    );
  }
  const seed = seedOf(root, gradient);
  const reached = topological([value], (v) => !v.requiresGrad).flatMap((node) => node.outputs as readonly Noted[]);
  if (reached.some(({ released }) => released)) {
    throw new GradError(
      "backward goes through a graph that was dropped after an earlier backward: pass { retainGraph: true } to that one, or call it on the sum of both losses.",
    );
  }
  const targets = reached.filter(({ owner }) => owner);
  withGrad(createGraph, () => {
    const gradients = differentiate([value], [seed], targets);
    // A parameter that was assigned between two reads stands in the graph more than once.
    const totals = new Map<Tensor, Tensor>();
    targets.forEach((target, i) => {
      const gradient = gradients[i];
      if (!gradient) return;
      const owner = target.owner!;
      totals.set(owner, totals.get(owner)?.add(wrap(gradient)) ?? wrap(gradient));
    });
    for (const [{ gradSlot }, total] of totals) {
      gradSlot.set(gradSlot.get()?.add(total) ?? total, { keepGraph: createGraph });
    }
  });
  if (createGraph || options.retainGraph) return;
  (value as Noted).released = true;
  // The loss is wanted, and is cheapest in the program that computes its gradients.
  if (!activeTrace()) postpone({ pendingValue: () => value, settle: () => cutHistory(value.node), revert: () => {} });
}

function seedOf(root: Tensor, gradient: Tensor | undefined): Value {
  if (gradient) {
    if (sameShape(gradient.shape, root.shape)) return gradient.to(root.dtype).value;
    throw new GradError(
      `backward: the gradient has shape ${showShape(gradient.shape)}, but the tensor ${showShape(root.shape)}.`,
    );
  }
  if (root.numel() !== 1) {
    throw new GradError(
      `backward starts from one number, but this tensor is ${showShape(root.shape)}: reduce it, as in .mean().backward(), or pass a gradient of its shape.`,
    );
  }
  return constant(1, root.dtype, root.shape);
}

/** Which arguments to differentiate by. */
export interface GradOptions {
  /** positions of the arguments; 0 by default. A list gives a list of gradients. */
  argnums?: number | readonly number[];
}

type Loss<A extends readonly Tensor[]> = (...args: A) => Tensor;

/**
 * The gradient of a function that returns one number: a function of the same arguments. It nests.
 *
 * Throws a GradError if the function's result is not a single float.
 *
 * ```ts
 * const cube = (x: Tensor) => x.pow(3).sum();
 * grad(cube)(tensor([1, 2])); // tensor([ 3., 12.])
 * grad((x) => grad(cube)(x).sum())(tensor([1, 2])); // tensor([ 6., 12.])
 * ```
 */
export function grad<A extends readonly Tensor[]>(f: Loss<A>, options?: { argnums?: number }): (...args: A) => Tensor;
export function grad<A extends readonly Tensor[]>(
  f: Loss<A>,
  options: { argnums: readonly number[] },
): (...args: A) => Tensor[];
export function grad<A extends readonly Tensor[]>(
  f: Loss<A>,
  options: GradOptions = {},
): (...args: A) => Tensor | Tensor[] {
  const both = valueAndGrads(f, options);
  return (...args) => both(args).gradients;
}

/**
 * As `grad`, with the function's own value: [value, gradient].
 *
 * ```ts
 * const [value, gradient] = valueAndGrad((x: Tensor) => x.mul(x).sum())(tensor([1, 2]));
 * value; // tensor(5.)
 * gradient; // tensor([2., 4.])
 * ```
 */
export function valueAndGrad<A extends readonly Tensor[]>(
  f: Loss<A>,
  options?: { argnums?: number },
): (...args: A) => [Tensor, Tensor];
export function valueAndGrad<A extends readonly Tensor[]>(
  f: Loss<A>,
  options: { argnums: readonly number[] },
): (...args: A) => [Tensor, Tensor[]];
export function valueAndGrad<A extends readonly Tensor[]>(
  f: Loss<A>,
  options: GradOptions = {},
): (...args: A) => [Tensor, Tensor | Tensor[]] {
  const both = valueAndGrads(f, options);
  return (...args) => {
    const { value, gradients } = both(args);
    return [value, gradients];
  };
}

function valueAndGrads<A extends readonly Tensor[]>(f: Loss<A>, { argnums = 0 }: GradOptions) {
  const positions = typeof argnums === "number" ? [argnums] : argnums;
  return (args: A): { value: Tensor; gradients: Tensor | Tensor[] } => {
    for (const i of positions) {
      if (!(args[i] instanceof Tensor))
        throw new ArgumentError(`grad: argument ${i} is no tensor; there are ${args.length} arguments.`);
      requireDifferentiable(args[i]);
    }
    const record = isGradEnabled();
    const own = new Map<Value, Value>(); // each variable of this gradient, and what it stands for
    const variables = positions.map((i) => {
      const variable = aliasOf(args[i].value, true);
      own.set(variable, args[i].value);
      return variable;
    });
    const inner = args.map((arg, i) => (positions.includes(i) ? wrap(variables[positions.indexOf(i)]) : arg));
    const y = enableGrad(() => f(...(inner as unknown as A)));
    if (!(y instanceof Tensor) || y.numel() !== 1) {
      throw new GradError(
        `grad needs a function that returns one number, but got ${y instanceof Tensor ? showShape(y.shape) : typeof y}.`,
      );
    }
    const results = withGrad(record, () => {
      const found = differentiate([y.value], [seedOf(y, undefined)], variables);
      return [y.value, ...variables.map((variable, i) => found[i] ?? constant(0, variable.dtype, variable.shape))];
    });
    // The variables end here: what depends on nothing else that requires a gradient does not either.
    const [value, ...gradients] = results.map((result) =>
      wrap(dependsOnOthers(result, own) ? result : aliasOf(result, false)),
    );
    return { value, gradients: typeof argnums === "number" ? gradients[0] : gradients };
  };
}

function dependsOnOthers(result: Value, own: ReadonlyMap<Value, Value>): boolean {
  if (!result.requiresGrad) return false;
  const nodes = topological([result], (v) => !v.requiresGrad);
  return nodes.some((node) => {
    const source = own.get(node.outputs[0]);
    if (source) return source.requiresGrad;
    return node.outputs.some((output) => output.requiresGrad) && !node.inputs.some((input) => input.requiresGrad);
  });
}
