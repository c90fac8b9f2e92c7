/** How parameters begin: `init.xavierUniform(layer.weight)` assigns a parameter and gives it. */

export {
  constant,
  type DiracOptions,
  dirac,
  eye,
  type InitOptions,
  type NormalOptions,
  normal,
  ones,
  type SparseOptions,
  sparse,
  type TruncNormalOptions,
  truncNormal,
  type UniformOptions,
  uniform,
  zeros,
} from "./fill.ts";
export { orthogonal } from "./orthogonal.ts";
export {
  calculateGain,
  type KaimingOptions,
  kaimingNormal,
  kaimingUniform,
  lecunNormal,
  lecunUniform,
  type Nonlinearity,
  type XavierOptions,
  xavierNormal,
  xavierUniform,
} from "./scaled.ts";
