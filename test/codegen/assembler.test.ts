import { describe, expect, test } from "vitest";
import {
  type Func,
  type FunctionBuilder,
  type Local,
  ModuleBuilder,
  type ValType,
} from "../../src/codegen/wasm/assembler.ts";
import { type ATOMIC, type LANE, MEMORY, MEMORY_LANE, PLAIN } from "../../src/codegen/wasm/opcodes.ts";

// Each test knows what it exports.
type Exported = ((...args: (number | bigint)[]) => number | bigint) &
  WebAssembly.Global &
  WebAssembly.Memory &
  WebAssembly.Table;

const instantiate = (module: ModuleBuilder, imports: WebAssembly.Imports = {}) =>
  new WebAssembly.Instance(new WebAssembly.Module(module.build()), imports).exports as Record<string, Exported>;

/** A module with one memory and one function "run" of no arguments; gives what it returns and the memory. */
function run(result: ValType | undefined, body: (f: FunctionBuilder) => void, fill?: (bytes: DataView) => void) {
  const module = new ModuleBuilder();
  module.memory({ initial: 1, maximum: 1, shared: true }, "memory");
  module.function([], result ? [result] : [], body, "run");
  const { memory, run: f } = instantiate(module);
  const view = new DataView(memory.buffer);
  fill?.(view);
  return { value: f(), view };
}

const F32X4 = (...x: number[]) => new Uint8Array(Float32Array.from(x).buffer);
const F64X2 = (...x: number[]) => new Uint8Array(Float64Array.from(x).buffer);
const I8X16 = (...x: number[]) => Uint8Array.from({ length: 16 }, (_, i) => x[i % x.length]);
const I16X8 = (...x: number[]) => new Uint8Array(Int16Array.from({ length: 8 }, (_, i) => x[i % x.length]).buffer);
const I32X4 = (...x: number[]) => new Uint8Array(Int32Array.from(x).buffer);
const I64X2 = (...x: bigint[]) => new Uint8Array(BigInt64Array.from(x).buffer);

type Arg = readonly [ValType, number | bigint] | Uint8Array;
const i32 = (x: number): Arg => ["i32", x];
const i64 = (x: bigint): Arg => ["i64", x];
const f32 = (x: number): Arg => ["f32", x];
const f64 = (x: number): Arg => ["f64", x];

function push(f: FunctionBuilder, arg: Arg): void {
  if (arg instanceof Uint8Array) {
    const view = new DataView(arg.buffer, arg.byteOffset);
    f.i32x4(view.getInt32(0, true), view.getInt32(4, true), view.getInt32(8, true), view.getInt32(12, true));
  } else if (arg[0] === "i64") f.i64(arg[1] as bigint);
  else if (arg[0] === "i32") f.i32(arg[1] as number);
  else if (arg[0] === "f32") f.f32(arg[1] as number);
  else f.f64(arg[1] as number);
}

function check(name: string, args: readonly Arg[], want: Arg, emit: (f: FunctionBuilder) => void): void {
  test(name, () => {
    if (want instanceof Uint8Array) {
      const { view } = run(undefined, (f) => {
        f.i32(64);
        for (const arg of args) push(f, arg);
        emit(f);
        f.memory("v128.store");
      });
      expect([...new Uint8Array(view.buffer, 64, 16)]).toEqual([...want]);
      return;
    }
    const { value } = run(want[0], (f) => {
      for (const arg of args) push(f, arg);
      emit(f);
    });
    expect(value).toBe(want[1]);
  });
}

const ALL = I32X4(-1, -1, -1, -1);
const a = F32X4(1.5, -2.5, 0, 4);
const b = F32X4(0.5, -2.5, -0, Number.NaN);
const c = F64X2(2.5, -3);
const d = F64X2(2, Number.NaN);
const p = I32X4(7, -8, 0, 2147483647);
const q = I32X4(3, 8, -1, 1);
const r = I64X2(5n, -6n);
const s = I64X2(-2n, -6n);

