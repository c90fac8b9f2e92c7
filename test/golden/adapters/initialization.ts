/** What each golden initialisation is in chainrule. */

import { Generator, rand, randn, type Shape, type Tensor, tensor, Variable, zeros } from "../../../src/index.ts";
import { init } from "../../../src/nn/index.ts";
import type { Operator } from "./operators.ts";

/** What an initialisation takes beside a parameter. Each one's cases have the options that it reads. */
interface InitOptions extends init.KaimingOptions, init.XavierOptions, init.DiracOptions {
  readonly value: number;
  readonly slope?: number;
  readonly nonlinearity: init.Nonlinearity;
  readonly shape: Shape;
}

type Initialization = Operator<InitOptions>;

/** What the unit of a draw became: the bound of [−1, 1), or the standard deviation of N(0, 1). */
const extent =
  (draw: (shape: Shape, generator: Generator) => Tensor, f: typeof init.kaimingUniform): Initialization =>
  (_, { shape, ...options }) => {
    const parameter = f(new Variable(zeros(shape, { dtype: "f64" })), { ...options, generator: new Generator(1) });
    const unit = draw(shape, new Generator(1));
    return parameter.mul(unit).sum().div(unit.mul(unit).sum()); // least squares: parameter = extent · unit
  };

const uniform = (shape: Shape, generator: Generator): Tensor => rand(shape, { dtype: "f64", generator }).mul(2).sub(1);
const normal = (shape: Shape, generator: Generator): Tensor => randn(shape, { dtype: "f64", generator });

export const INITIALIZATION: Readonly<Record<string, Initialization>> = {
  "init.calculateGain": (_, { nonlinearity, slope }) =>
    tensor(init.calculateGain(nonlinearity, slope), { dtype: "f64" }),
  "init.constant": ([x], { value }) => init.constant(new Variable(x), value),
  "init.ones": ([x]) => init.ones(new Variable(x)),
  "init.zeros": ([x]) => init.zeros(new Variable(x)),
  "init.eye": ([x]) => init.eye(new Variable(x)),
  "init.dirac": ([x], options) => init.dirac(new Variable(x), options),
  "init.xavierUniform": extent(uniform, init.xavierUniform),
  "init.xavierNormal": extent(normal, init.xavierNormal),
  "init.kaimingUniform": extent(uniform, init.kaimingUniform),
  "init.kaimingNormal": extent(normal, init.kaimingNormal),
};
