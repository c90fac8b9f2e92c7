/**
 * Weights that are computed from others: `module.weight` becomes what a parametrization makes of its originals, which are
 * what is learned and saved, as torch.nn.utils.parametrize does it.
 *
 * `module.parametrizations.weight` holds the originals and, as `0`, the module that computes; so its state stands in the
 * state dict as `parametrizations.weight.original` and `parametrizations.weight.0.…`. The field itself gives the weight.
 */

import { ArgumentError, StateError } from "../../core/errors.ts";
import { noGrad, Parameter, type Tensor } from "../../tensor/index.ts";
import { type Module, snakeCase } from "../module.ts";

/** Computes a weight from its originals. */
export type Parametrization = Module & { forward(...originals: Tensor[]): Tensor };

type Originals = Record<string, Parameter>;

interface Parametrized extends Module {
  parametrizations?: Record<string, Originals & { 0: Parametrization }>;
}

/** The parameter in the field `name`. Throws an ArgumentError if there is none, a StateError if it is parametrized. */
export function parameterOf(op: string, module: Module, name: string): Parameter {
  if ((module as Parametrized).parametrizations?.[snakeCase(name)]) {
    throw new StateError(
      `${op}: ${module.constructor.name}.${name} is parametrized already: call removeParametrizations first.`,
    );
  }
  const value = (module as unknown as Record<string, unknown>)[name];
  if (!(value instanceof Parameter)) {
    throw new ArgumentError(`${op}: ${module.constructor.name} has no parameter "${name}".`);
  }
  return value;
}

/** Has `parametrization` compute the field `name` from `originals` whenever it is read. */
export function parametrize(
  module: Module,
  name: string,
  originals: Originals,
  parametrization: Parametrization,
): void {
  const holder = module as Parametrized;
  const inputs = Object.values(originals);
  parametrization.train(module.training);
  // The first parametrization makes the field, so that its parameters come after the module's own, as in PyTorch.
  holder.parametrizations ??= {};
  holder.parametrizations[snakeCase(name)] = Object.assign({ ...originals }, { 0: parametrization });
  Object.defineProperty(module, name, {
    configurable: true,
    enumerable: false, // it is no parameter
    get: () => parametrization.forward(...inputs),
  });
}

/**
 * Makes a parametrized weight a parameter again, with the value that it has now; optimizers must be given it anew.
 *
 * Throws a StateError if `name` is not parametrized.
 *
 * ```ts
 * const layer = weightNorm(new Linear(3, 2));
 * Object.keys(removeParametrizations(layer, "weight").stateDict()); // [ 'weight', 'bias' ]
 * ```
 */
export function removeParametrizations<M extends Module>(module: M, name: string): M {
  const holder = module as Parametrized;
  const key = snakeCase(name);
  if (!holder.parametrizations?.[key]) {
    throw new StateError(`removeParametrizations: ${module.constructor.name}.${name} is not parametrized.`);
  }
  const weight = noGrad(() => (module as unknown as Record<string, Tensor>)[name]);
  delete holder.parametrizations[key];
  if (Object.keys(holder.parametrizations).length === 0) delete holder.parametrizations;
  Object.defineProperty(module, name, {
    configurable: true,
    enumerable: true,
    writable: true,
    value: new Parameter(weight),
  });
  return module;
}