const plain: Partial<Record<keyof typeof PLAIN, [Arg[], Arg]>> = {
  "i32.eqz": [[i32(0)], i32(1)],
  "i32.eq": [[i32(3), i32(3)], i32(1)],
  "i32.ne": [[i32(3), i32(3)], i32(0)],
  "i32.lt_s": [[i32(-1), i32(1)], i32(1)],
  "i32.lt_u": [[i32(-1), i32(1)], i32(0)],
  "i32.gt_s": [[i32(-1), i32(1)], i32(0)],
  "i32.gt_u": [[i32(-1), i32(1)], i32(1)],
  "i32.le_s": [[i32(-1), i32(1)], i32(1)],
  "i32.le_u": [[i32(-1), i32(1)], i32(0)],
  "i32.ge_s": [[i32(-1), i32(1)], i32(0)],
  "i32.ge_u": [[i32(-1), i32(1)], i32(1)],
  "i64.eqz": [[i64(0n)], i32(1)],
  "i64.eq": [[i64(3n), i64(3n)], i32(1)],
  "i64.ne": [[i64(3n), i64(3n)], i32(0)],
  "i64.lt_s": [[i64(-1n), i64(1n)], i32(1)],
  "i64.lt_u": [[i64(-1n), i64(1n)], i32(0)],
  "i64.gt_s": [[i64(-1n), i64(1n)], i32(0)],
  "i64.gt_u": [[i64(-1n), i64(1n)], i32(1)],
  "f32.eq": [[f32(1), f32(1)], i32(1)],
  "f32.ne": [[f32(1), f32(1)], i32(0)],
  "f32.lt": [[f32(1), f32(2)], i32(1)],
  "f32.gt": [[f32(1), f32(2)], i32(0)],
  "f32.le": [[f32(1), f32(2)], i32(1)],
  "f32.ge": [[f32(1), f32(2)], i32(0)],
  "f64.eq": [[f64(1), f64(1)], i32(1)],
  "f64.ne": [[f64(1), f64(1)], i32(0)],
  "f64.lt": [[f64(1), f64(2)], i32(1)],
  "f64.gt": [[f64(1), f64(2)], i32(0)],
  "f64.le": [[f64(1), f64(2)], i32(1)],
  "f64.ge": [[f64(1), f64(2)], i32(0)],
  "i32.clz": [[i32(1)], i32(31)],
  "i64.clz": [[i64(1n)], i64(63n)],
  "i32.ctz": [[i32(8)], i32(3)],
  "i32.popcnt": [[i32(255)], i32(8)],
  "i32.add": [[i32(2147483647), i32(1)], i32(-2147483648)],
  "i32.sub": [[i32(3), i32(5)], i32(-2)],
  "i32.mul": [[i32(-3), i32(5)], i32(-15)],
  "i32.div_s": [[i32(-7), i32(2)], i32(-3)],
  "i32.div_u": [[i32(-1), i32(2)], i32(2147483647)],
  "i32.rem_s": [[i32(-7), i32(2)], i32(-1)],
  "i32.rem_u": [[i32(-1), i32(16)], i32(15)],
  "i32.and": [[i32(6), i32(3)], i32(2)],
  "i32.or": [[i32(6), i32(3)], i32(7)],
  "i32.xor": [[i32(6), i32(3)], i32(5)],
  "i32.shl": [[i32(3), i32(4)], i32(48)],
  "i32.shr_s": [[i32(-16), i32(2)], i32(-4)],
  "i32.shr_u": [[i32(-16), i32(28)], i32(15)],
  "i32.rotl": [[i32(-2147483648), i32(1)], i32(1)],
  "i32.rotr": [[i32(1), i32(1)], i32(-2147483648)],
  "i64.add": [[i64(1n << 40n), i64(1n)], i64((1n << 40n) + 1n)],
  "i64.sub": [[i64(3n), i64(5n)], i64(-2n)],
  "i64.mul": [[i64(-3n), i64(5n)], i64(-15n)],
  "i64.div_s": [[i64(-7n), i64(2n)], i64(-3n)],
  "i64.div_u": [[i64(7n), i64(2n)], i64(3n)],
  "i64.rem_s": [[i64(-7n), i64(2n)], i64(-1n)],
  "i64.rem_u": [[i64(7n), i64(4n)], i64(3n)],
  "i64.and": [[i64(6n), i64(3n)], i64(2n)],
  "i64.or": [[i64(6n), i64(3n)], i64(7n)],
  "i64.xor": [[i64(6n), i64(3n)], i64(5n)],
  "i64.shl": [[i64(3n), i64(40n)], i64(3n << 40n)],
  "i64.shr_s": [[i64(-16n), i64(2n)], i64(-4n)],
  "i64.shr_u": [[i64(-16n), i64(60n)], i64(15n)],
  "f32.abs": [[f32(-1.5)], f32(1.5)],
  "f32.neg": [[f32(1.5)], f32(-1.5)],
  "f32.ceil": [[f32(1.5)], f32(2)],
  "f32.floor": [[f32(-1.5)], f32(-2)],
  "f32.trunc": [[f32(-1.5)], f32(-1)],
  "f32.nearest": [[f32(2.5)], f32(2)],
  "f32.sqrt": [[f32(6.25)], f32(2.5)],
  "f32.add": [[f32(1.5), f32(2)], f32(3.5)],
  "f32.sub": [[f32(1.5), f32(2)], f32(-0.5)],
  "f32.mul": [[f32(1.5), f32(2)], f32(3)],
  "f32.div": [[f32(1.5), f32(2)], f32(0.75)],
  "f32.min": [[f32(0), f32(-0)], f32(-0)],
  "f32.max": [[f32(-0), f32(0)], f32(0)],
  "f32.copysign": [[f32(2), f32(-0)], f32(-2)],
  "f64.abs": [[f64(-1.5)], f64(1.5)],
  "f64.neg": [[f64(1.5)], f64(-1.5)],
  "f64.ceil": [[f64(1.5)], f64(2)],
  "f64.floor": [[f64(-1.5)], f64(-2)],
  "f64.trunc": [[f64(-1.5)], f64(-1)],
  "f64.nearest": [[f64(3.5)], f64(4)],
  "f64.sqrt": [[f64(6.25)], f64(2.5)],
  "f64.add": [[f64(0.1), f64(0.2)], f64(0.1 + 0.2)],
  "f64.sub": [[f64(1.5), f64(2)], f64(-0.5)],
  "f64.mul": [[f64(1.5), f64(2)], f64(3)],
  "f64.div": [[f64(1), f64(3)], f64(1 / 3)],
  "f64.min": [[f64(0), f64(-0)], f64(-0)],
  "f64.max": [[f64(1), f64(Number.NaN)], f64(Number.NaN)],
  "f64.copysign": [[f64(2), f64(-0)], f64(-2)],
  "i32.wrap_i64": [[i64((1n << 40n) + 5n)], i32(5)],
  "i64.extend_i32_s": [[i32(-5)], i64(-5n)],
  "i64.extend_i32_u": [[i32(-1)], i64(4294967295n)],
  "f32.convert_i32_s": [[i32(-5)], f32(-5)],
  "f32.convert_i32_u": [[i32(-1)], f32(4294967296)],
  "f32.demote_f64": [[f64(0.1)], f32(Math.fround(0.1))],
  "f64.convert_i32_s": [[i32(-5)], f64(-5)],
  "f64.convert_i32_u": [[i32(-1)], f64(4294967295)],
  "f64.promote_f32": [[f32(0.1)], f64(Math.fround(0.1))],
  "i32.reinterpret_f32": [[f32(1)], i32(0x3f800000)],
  "i64.reinterpret_f64": [[f64(1)], i64(0x3ff0000000000000n)],
  "f32.reinterpret_i32": [[i32(0x3f800000)], f32(1)],
  "f64.reinterpret_i64": [[i64(0x3ff0000000000000n)], f64(1)],
  "i32.trunc_sat_f32_s": [[f32(-1e20)], i32(-2147483648)],
  "i32.trunc_sat_f32_u": [[f32(-1)], i32(0)],
  "i32.trunc_sat_f64_s": [[f64(-3.9)], i32(-3)],
  "i32.trunc_sat_f64_u": [[f64(1e20)], i32(-1)],
  "i8x16.swizzle": [[I8X16(9, 8, 7, 6), I8X16(3, 200)], I8X16(6, 0)],
  "i8x16.splat": [[i32(7)], I8X16(7)],
  "i16x8.splat": [[i32(-7)], I16X8(-7)],
  "i32x4.splat": [[i32(-7)], I32X4(-7, -7, -7, -7)],
  "i64x2.splat": [[i64(-7n)], I64X2(-7n, -7n)],
  "f32x4.splat": [[f32(1.5)], F32X4(1.5, 1.5, 1.5, 1.5)],
  "f64x2.splat": [[f64(1.5)], F64X2(1.5, 1.5)],
  "i8x16.eq": [[I8X16(1, 2), I8X16(1, 3)], I8X16(255, 0)],
  "i8x16.ne": [[I8X16(1, 2), I8X16(1, 3)], I8X16(0, 255)],
  "i32x4.eq": [[p, p], ALL],
  "i32x4.ne": [[p, p], I32X4(0, 0, 0, 0)],
  "i32x4.lt_s": [[p, q], I32X4(0, -1, 0, 0)],
  "i32x4.lt_u": [[p, q], I32X4(0, 0, -1, 0)],
  "i32x4.gt_s": [[p, q], I32X4(-1, 0, -1, -1)],
  "i32x4.gt_u": [[p, q], I32X4(-1, -1, 0, -1)],
  "i32x4.le_s": [[p, q], I32X4(0, -1, 0, 0)],
  "i32x4.le_u": [[p, q], I32X4(0, 0, -1, 0)],
  "i32x4.ge_s": [[p, q], I32X4(-1, 0, -1, -1)],
  "i32x4.ge_u": [[p, q], I32X4(-1, -1, 0, -1)],
  "f32x4.eq": [[a, b], I32X4(0, -1, -1, 0)],
  "f32x4.ne": [[a, b], I32X4(-1, 0, 0, -1)],
  "f32x4.lt": [[b, a], I32X4(-1, 0, 0, 0)],
  "f32x4.gt": [[a, b], I32X4(-1, 0, 0, 0)],
  "f32x4.le": [[a, b], I32X4(0, -1, -1, 0)],
  "f32x4.ge": [[a, b], I32X4(-1, -1, -1, 0)],
  "f64x2.eq": [[c, d], I64X2(0n, 0n)],
  "f64x2.ne": [[c, d], I64X2(-1n, -1n)],
  "f64x2.lt": [[d, c], I64X2(-1n, 0n)],
  "f64x2.gt": [[c, d], I64X2(-1n, 0n)],
  "f64x2.le": [[c, c], I64X2(-1n, -1n)],
  "f64x2.ge": [[d, c], I64X2(0n, 0n)],
  "v128.not": [[ALL], I32X4(0, 0, 0, 0)],
  "v128.and": [[p, q], I32X4(3, 8, 0, 1)],
  "v128.andnot": [[p, q], I32X4(4, -16, 0, 2147483646)],
  "v128.or": [[p, q], I32X4(7, -8 | 8, -1, 2147483647)],
  "v128.xor": [[p, q], I32X4(4, -8 ^ 8, -1, 2147483646)],
  "v128.bitselect": [[p, q, I32X4(-1, 0, -1, 0)], I32X4(7, 8, 0, 1)],
  "v128.any_true": [[I32X4(0, 0, 1, 0)], i32(1)],
  "f32x4.demote_f64x2_zero": [[F64X2(0.1, 2)], F32X4(0.1, 2, 0, 0)],
  "f64x2.promote_low_f32x4": [[a], F64X2(1.5, -2.5)],
  "i8x16.narrow_i16x8_s": [
    [I16X8(300, -300), I16X8(1)],
    Uint8Array.of(127, 128, 127, 128, 127, 128, 127, 128, 1, 1, 1, 1, 1, 1, 1, 1),
  ],
  "i8x16.narrow_i16x8_u": [
    [I16X8(300, -300), I16X8(1)],
    Uint8Array.of(255, 0, 255, 0, 255, 0, 255, 0, 1, 1, 1, 1, 1, 1, 1, 1),
  ],
  "f32x4.ceil": [[a], F32X4(2, -2, 0, 4)],
  "f32x4.floor": [[a], F32X4(1, -3, 0, 4)],
  "f32x4.trunc": [[a], F32X4(1, -2, 0, 4)],
  "f32x4.nearest": [[a], F32X4(2, -2, 0, 4)],
  "f64x2.ceil": [[c], F64X2(3, -3)],
  "f64x2.floor": [[c], F64X2(2, -3)],
  "f64x2.trunc": [[c], F64X2(2, -3)],
  "i16x8.narrow_i32x4_s": [
    [I32X4(1, -1, 70000, -70000), q],
    new Uint8Array(Int16Array.of(1, -1, 32767, -32768, 3, 8, -1, 1).buffer),
  ],
  "i16x8.narrow_i32x4_u": [
    [I32X4(1, -1, 70000, -70000), q],
    new Uint8Array(Int16Array.of(1, 0, -1, 0, 3, 8, 0, 1).buffer),
  ],
  "i16x8.extend_low_i8x16_s": [[I8X16(255, 1)], I16X8(-1, 1)],
  "i16x8.extend_high_i8x16_s": [[I8X16(255, 1)], I16X8(-1, 1)],
  "i16x8.extend_low_i8x16_u": [[I8X16(255, 1)], I16X8(255, 1)],
  "i16x8.extend_high_i8x16_u": [[I8X16(255, 1)], I16X8(255, 1)],
  "i16x8.add": [[I16X8(1, 2), I16X8(3, -4)], I16X8(4, -2)],
  "f64x2.nearest": [[c], F64X2(2, -3)],
  "i32x4.abs": [[p], I32X4(7, 8, 0, 2147483647)],
  "i32x4.neg": [[q], I32X4(-3, -8, 1, -1)],
  "i32x4.all_true": [[p], i32(0)],
  "i32x4.bitmask": [[p], i32(2)],
  "i32x4.extend_low_i16x8_s": [[I16X8(-1, 2)], I32X4(-1, 2, -1, 2)],
  "i32x4.extend_high_i16x8_s": [[I16X8(-1, 2)], I32X4(-1, 2, -1, 2)],
  "i32x4.extend_low_i16x8_u": [[I16X8(-1, 2)], I32X4(65535, 2, 65535, 2)],
  "i32x4.extend_high_i16x8_u": [[I16X8(-1, 2)], I32X4(65535, 2, 65535, 2)],
  "i32x4.shl": [[q, i32(2)], I32X4(12, 32, -4, 4)],
  "i32x4.shr_s": [[q, i32(1)], I32X4(1, 4, -1, 0)],
  "i32x4.shr_u": [[q, i32(1)], I32X4(1, 4, 2147483647, 0)],
  "i32x4.add": [[p, q], I32X4(10, 0, -1, -2147483648)],
  "i32x4.sub": [[p, q], I32X4(4, -16, 1, 2147483646)],
  "i32x4.mul": [[p, q], I32X4(21, -64, 0, 2147483647)],
  "i32x4.min_s": [[p, q], I32X4(3, -8, -1, 1)],
  "i32x4.min_u": [[p, q], I32X4(3, 8, 0, 1)],
  "i32x4.max_s": [[p, q], I32X4(7, 8, 0, 2147483647)],
  "i32x4.max_u": [[p, q], I32X4(7, -8, -1, 2147483647)],
  "i64x2.bitmask": [[r], i32(2)],
  "i64x2.extend_low_i32x4_s": [[p], I64X2(7n, -8n)],
  "i64x2.extend_high_i32x4_s": [[q], I64X2(-1n, 1n)],
  "i64x2.extend_low_i32x4_u": [[p], I64X2(7n, 4294967288n)],
  "i64x2.extend_high_i32x4_u": [[q], I64X2(4294967295n, 1n)],
  "i64x2.shl": [[r, i32(33)], I64X2(5n << 33n, -6n << 33n)],
  "i64x2.shr_s": [[r, i32(1)], I64X2(2n, -3n)],
  "i64x2.shr_u": [[r, i32(63)], I64X2(0n, 1n)],
  "i64x2.add": [[r, s], I64X2(3n, -12n)],
  "i64x2.sub": [[r, s], I64X2(7n, 0n)],
  "i64x2.mul": [[r, s], I64X2(-10n, 36n)],
  "i64x2.eq": [[r, s], I64X2(0n, -1n)],
  "i64x2.ne": [[r, s], I64X2(-1n, 0n)],
  "i64x2.lt_s": [[s, r], I64X2(-1n, 0n)],
  "i64x2.gt_s": [[r, s], I64X2(-1n, 0n)],
  "f32x4.abs": [[a], F32X4(1.5, 2.5, 0, 4)],
  "f32x4.neg": [[a], F32X4(-1.5, 2.5, -0, -4)],
  "f32x4.sqrt": [[F32X4(1, 4, 2, 0)], F32X4(1, 2, Math.SQRT2, 0)],
  "f32x4.add": [[a, a], F32X4(3, -5, 0, 8)],
  "f32x4.sub": [[a, a], F32X4(0, 0, 0, 0)],
  "f32x4.mul": [[a, a], F32X4(2.25, 6.25, 0, 16)],
  "f32x4.div": [[a, F32X4(2, 2, 2, 2)], F32X4(0.75, -1.25, 0, 2)],
  "f32x4.min": [[a, F32X4(0, 0, -0, 5)], F32X4(0, -2.5, -0, 4)],
  "f32x4.max": [[a, F32X4(0, 0, -0, 5)], F32X4(1.5, 0, 0, 5)],
  "f32x4.pmin": [[a, F32X4(0, 0, -0, 5)], F32X4(0, -2.5, 0, 4)],
  "f32x4.pmax": [[a, F32X4(0, 0, -0, 5)], F32X4(1.5, 0, 0, 5)],
  "f64x2.abs": [[c], F64X2(2.5, 3)],
  "f64x2.neg": [[c], F64X2(-2.5, 3)],
  "f64x2.sqrt": [[F64X2(4, 2)], F64X2(2, Math.SQRT2)],
  "f64x2.add": [[c, c], F64X2(5, -6)],
  "f64x2.sub": [[c, c], F64X2(0, 0)],
  "f64x2.mul": [[c, c], F64X2(6.25, 9)],
  "f64x2.div": [[c, F64X2(2, 3)], F64X2(1.25, -1)],
  "f64x2.min": [[c, F64X2(0, 0)], F64X2(0, -3)],
  "f64x2.max": [[c, F64X2(0, 0)], F64X2(2.5, 0)],
  "f64x2.pmin": [[c, F64X2(3, -4)], F64X2(2.5, -4)],
  "f64x2.pmax": [[c, F64X2(3, -4)], F64X2(3, -3)],
  "i32x4.trunc_sat_f32x4_s": [[F32X4(1.9, -1.9, 1e20, Number.NaN)], I32X4(1, -1, 2147483647, 0)],
  "i32x4.trunc_sat_f32x4_u": [[F32X4(1.9, -1.9, 1e20, Number.NaN)], I32X4(1, 0, -1, 0)],
  "f32x4.convert_i32x4_s": [[q], F32X4(3, 8, -1, 1)],
  "f32x4.convert_i32x4_u": [[q], F32X4(3, 8, 4294967295, 1)],
  "i32x4.trunc_sat_f64x2_s_zero": [[F64X2(-1.9, 1e20)], I32X4(-1, 2147483647, 0, 0)],
  "i32x4.trunc_sat_f64x2_u_zero": [[F64X2(-1.9, 1e20)], I32X4(0, -1, 0, 0)],
  "f64x2.convert_low_i32x4_s": [[I32X4(-1, 2, 3, 4)], F64X2(-1, 2)],
  "f64x2.convert_low_i32x4_u": [[I32X4(-1, 2, 3, 4)], F64X2(4294967295, 2)],
};

