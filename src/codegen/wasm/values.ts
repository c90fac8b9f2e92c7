/**
 * What a value is in a register, and how each operation computes one.
 *
 * Every value is a v128, so that an operation is written once: a scalar is a vector whose lanes are all equal, and the
 * end of a row is a vector whose last lanes mean nothing. Code that touches f64 works on two lanes (the low two of what
 * takes 32 bits), other code on four.
 *
 * f32: f32x4; f64: f64x2; i32 and u32: i32x4; u8: i32x4 of 0 to 255; bool: i32x4 of 0 or −1.
 */

import { BYTES, type DType, isFloat } from "../../core/dtype.ts";
import { InternalError } from "../../core/errors.ts";
import type { BinaryOp, CompareOp, UnaryOp } from "../../core/primitives.ts";
import type { FunctionBuilder } from "./assembler.ts";
import type { KernelContext } from "./context.ts";

/** What is known of the lanes of operands, for operations that take them one by one. */
export interface Lanes {
  /** how many hold a value */
  readonly active: number;
  /** whether all lanes are equal: then one is computed where lanes are computed one by one */
  readonly uniform: boolean;
}

/** A constant mask of the first lanes. */
export function activeMask(active: number, dtype: DType = "i32"): [number, number, number, number] {
  const lanes = dtype === "f64" ? 2 * active : active;
  return [0, 1, 2, 3].map((lane) => (lane < lanes ? -1 : 0)) as [number, number, number, number];
}

const shapeOf = (dtype: DType): "f32x4" | "f64x2" => (dtype === "f64" ? "f64x2" : "f32x4");

const FLOAT_UNARY = {
  neg: "neg",
  abs: "abs",
  sqrt: "sqrt",
  floor: "floor",
  ceil: "ceil",
  round: "nearest",
  trunc: "trunc",
} as const;

const FLOAT_BINARY = { add: "add", sub: "sub", mul: "mul", div: "div", maximum: "max", minimum: "min" } as const;

const BITS = { and: "v128.and", or: "v128.or", xor: "v128.xor" } as const;

/** Emits operations on vectors that are on the stack. */
export class Values {
  readonly #f: FunctionBuilder;
  readonly #context: KernelContext;
  readonly width: 2 | 4;

  constructor(f: FunctionBuilder, context: KernelContext, width: 2 | 4) {
    this.#f = f;
    this.#context = context;
    this.width = width;
  }

  /** ─► value */
  constant(dtype: DType, value: number): void {
    const f = this.#f;
    if (dtype === "f32") f.f32x4(value);
    else if (dtype === "f64") f.f64x2(value);
    else if (dtype === "bool") f.i32x4(value !== 0 ? -1 : 0);
    else f.i32x4(value);
  }

  /** x ─► name(x) */
  unary(name: UnaryOp, dtype: DType): void {
    const f = this.#f;
    if (name === "not") {
      f.op("v128.not");
      if (dtype === "u8") this.#wrap(dtype);
    } else if (name === "sign") this.#sign(dtype);
    else if (!isFloat(dtype)) {
      if (name === "neg") f.op("i32x4.neg");
      else if (name === "abs" && dtype === "i32") f.op("i32x4.abs");
      this.#wrap(dtype);
    } else if (name in FLOAT_UNARY) f.op(`${shapeOf(dtype)}.${FLOAT_UNARY[name as keyof typeof FLOAT_UNARY]}`);
    else throw new InternalError(`${name} of ${dtype} reached the wasm renderer: the lowering expands it.`);
  }

  /** a, b ─► name(a, b) */
  binary(name: BinaryOp, dtype: DType, lanes: Lanes & { readonly uniformShift: boolean }): void {
    const f = this.#f;
    if (name in BITS) f.op(BITS[name as keyof typeof BITS]);
    else if (name in FLOAT_BINARY && isFloat(dtype)) {
      f.op(`${shapeOf(dtype)}.${FLOAT_BINARY[name as keyof typeof FLOAT_BINARY]}`);
    } else if (name === "mod" && isFloat(dtype)) this.#fmod(dtype, lanes);
    else this.#integer(name, dtype, lanes);
  }

