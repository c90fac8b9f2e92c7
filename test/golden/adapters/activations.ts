import type { Tensor } from "../../../src/index.ts";
import {
  celu,
  elu,
  geglu,
  gelu,
  glu,
  hardshrink,
  hardsigmoid,
  hardswish,
  hardtanh,
  leakyRelu,
  linearActivation,
  logit,
  logSigmoid,
  maxout,
  mish,
  prelu,
  reglu,
  relu,
  relu6,
  rrelu,
  selu,
  sigmoid,
  silu,
  softmin,
  softplus,
  softshrink,
  softsign,
  step,
  swiglu,
  tanh,
  tanhshrink,
  threshold,
} from "../../../src/nn/index.ts";
import type { Operator } from "./operators.ts";

/** Functions of one tensor with options. */
function elementwise(
  functions: Readonly<Record<string, (x: Tensor, options: never) => Tensor>>,
): Record<string, Operator<never>> {
  return Object.fromEntries(
    Object.entries(functions).map(([name, f]): [string, Operator<never>] => [name, ([x], options) => f(x, options)]),
  );
}

/** Functions of one tensor along a dimension. */
function along(
  functions: Readonly<Record<string, (x: Tensor, dim: number) => Tensor>>,
): Record<string, Operator<{ dim: number }>> {
  return Object.fromEntries(
    Object.entries(functions).map(([name, f]) => [
      name,
      ([x]: readonly Tensor[], options: { dim: number }) => f(x, options.dim),
    ]),
  );
}

const learned: Readonly<Record<string, Operator<never>>> = {
  prelu: ([x, weight]) => prelu(x, weight),
  silu: ([x, beta], options: { beta?: number }) => silu(x, beta ? { beta } : options),
  maxout: ([x], { pieces, dim }: { pieces: number; dim?: number }) => maxout(x, pieces, dim),
  threshold: ([x], options: { threshold: number; value: number }) => threshold(x, options.threshold, options.value),
};

export const ACTIVATIONS: Readonly<Record<string, Operator<never>>> = {
  ...elementwise({
    linearActivation,
    step,
    sigmoid,
    tanh,
    logit,
    hardsigmoid,
    logSigmoid,
    hardtanh,
    softsign,
    softplus,
  }),
  ...elementwise({ relu, relu6, leakyRelu, rrelu, elu, celu, selu, gelu, mish, hardswish }),
  ...elementwise({ tanhshrink, softshrink, hardshrink }),
  ...along({ glu, reglu, geglu, swiglu, softmin }),
  ...learned,
};