describe("instructions without immediates", () => {
  for (const [name, [args, want]] of Object.entries(plain)) {
    check(name, args, want, (f) => f.op(name as keyof typeof PLAIN));
  }
  // Engines without relaxed SIMD reject the module, so that these run only where they exist.
  const relaxed = new ModuleBuilder();
  relaxed.function([], ["v128"], (f) => f.f32x4(1).f32x4(2).f32x4(3).op("f32x4.relaxed_madd"));
  if (WebAssembly.validate(relaxed.build())) {
    check("f32x4.relaxed_madd", [a, a, a], F32X4(3.75, 3.75, 0, 20), (f) => f.op("f32x4.relaxed_madd"));
    check("f64x2.relaxed_madd", [c, c, c], F64X2(8.75, 6), (f) => f.op("f64x2.relaxed_madd"));
  }
  test("each has a test", () => {
    const control = ["unreachable", "return", "drop", "select", "f32x4.relaxed_madd", "f64x2.relaxed_madd"];
    expect(Object.keys(PLAIN).filter((name) => !(name in plain) && !control.includes(name))).toEqual([]);
  });
  check("return", [i32(4), i32(5)], i32(5), (f) => f.op("return"));
  check("drop", [i32(4), i32(5)], i32(4), (f) => f.op("drop"));
  check("select", [i32(4), i32(5), i32(0)], i32(5), (f) => f.op("select"));
  test("unreachable", () => expect(() => run(undefined, (f) => f.op("unreachable"))).toThrow(WebAssembly.RuntimeError));
});

