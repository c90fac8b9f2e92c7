/** Tensors as text, as PyTorch prints them: four digits, at most 1000 elements in full, 80 columns. */

import { type DType, isFloat } from "../core/dtype.ts";
import { numel, rowMajor, type Shape, showShape } from "../core/shape.ts";

const PRECISION = 4;
const THRESHOLD = 1000;
const EDGE = 3;
const WIDTH = 80;

// What a reader takes for granted has no dtype= behind it.
const UNMARKED: readonly DType[] = ["f32", "i32", "bool"];

type Show = (value: number) => string;

/** `tensor([...])`, with what is unusual about it behind. */
export function formatTensor(data: ArrayLike<number>, shape: Shape, dtype: DType, requiresGrad: boolean): string {
  const prefix = "tensor(";
  const suffixes: string[] = [];
  const empty = numel(shape) === 0;
  if (empty && shape.length !== 1) suffixes.push(`size=${showShape(shape)}`);
  if (empty ? dtype !== "f32" : !UNMARKED.includes(dtype)) suffixes.push(`dtype=${dtype}`);
  if (requiresGrad) suffixes.push("requiresGrad=true");
  return addSuffixes(prefix + (empty ? "[]" : formatBody(data, shape, dtype, prefix.length)), suffixes, prefix.length);
}

/** Where there are no numbers to show. */
export function formatUnknown(shape: Shape, dtype: DType, why: string): string {
  return `tensor(${why}, size=${showShape(shape)}, dtype=${dtype})`;
}

function addSuffixes(text: string, suffixes: readonly string[], indent: number): string {
  let column = text.length - text.lastIndexOf("\n") + 1;
  for (const suffix of suffixes) {
    if (column + suffix.length + 2 > WIDTH) {
      text += `,\n${" ".repeat(indent)}${suffix}`;
      column = indent + suffix.length;
    } else {
      text += `, ${suffix}`;
      column += suffix.length + 2;
    }
  }
  return `${text})`;
}

function formatBody(data: ArrayLike<number>, shape: Shape, dtype: DType, indent: number): string {
  const summarize = numel(shape) > THRESHOLD;
  const strides = rowMajor(shape);
  const shown: number[] = [];
  const visit = (depth: number, offset: number) => {
    if (depth === shape.length) shown.push(data[offset]);
    else for (const i of edges(shape[depth], summarize)) if (i >= 0) visit(depth + 1, offset + i * strides[depth]);
  };
  visit(0, 0);
  const { show, width } = formatter(shown, dtype);
  const pad: Show = (value) => show(value).padStart(width);

  const render = (depth: number, offset: number, column: number): string => {
    if (depth === shape.length) return pad(data[offset]);
    const places = edges(shape[depth], summarize);
    if (depth === shape.length - 1) {
      const items = places.map((i) => (i < 0 ? " ..." : pad(data[offset + i])));
      const perLine = Math.max(1, Math.floor((WIDTH - column) / (width + 2)));
      const lines: string[] = [];
      for (let i = 0; i < items.length; i += perLine) lines.push(items.slice(i, i + perLine).join(", "));
      return `[${lines.join(`,\n${" ".repeat(column + 1)}`)}]`;
    }
    const parts = places.map((i) => (i < 0 ? "..." : render(depth + 1, offset + i * strides[depth], column + 1)));
    return `[${parts.join(`,${"\n".repeat(shape.length - depth - 1)}${" ".repeat(column + 1)}`)}]`;
  };
  return render(0, 0, indent);
}

/** The positions that are shown; −1 stands for those left out. */
function edges(size: number, summarize: boolean): number[] {
  const all = Array.from({ length: size }, (_, i) => i);
  return summarize && size > 2 * EDGE ? [...all.slice(0, EDGE), -1, ...all.slice(-EDGE)] : all;
}

/** One style for all elements: whole numbers, four decimals, or scientific where the range is wide. */
function formatter(values: readonly number[], dtype: DType): { show: Show; width: number } {
  const widest = (some: readonly number[], show: Show) => some.reduce((w, v) => Math.max(w, show(v).length), 1);
  if (!isFloat(dtype)) {
    const show: Show = dtype === "bool" ? (v) => (v ? "True" : "False") : (v) => `${v}`;
    return { show, width: widest(values, show) };
  }
  const ordinary = values.filter((v) => Number.isFinite(v) && v !== 0);
  const sizes = ordinary.map(Math.abs);
  const largest = sizes.reduce((a, b) => Math.max(a, b), 0);
  const smallest = sizes.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const whole = ordinary.every(Number.isInteger);
  const wide = largest / smallest > 1000 || largest > 1e8 || (!whole && smallest < 1e-4);
  const show: Show = wide
    ? scientific
    : whole
      ? (v) => (Number.isFinite(v) ? `${fixed(v, 0)}.` : special(v))
      : (v) => fixed(v, PRECISION);
  return { show, width: widest(ordinary, show) };
}

const special = (v: number): string => (Number.isNaN(v) ? "nan" : v > 0 ? "inf" : "-inf");

/** Rounded half to even on the exact value; JavaScript rounds exact halves away from zero. */
function fixed(v: number, digits: number): string {
  if (!Number.isFinite(v)) return special(v);
  const sign = v < 0 || Object.is(v, -0) ? "-" : "";
  const exact = Math.abs(v).toFixed(100);
  return (
    sign +
    (isEvenHalf(exact, exact.indexOf(".") + digits)
      ? exact.slice(0, exact.indexOf(".") + digits + 1)
      : Math.abs(v).toFixed(digits))
  );
}

function scientific(v: number): string {
  if (!Number.isFinite(v)) return special(v);
  const [mantissa] = v.toExponential(100).split("e");
  const at = mantissa.indexOf(".") + PRECISION;
  const [rounded, exponent] = v.toExponential(PRECISION).split("e");
  const sign = Object.is(v, -0) ? "-" : "";
  const digits = isEvenHalf(mantissa, at) ? mantissa.slice(0, at + 1) : rounded;
  return `${sign}${digits}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}

/** Whether what follows position `last` is exactly a half, and the digit there is even. */
function isEvenHalf(text: string, last: number): boolean {
  return /^50*$/.test(text.slice(last + 1)) && "02468".includes(text[last]);
}
