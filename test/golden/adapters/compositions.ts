/** What each golden composition of tensor operators is in chainrule. */

import {
  type AddedOptions,
  type AddProductOptions,
  addcdiv,
  addcmul,
  addmm,
  cdist,
  cross,
  deg2rad,
  entr,
  erfc,
  kron,
  logaddexp,
  logaddexp2,
  logcumsumexp,
  rad2deg,
  sinc,
  sliceScatter,
  tensordot,
  trapezoid,
  xlog1py,
  xlogy,
} from "../../../src/index.ts";
import type { Operator } from "./operators.ts";

/** What a composition takes beside tensors. Each one's cases have the options that it reads. */
interface Options extends AddedOptions, AddProductOptions {
  readonly dim: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
  readonly p: number;
}

export const COMPOSITIONS: Readonly<Record<string, Operator<Options>>> = {
  addcdiv: ([x, a, b], options) => addcdiv(x, a, b, options),
  addcmul: ([x, a, b], options) => addcmul(x, a, b, options),
  addmm: ([x, a, b], options) => addmm(x, a, b, options),
  cdist: ([a, b], { p }) => cdist(a, b, p),
  cross: ([a, b], { dim }) => cross(a, b, dim),
  deg2rad: ([x]) => deg2rad(x),
  entr: ([x]) => entr(x),
  erfc: ([x]) => erfc(x),
  kron: ([a, b]) => kron(a, b),
  logaddexp: ([a, b]) => logaddexp(a, b),
  logaddexp2: ([a, b]) => logaddexp2(a, b),
  logcumsumexp: ([x], { dim }) => logcumsumexp(x, dim),
  rad2deg: ([x]) => rad2deg(x),
  sinc: ([x]) => sinc(x),
  sliceScatter: ([x, source], { dim, start, end, step }) => sliceScatter(x, source, dim, start, end, step),
  tensordot: ([a, b]) => tensordot(a, b),
  trapezoid: ([y, x], { dim }) => trapezoid(y, x, dim),
  xlog1py: ([a, b]) => xlog1py(a, b),
  xlogy: ([a, b]) => xlogy(a, b),
};