describe("lanes", () => {
  const lanes: Record<keyof typeof LANE, [Arg[], number, Arg]> = {
    "i8x16.extract_lane_s": [[I8X16(1, 255)], 3, i32(-1)],
    "i8x16.extract_lane_u": [[I8X16(1, 255)], 3, i32(255)],
    "i8x16.replace_lane": [[I8X16(0), i32(9)], 0, I32X4(9, 0, 0, 0)],
    "i16x8.extract_lane_s": [[I16X8(1, -1)], 3, i32(-1)],
    "i16x8.extract_lane_u": [[I16X8(1, -1)], 3, i32(65535)],
    "i16x8.replace_lane": [[I16X8(0), i32(9)], 2, I32X4(0, 9, 0, 0)],
    "i32x4.extract_lane": [[p], 1, i32(-8)],
    "i32x4.replace_lane": [[p, i32(9)], 3, I32X4(7, -8, 0, 9)],
    "i64x2.extract_lane": [[r], 1, i64(-6n)],
    "i64x2.replace_lane": [[r, i64(9n)], 1, I64X2(5n, 9n)],
    "f32x4.extract_lane": [[a], 1, f32(-2.5)],
    "f32x4.replace_lane": [[a, f32(9)], 0, F32X4(9, -2.5, 0, 4)],
    "f64x2.extract_lane": [[c], 1, f64(-3)],
    "f64x2.replace_lane": [[c, f64(9)], 0, F64X2(9, -3)],
  };
  for (const [name, [args, lane, want]] of Object.entries(lanes)) {
    check(name, args, want, (f) => f.lane(name as keyof typeof LANE, lane));
  }
  check("shuffle32", [p, q], I32X4(-8, 1, 7, 3), (f) => f.shuffle32(1, 7, 0, 4));
  check("i8x16.shuffle", [I8X16(1), I8X16(2)], I8X16(2, 1), (f) =>
    f.shuffle(...Array.from({ length: 16 }, (_, i) => (i % 2 === 0 ? 16 + i : i))),
  );
});