  #integer(name: BinaryOp, dtype: DType, lanes: Lanes & { readonly uniformShift: boolean }): void {
    const f = this.#f;
    switch (name) {
      case "add":
      case "sub":
      case "mul":
        f.op(`i32x4.${name}`);
        this.#wrap(dtype);
        return;
      case "maximum":
        f.op(dtype === "u32" ? "i32x4.max_u" : "i32x4.max_s");
        return;
      case "minimum":
        f.op(dtype === "u32" ? "i32x4.min_u" : "i32x4.min_s");
        return;
      case "div":
      case "mod":
        this.#divide(name, dtype);
        return;
      case "shl":
      case "shr":
        this.#shift(name, dtype, lanes);
        this.#wrap(dtype);
        return;
      default:
        throw new InternalError(`${name} is not defined for ${dtype}.`);
    }
  }

  // A quotient of 32-bit integers is exact enough in doubles: rounding never carries it to a whole number from below.
  #divide(name: "div" | "mod", dtype: DType): void {
    const f = this.#f;
    const sign = dtype === "u32" ? "u" : "s";
    f.scope(() => {
      const [a, b, low, quotient] = [f.local("v128"), f.local("v128"), f.local("v128"), f.local("v128")];
      const pair = (high: boolean) => {
        for (const x of [a, b]) {
          f.get(x);
          if (high) f.get(x).shuffle32(2, 3, 2, 3);
          f.op(`f64x2.convert_low_i32x4_${sign}`);
        }
        f.op("f64x2.div", `i32x4.trunc_sat_f64x2_${sign}_zero`);
      };
      f.set(b).set(a);
      pair(false);
      if (this.width === 4) {
        f.set(low);
        pair(true);
        f.set(quotient).get(low).get(quotient).shuffle32(0, 1, 4, 5);
      }
      f.set(quotient);
      // −2³¹ div −1 wraps, while the conversion saturates.
      if (dtype === "i32") {
        f.get(a).op("i32x4.neg").get(quotient).get(b).i32x4(-1).op("i32x4.eq", "v128.bitselect").set(quotient);
      }
      if (name === "div") f.get(quotient);
      else f.get(a).get(quotient).get(b).op("i32x4.mul", "i32x4.sub");
      f.get(b).i32x4(0).op("i32x4.ne", "v128.and");
    });
  }

  #shift(name: "shl" | "shr", dtype: DType, lanes: Lanes & { readonly uniformShift: boolean }): void {
    const f = this.#f;
    const kind = name === "shl" ? "shl" : dtype === "i32" ? "shr_s" : "shr_u";
    if (lanes.uniformShift) {
      f.lane("i32x4.extract_lane", 0).op(`i32x4.${kind}`);
      return;
    }
    f.scope(() => {
      const [a, b] = [f.local("v128"), f.local("v128")];
      f.set(b).tee(a);
      for (let lane = 0; lane < lanes.active; lane++) {
        for (const x of [a, b]) f.get(x).lane("i32x4.extract_lane", lane);
        f.op(`i32.${kind}`).lane("i32x4.replace_lane", lane);
      }
    });
  }

  #sign(dtype: DType): void {
    const f = this.#f;
    if (dtype === "u32" || dtype === "u8") {
      f.i32x4(1).op("i32x4.min_u");
      return;
    }
    f.scope(() => {
      const x = f.local("v128");
      f.set(x);
      if (dtype === "i32") {
        // Masks are −1 where they hold.
        f.get(x).i32x4(0).op("i32x4.lt_s").get(x).i32x4(0).op("i32x4.gt_s", "i32x4.sub");
        return;
      }
      const shape = shapeOf(dtype);
      for (const order of ["gt", "lt"] as const) {
        f.get(x);
        this.constant(dtype, 0);
        f.op(`${shape}.${order}`);
        this.constant(dtype, 1);
        f.op("v128.and");
      }
      f.op(`${shape}.sub`);
    });
  }

  /** Lane by lane: the remainder of floats is one of doubles. */
  #fmod(dtype: DType, lanes: Lanes): void {
    const f = this.#f;
    const shape = shapeOf(dtype);
    f.scope(() => {
      const [a, b] = [f.local("v128"), f.local("v128")];
      f.set(b).tee(a);
      for (let lane = 0; lane < (lanes.uniform ? 1 : lanes.active); lane++) {
        for (const x of [a, b]) {
          f.get(x).lane(`${shape}.extract_lane`, lane);
          if (dtype === "f32") f.op("f64.promote_f32");
        }
        f.call(this.#context.fmod);
        if (dtype === "f32") f.op("f32.demote_f64");
        f.lane(`${shape}.replace_lane`, lane);
      }
      if (lanes.uniform) this.spread(dtype);
    });
  }

  /** a, b ─► mask */
  compare(name: CompareOp, dtype: DType): void {
    const f = this.#f;
    if (isFloat(dtype)) f.op(`${shapeOf(dtype)}.${name}`);
    else if (name === "eq" || name === "ne") f.op(`i32x4.${name}`);
    // A true mask is the largest unsigned number.
    else f.op(`i32x4.${name}_${dtype === "u32" || dtype === "bool" ? "u" : "s"}`);
    if (dtype === "f64") this.word(0); // a mask's words are equal
  }

  /** a, b, mask ─► a where the mask holds, else b */
  select(dtype: DType): void {
    if (dtype === "f64") this.#f.op("i64x2.extend_low_i32x4_s");
    this.#f.op("v128.bitselect");
  }

  /** two f64 ─► one word of each, in the low two lanes */
  word(word: 0 | 1): void {
    const f = this.#f;
    f.scope(() => {
      const x = f.local("v128");
      f.tee(x)
        .get(x)
        .shuffle32(word, 2 + word, word, 2 + word);
    });
  }

  /** low words, high words in the low two lanes ─► two f64 */
  join(): void {
    this.#f.shuffle32(0, 4, 1, 5);
  }

  /** x ─► x in another dtype, as `castValue` says */
  cast(from: DType, to: DType): void {
    const f = this.#f;
    if (from === to) return;
    if (to === "bool") {
      this.constant(from, 0);
      this.compare("ne", from);
      return;
    }
    if (from === "f32" && to === "f64") f.op("f64x2.promote_low_f32x4");
    else if (from === "f64" && to === "f32") f.op("f32x4.demote_f64x2_zero");
    else if (isFloat(from)) {
      const sign = to === "u32" ? "u" : "s";
      f.op(from === "f32" ? `i32x4.trunc_sat_f32x4_${sign}` : `i32x4.trunc_sat_f64x2_${sign}_zero`);
      this.#wrap(to);
    } else {
      if (from === "bool") f.i32x4(1).op("v128.and");
      const sign = from === "u32" ? "u" : "s";
      if (to === "f32") f.op(`f32x4.convert_i32x4_${sign}`);
      else if (to === "f64") f.op(`f64x2.convert_low_i32x4_${sign}`);
      else this.#wrap(to);
    }
  }

  #wrap(dtype: DType): void {
    if (dtype === "u8") this.#f.i32x4(255).op("v128.and");
  }

  /** x ─► lane 0 of x in all lanes */
  spread(dtype: DType): void {
    const shape = isFloat(dtype) ? shapeOf(dtype) : "i32x4";
    this.#f.lane(`${shape}.extract_lane`, 0).op(`${shape}.splat`);
  }

  /** address ─► `count` neighbouring elements from there */
  load(dtype: DType, count: number, offset: number): void {
    const f = this.#f;
    const [first, ...rest] = pieces(count * BYTES[dtype]);
    f.scope(() => {
      const address = f.local("i32");
      if (rest.length > 0) f.tee(address);
      f.memory(FIRST_LOAD[first.bytes], offset);
      if (rest.length === 0) return;
      const value = f.local("v128");
      f.set(value);
      for (const { at, bytes } of rest) {
        f.get(address).get(value);
        f.memoryLane(`v128.load${(8 * bytes) as 8 | 16 | 32}_lane`, at / bytes, offset + at);
        f.set(value);
      }
      f.get(value);
    });
    this.#widen(dtype);
  }

  /** address ─► elements 0, 2, 4 and 6 from there, of four bytes each */
  loadEveryOther(offset: number): void {
    const f = this.#f;
    f.scope(() => {
      const address = f.local("i32");
      // The second load starts at element 3, so as not to read beyond element 6.
      f.tee(address)
        .memory("v128.load", offset)
        .get(address)
        .memory("v128.load", offset + 12)
        .shuffle32(0, 2, 5, 7);
    });
  }

  /** address ─► in each lane the element that far from it, less than a vector */
  loadNear(dtype: DType, near: readonly number[], offset: number): void {
    if (near.every((by) => by === 0)) {
      this.loadSplat(dtype, offset);
      return;
    }
    this.load(dtype, Math.max(...near) + 1, offset);
    if (near.every((by, lane) => by === lane)) return;
    const [a, b = 0, c = 0, d = 0] = near;
    const f = this.#f;
    f.scope(() => {
      const loaded = f.local("v128");
      f.tee(loaded).get(loaded);
      if (dtype === "f64") f.shuffle32(2 * a, 2 * a + 1, 2 * b, 2 * b + 1);
      else f.shuffle32(a, b, c, d);
    });
  }

  /** address ─► the element there in all lanes */
  loadSplat(dtype: DType, offset: number): void {
    this.#f.memory(`v128.load${(8 * BYTES[dtype]) as 8 | 32 | 64}_splat`, offset);
    this.#widen(dtype);
  }

  // Bytes ─► 32-bit lanes.
  #widen(dtype: DType): void {
    if (BYTES[dtype] > 1) return;
    this.#f.op("i16x8.extend_low_i8x16_u", "i32x4.extend_low_i16x8_u");
    if (dtype === "bool") this.cast("u8", "bool");
  }

  /** address, value ─►: writes the first `count` lanes to neighbouring elements */
  store(dtype: DType, count: number, offset: number): void {
    const f = this.#f;
    this.#narrow(dtype);
    const parts = pieces(count * BYTES[dtype]);
    if (parts.length === 1) {
      this.#storePiece(parts[0], offset);
      return;
    }
    f.scope(() => {
      const [address, value] = [f.local("i32"), f.local("v128")];
      f.set(value).set(address);
      for (const piece of parts) {
        f.get(address).get(value);
        this.#storePiece(piece, offset);
      }
    });
  }

  #storePiece({ at, bytes }: Piece, offset: number): void {
    if (bytes === 16) this.#f.memory("v128.store", offset);
    else this.#f.memoryLane(`v128.store${(8 * bytes) as 8 | 16 | 32 | 64}_lane`, at / bytes, offset + at);
  }

  // 32-bit lanes ─► bytes.
  #narrow(dtype: DType): void {
    const f = this.#f;
    if (BYTES[dtype] > 1) return;
    if (dtype === "bool") f.i32x4(1).op("v128.and");
    f.scope(() => {
      const x = f.local("v128");
      f.tee(x).get(x).op("i16x8.narrow_i32x4_u").tee(x).get(x).op("i8x16.narrow_i16x8_u");
    });
  }

  /**
   * ─► one element a lane, from the address that `address` pushes plus the offset that it gives;
   * `fill` in lanes where `condition` pushes zero.
   */
  gather(
    dtype: DType,
    count: number,
    fill: number,
    address: (lane: number) => number,
    condition?: (lane: number) => void,
  ): void {
    const f = this.#f;
    const byte = BYTES[dtype] === 1;
    f.scope(() => {
      const value = f.local("v128");
      this.constant(byte ? "u8" : dtype, fill);
      f.set(value);
      const load = (lane: number) => {
        if (byte) {
          f.get(value);
          f.memory("i32.load8_u", address(lane)).lane("i32x4.replace_lane", lane);
        } else {
          const offset = address(lane);
          f.get(value).memoryLane(`v128.load${(8 * BYTES[dtype]) as 32 | 64}_lane`, lane, offset);
        }
        f.set(value);
      };
      for (let lane = 0; lane < count; lane++) {
        if (condition) {
          condition(lane);
          f.if(() => load(lane));
        } else load(lane);
      }
      f.get(value);
      if (dtype === "bool") this.cast("u8", "bool");
    });
  }

  /** value ─►: writes each lane to the address that `address` pushes plus the offset that it gives */
  scatter(dtype: DType, count: number, address: (lane: number) => number): void {
    const f = this.#f;
    this.#narrow(dtype);
    f.scope(() => {
      const value = f.local("v128");
      f.set(value);
      for (let lane = 0; lane < count; lane++) {
        const offset = address(lane);
        f.get(value).memoryLane(`v128.store${(8 * BYTES[dtype]) as 8 | 32 | 64}_lane`, lane, offset);
      }
    });
  }
}

interface Piece {
  readonly at: number;
  readonly bytes: 1 | 2 | 4 | 8 | 16;
}

/** A run of bytes as the largest pieces that one instruction moves: 12 is 8 at 0 and 4 at 8. */
function pieces(total: number): Piece[] {
  const out: Piece[] = [];
  let at = 0;
  for (const bytes of [16, 8, 4, 2, 1] as const) {
    if (total - at >= bytes) {
      out.push({ at, bytes });
      at += bytes;
    }
  }
  return out;
}

const FIRST_LOAD = {
  16: "v128.load",
  8: "v128.load64_zero",
  4: "v128.load32_zero",
  2: "v128.load16_splat",
  1: "v128.load8_splat",
} as const;
