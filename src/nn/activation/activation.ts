import type { Tensor } from "../../tensor/index.ts";
import { Module } from "../module.ts";

/** An activation as a module: a function of one tensor, with options of its own. */
export abstract class Activation<Options extends object = object> extends Module {
  readonly options: Options;

  constructor(options: Options = {} as Options) {
    super();
    this.options = options;
  }

  abstract override forward(x: Tensor): Tensor;

  override extraRepr(): string {
    const plain = Object.entries(this.options).filter(([, value]) => typeof value !== "object");
    return plain.map(([name, value]) => `${name}=${value}`).join(", ");
  }
}
