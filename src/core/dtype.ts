import { DTypeError } from "./errors.ts";

/** Element types. `bool` and `u8` take one byte an element, the others four or eight. */
export type DType = "f32" | "f64" | "i32" | "u32" | "u8" | "bool";

export type TypedArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array;

export const BYTES: Readonly<Record<DType, number>> = { f32: 4, f64: 8, i32: 4, u32: 4, u8: 1, bool: 1 };

const ARRAYS = {
  f32: Float32Array,
  f64: Float64Array,
  i32: Int32Array,
  u32: Uint32Array,
  u8: Uint8Array,
  bool: Uint8Array,
} as const;

/** A typed array over `length` elements of `buffer`. */
export function view(dtype: DType, buffer: ArrayBufferLike, offset = 0, length?: number): TypedArray {
  return new ARRAYS[dtype](buffer as ArrayBuffer, offset, length);
}

/** A typed array over all of `bytes`. */
export function viewBytes(dtype: DType, bytes: Uint8Array<ArrayBuffer>): TypedArray {
  return view(dtype, bytes.buffer, bytes.byteOffset, bytes.byteLength / BYTES[dtype]);
}

/** Throws a DTypeError for a name that is no dtype. */
export function checkDType(op: string, dtype: string): asserts dtype is DType {
  if (!(dtype in ARRAYS)) {
    throw new DTypeError(`${op}: there is no dtype "${dtype}"; there are ${Object.keys(ARRAYS).join(", ")}.`);
  }
}

/** A fresh, zeroed typed array. */
export function allocate(dtype: DType, length: number): TypedArray {
  return new ARRAYS[dtype](length);
}

export const isFloat = (dtype: DType): boolean => dtype === "f32" || dtype === "f64";
export const isInteger = (dtype: DType): boolean => dtype === "i32" || dtype === "u32" || dtype === "u8";

// Every dtype promotes to any that stands right of it; i32 and u32 meet in i32, since there is no i64.
const ORDER: readonly DType[] = ["bool", "u8", "u32", "i32", "f32", "f64"];

/** The dtype in which two operands meet: bool < u8 < u32 < i32 < f32 < f64. */
export function promote(a: DType, b: DType): DType {
  return ORDER.indexOf(a) >= ORDER.indexOf(b) ? a : b;
}

const categoryOf = (dtype: DType): number => (isFloat(dtype) ? 2 : dtype === "bool" ? 0 : 1);

/**
 * The dtype in which a tensor with dimensions meets one without: the latter is weak within its category (floats,
 * integers, bools), so that f32[3] · f64[] is f32, while i32[3] · f32[] is f32 as well.
 */
export function promoteScalar(a: DType, scalar: DType): DType {
  return categoryOf(scalar) > categoryOf(a) ? promote(a, scalar) : a;
}

/** The dtype of a JavaScript number beside a tensor: weak, so it bends to the tensor unless it cannot be held. */
export function weakDType(value: number | boolean, beside: DType): DType {
  if (typeof value === "boolean") return beside;
  if (isFloat(beside)) return beside;
  if (!Number.isInteger(value)) return "f32";
  return beside === "bool" ? "i32" : beside;
}

/** The value cast from one dtype to another: integers wrap, floats truncate and saturate (NaN gives 0), bool is `!= 0`. */
export function castValue(value: number, from: DType, to: DType): number {
  switch (to) {
    case "f32":
      return Math.fround(value);
    case "f64":
      return value;
    case "i32":
      return isFloat(from) ? saturate(value, -2147483648, 2147483647) | 0 : value | 0;
    case "u32":
      return isFloat(from) ? saturate(value, 0, 4294967295) >>> 0 : value >>> 0;
    case "u8":
      return isFloat(from) ? saturate(value, -2147483648, 2147483647) & 255 : value & 255;
    case "bool":
      return value !== 0 ? 1 : 0; // NaN is true, as in PyTorch
  }
}

// WebAssembly's trunc_sat, on every device.
function saturate(value: number, low: number, high: number): number {
  return Number.isNaN(value) ? 0 : Math.trunc(Math.min(Math.max(value, low), high));
}

export function requireFloat(op: string, dtype: DType): void {
  if (!isFloat(dtype))
    throw new DTypeError(
      `${op} needs a float tensor (f32 or f64), but got ${dtype}: convert it with .float() or .to("f32").`,
    );
}