describe("constants", () => {
  check("f32x4", [], F32X4(1, 2, 3, 4), (f) => f.f32x4(1, 2, 3, 4));
  check("f64x2", [], F64X2(1, 2), (f) => f.f64x2(1, 2));
  check("i64x2", [], I64X2(-1n, 2n), (f) => f.i64x2(-1n, 2n));
  for (const value of [0, 63, 64, -64, -65, 127, 128, 2147483647, -2147483648]) {
    check(`i32 ${value}`, [], i32(value), (f) => f.i32(value));
  }
  check("unsigned i32", [], i32(-2), (f) => f.i32(4294967294));
});

describe("memory", () => {
  const fill = (view: DataView) => {
    for (let i = 0; i < 32; i++) view.setUint8(i, 0xf0 + i);
  };
  const bytes = Uint8Array.from({ length: 32 }, (_, i) => 0xf0 + i);
  const view = new DataView(bytes.buffer);
  const loads: Partial<Record<keyof typeof MEMORY, [ValType, number | bigint | Uint8Array]>> = {
    "i32.load": ["i32", view.getInt32(5, true)],
    "i64.load": ["i64", view.getBigInt64(5, true)],
    "f32.load": ["f32", view.getFloat32(5, true)],
    "f64.load": ["f64", view.getFloat64(5, true)],
    "i32.load8_s": ["i32", view.getInt8(5)],
    "i32.load8_u": ["i32", view.getUint8(5)],
    "i32.load16_s": ["i32", view.getInt16(5, true)],
    "i32.load16_u": ["i32", view.getUint16(5, true)],
    "v128.load": ["v128", bytes.slice(5, 21)],
    "v128.load8x8_s": ["v128", new Uint8Array(Int16Array.from({ length: 8 }, (_, i) => view.getInt8(5 + i)).buffer)],
    "v128.load8x8_u": ["v128", new Uint8Array(Int16Array.from({ length: 8 }, (_, i) => view.getUint8(5 + i)).buffer)],
    "v128.load16x4_s": ["v128", I32X4(...[0, 2, 4, 6].map((i) => view.getInt16(5 + i, true)))],
    "v128.load16x4_u": ["v128", I32X4(...[0, 2, 4, 6].map((i) => view.getUint16(5 + i, true)))],
    "v128.load32x2_s": ["v128", I64X2(BigInt(view.getInt32(5, true)), BigInt(view.getInt32(9, true)))],
    "v128.load32x2_u": ["v128", I64X2(BigInt(view.getUint32(5, true)), BigInt(view.getUint32(9, true)))],
    "v128.load8_splat": ["v128", I8X16(bytes[5])],
    "v128.load16_splat": ["v128", I16X8(view.getInt16(5, true))],
    "v128.load32_splat": ["v128", I32X4(...Array<number>(4).fill(view.getInt32(5, true)))],
    "v128.load64_splat": ["v128", I64X2(view.getBigInt64(5, true), view.getBigInt64(5, true))],
    "v128.load32_zero": ["v128", I32X4(view.getInt32(5, true), 0, 0, 0)],
    "v128.load64_zero": ["v128", I64X2(view.getBigInt64(5, true), 0n)],
  };
  for (const [name, [type, want]] of Object.entries(loads)) {
    test(name, () => {
      if (want instanceof Uint8Array) {
        const got = run(
          undefined,
          (f) =>
            f
              .i32(64)
              .i32(2)
              .memory(name as keyof typeof MEMORY, 3)
              .memory("v128.store"),
          fill,
        );
        expect([...new Uint8Array(got.view.buffer, 64, 16)]).toEqual([...want]);
      } else {
        expect(run(type, (f) => f.i32(2).memory(name as keyof typeof MEMORY, 3), fill).value).toBe(want);
      }
    });
  }
  const stores: Partial<Record<keyof typeof MEMORY, [Arg, number]>> = {
    "i32.store": [i32(0x01020304), 4],
    "i64.store": [i64(0x0102030405060708n), 8],
    "f32.store": [f32(1.5), 4],
    "f64.store": [f64(1.5), 8],
    "i32.store8": [i32(0x0102), 1],
    "i32.store16": [i32(0x01020304), 2],
    "v128.store": [p, 16],
  };
  for (const [name, [value, size]] of Object.entries(stores)) {
    test(name, () => {
      const got = run(undefined, (f) => {
        f.i32(7);
        push(f, value);
        f.memory(name as keyof typeof MEMORY, 200);
      });
      const want = new DataView(new ArrayBuffer(16));
      if (value instanceof Uint8Array) new Uint8Array(want.buffer).set(value);
      else if (value[0] === "i64") want.setBigInt64(0, value[1] as bigint, true);
      else if (value[0] === "i32") want.setInt32(0, value[1] as number, true);
      else if (value[0] === "f32") want.setFloat32(0, value[1] as number, true);
      else want.setFloat64(0, value[1] as number, true);
      expect([...new Uint8Array(got.view.buffer, 207, 17)]).toEqual([
        ...new Uint8Array(want.buffer, 0, size),
        ...Array(17 - size).fill(0),
      ]);
    });
  }
  for (const [i, size] of [1, 2, 4, 8].entries()) {
    const name = Object.keys(MEMORY_LANE)[i] as keyof typeof MEMORY_LANE;
    const lane = 16 / size - 1;
    test(name, () => {
      const got = run(undefined, (f) => f.i32(64).i32(2).i32x4(0).memoryLane(name, lane, 3).memory("v128.store"), fill);
      const want = new Uint8Array(16);
      want.set(bytes.slice(5, 5 + size), lane * size);
      expect([...new Uint8Array(got.view.buffer, 64, 16)]).toEqual([...want]);
    });
    const store = Object.keys(MEMORY_LANE)[4 + i] as keyof typeof MEMORY_LANE;
    test(store, () => {
      const got = run(undefined, (f) => f.i32(64).i32(0).memory("v128.load").memoryLane(store, lane), fill);
      expect([...new Uint8Array(got.view.buffer, 64, 16)]).toEqual([
        ...bytes.slice(16 - size, 16),
        ...Array(16 - size).fill(0),
      ]);
    });
  }
  test("each has a test", () => {
    expect(Object.keys(MEMORY).filter((name) => !(name in loads) && !(name in stores))).toEqual([]);
  });
  test("memory.copy and memory.fill", () => {
    const { view } = run(
      undefined,
      (f) => f.i32(64).i32(1).i32(3).memoryCopy().i32(80).i32(7).i32(2).memoryFill(),
      fill,
    );
    expect([...new Uint8Array(view.buffer, 64, 4)]).toEqual([0xf1, 0xf2, 0xf3, 0]);
    expect([...new Uint8Array(view.buffer, 80, 3)]).toEqual([7, 7, 0]);
  });
});

