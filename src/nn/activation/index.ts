import { relu, sigmoid, type Tensor, tanh } from "../../tensor/index.ts";
import { Module } from "../module.ts";

export { logSoftmax, relu, sigmoid, softmax, tanh } from "../../tensor/index.ts";

/** max(x, 0), element by element; its derivative at 0 is 0. */
export class ReLU extends Module {
  override forward(x: Tensor): Tensor {
    return relu(x);
  }
}

/** The hyperbolic tangent, element by element. */
export class Tanh extends Module {
  override forward(x: Tensor): Tensor {
    return tanh(x);
  }
}

/** 1 / (1 + e⁻ˣ), element by element. */
export class Sigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return sigmoid(x);
  }
}
