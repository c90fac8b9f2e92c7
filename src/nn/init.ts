import { type DType, Parameter, rand, type Shape } from "../tensor/index.ts";

/** A parameter of numbers drawn evenly from [−bound, bound). */
export function uniform(shape: Shape, bound: number, dtype: DType | undefined): Parameter {
  return new Parameter(
    rand(shape, { dtype })
      .mul(2 * bound)
      .sub(bound),
  );
}

/** PyTorch's default for weights and biases: U(±1/√fanIn), which is Kaiming's uniform initialisation with a = √5. */
export function uniformFanIn(shape: Shape, fanIn: number, dtype: DType | undefined): Parameter {
  return uniform(shape, fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0, dtype);
}