describe("atomics", () => {
  const atomics: Record<keyof typeof ATOMIC, [Arg[], Arg | undefined, number]> = {
    "memory.atomic.notify": [[i32(1)], i32(0), 10],
    "memory.atomic.wait32": [[i32(11), i64(-1n)], i32(1), 10], // 1: another value stands there
    "i32.atomic.load": [[], i32(10), 10],
    "i64.atomic.load": [[], i64(10n), 10],
    "i32.atomic.store": [[i32(3)], undefined, 3],
    "i64.atomic.store": [[i64(3n)], undefined, 3],
    "i32.atomic.rmw.add": [[i32(3)], i32(10), 13],
    "i64.atomic.rmw.add": [[i64(3n)], i64(10n), 13],
    "i32.atomic.rmw.sub": [[i32(3)], i32(10), 7],
    "i32.atomic.rmw.or": [[i32(1)], i32(10), 11],
    "i32.atomic.rmw.xchg": [[i32(3)], i32(10), 3],
    "i32.atomic.rmw.cmpxchg": [[i32(10), i32(3)], i32(10), 3],
    "i64.atomic.rmw.cmpxchg": [[i64(9n), i64(3n)], i64(10n), 10],
  };
  for (const [name, [args, want, after]] of Object.entries(atomics)) {
    test(name, () => {
      const got = run(
        want && !(want instanceof Uint8Array) ? want[0] : undefined,
        (f) => {
          f.fence().i32(64);
          for (const arg of args) push(f, arg);
          f.atomic(name as keyof typeof ATOMIC, 8);
        },
        (view) => view.setInt32(72, 10, true),
      );
      if (want && !(want instanceof Uint8Array)) expect(got.value).toBe(want[1]);
      expect(got.view.getInt32(72, true)).toBe(after);
    });
  }
});

describe("structure", () => {
  test("loops, branches and locals: the sum of the odd numbers below n", () => {
    const module = new ModuleBuilder();
    module.function(
      ["i32"],
      ["i32"],
      (f) => {
        const [n] = f.params;
        const i = f.local("i32");
        const sum = f.local("i32");
        f.block((end) => {
          f.loop((again) => {
            f.get(i).get(n).op("i32.ge_s").brIf(end);
            f.get(i).i32(1).op("i32.and");
            f.if(() => f.get(sum).get(i).op("i32.add").set(sum));
            f.get(i).i32(1).op("i32.add").set(i).br(again);
          });
        });
        f.get(sum);
      },
      "sum",
    );
    expect(instantiate(module).sum(10)).toBe(25);
  });

  test("if and else leave a value; br_table chooses", () => {
    const module = new ModuleBuilder();
    module.function(
      ["i32"],
      ["i32"],
      (f) =>
        f.get(f.params[0]).if(
          () => f.i32(7),
          () => f.i32(8),
          "i32",
        ),
      "pick",
    );
    module.function(
      ["i32"],
      ["i32"],
      (f) => {
        f.block((other) => {
          f.block((one) => {
            f.block((zero) => f.get(f.params[0]).brTable([zero, one], other));
            f.i32(100).op("return");
          });
          f.i32(101).op("return");
        });
        f.i32(102);
      },
      "choose",
    );
    const { pick, choose } = instantiate(module);
    expect([pick(1), pick(0), choose(0), choose(1), choose(9)]).toEqual([7, 8, 100, 101, 102]);
  });

  test("scopes give locals back, by type", () => {
    const module = new ModuleBuilder();
    module.function([], [], (f) => {
      let first: Local | undefined;
      f.scope(() => {
        first = f.local("i32");
        expect(f.local("i32")).not.toBe(first);
        f.local("f32");
      });
      const names = [f.local("i32"), f.local("i32"), f.local("f32"), f.local("i32")].map((local) => local.index);
      expect(names).toEqual([1, 0, 2, 3]);
    });
    expect(WebAssembly.validate(module.build())).toBe(true);
  });

  test("imports may be declared after the code that surrounds them", () => {
    const module = new ModuleBuilder();
    const own = module.global("i32", true, -5);
    const wide = module.global("f64", false, 0.5);
    const half = module.function([], ["f64"], (f) => f.globalGet(wide));
    module.function(
      ["f64"],
      ["f64"],
      (f) => {
        const twice = module.importFunction("js", "twice", ["f64"], ["f64"]);
        const base = module.importGlobal("js", "base", "i32", false);
        f.globalGet(own).globalGet(base).op("i32.add").globalSet(own);
        f.get(f.params[0]).call(twice).call(half).op("f64.add");
      },
      "f",
    );
    module.export("own", "global", own);
    const base = new WebAssembly.Global({ value: "i32" }, 12);
    const { f, own: global } = instantiate(module, { js: { twice: (x: number) => 2 * x, base } });
    expect(f(4)).toBe(8.5);
    expect(global.value).toBe(7);
  });

  test("call_indirect, own and imported tables", () => {
    const module = new ModuleBuilder();
    const functions: Func[] = [10, 20].map((n) =>
      module.function(["i32"], ["i32"], (f) => f.get(f.params[0]).i32(n).op("i32.add")),
    );
    const table = module.table(functions);
    module.function(["i32"], ["i32"], (f) => f.i32(1).get(f.params[0]).callIndirect(table, ["i32"], ["i32"]), "f");
    module.export("table", "table", table);
    const { f, table: exported } = instantiate(module);
    expect([f(0), f(1)]).toEqual([11, 21]);

    const user = new ModuleBuilder();
    const imported = user.importTable("js", "table", 2);
    user.function([], ["i32"], (g) => g.i32(5).i32(1).callIndirect(imported, ["i32"], ["i32"]), "g");
    expect(instantiate(user, { js: { table: exported } }).g()).toBe(25);
  });

  test("an imported shared memory", () => {
    const module = new ModuleBuilder();
    module.importMemory("js", "memory", { initial: 1, maximum: 4, shared: true });
    module.function([], [], (f) => f.i32(8).i32(42).memory("i32.store"), "f");
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 4, shared: true });
    instantiate(module, { js: { memory } }).f();
    expect(new Int32Array(memory.buffer)[2]).toBe(42);
  });

  test("more than 127 functions, and bodies longer than 127 bytes", () => {
    const module = new ModuleBuilder();
    let last = module.function([], ["i32"], (f) => f.i32(0));
    for (let i = 0; i < 300; i++) {
      const before = last;
      last = module.function([], ["i32"], (f) => {
        f.call(before);
        for (let j = 0; j < 50; j++) f.i32(j % 2).op("i32.add");
      });
    }
    module.export("f", "function", last);
    expect(instantiate(module).f()).toBe(300 * 25);
  });
});
