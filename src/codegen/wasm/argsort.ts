/**
 * argsort of u32 keys: the stable radix sort of pairs (key, position), least significant byte first.
 *
 * A pair is one i64, key in the low word, so that a pass moves it by one load and one store. All four histograms come
 * from one reading of the keys, and a byte that all keys share costs no pass. Short rows are sorted by insertion.
 * Source: Knuth, "The Art of Computer Programming" 3, sections 5.2.1 and 5.2.5.
 */

import type { ArgsortKernel } from "../../lower/loop-ir.ts";
import type { FunctionBuilder, Local } from "./assembler.ts";
import type { KernelContext, Phase, RenderKernel } from "./context.ts";

const SHORT = 48;
const PAIR = 8;
const BYTES = [0, 1, 2, 3];
const BINS = 256;
const HISTOGRAM = 4 * BINS;

export const renderArgsort: RenderKernel<ArgsortKernel> = (kernel, context): readonly Phase[] => {
  const { rows, length } = kernel;
  if (length > SHORT) context.reserveScratch(BYTES.length * HISTOGRAM);
  const func = context.module.function(["i32", "i32"], [], (f) => {
    const keys = address(f, context, kernel.keys);
    const out = address(f, context, kernel.out);
    const pairs = address(f, context, kernel.scratch);
    times(f, rows, () => {
      const sorted = f.local("i32");
      f.get(pairs).set(sorted);
      if (length > SHORT) radixSort(f, context, { keys, pairs, sorted, length });
      else insertionSort(f, { keys, pairs, length });
      times(f, length, (i) => {
        at(f, out, i, 4);
        at(f, sorted, i, PAIR).memory("i32.load", 4).memory("i32.store");
      });
      for (const row of [keys, out]) {
        f.get(row)
          .i32(4 * length)
          .op("i32.add")
          .set(row);
      }
    });
  });
  // All rows use the same scratch buffer.
  return [{ func, range: 1, grain: 1 }];
};

interface Row {
  readonly keys: Local;
  readonly pairs: Local;
  readonly length: number;
}

function insertionSort(f: FunctionBuilder, { keys, pairs, length }: Row): void {
  const key = f.local("i32");
  const j = f.local("i32"); // where the pair goes: an address
  times(f, length, (i) => {
    at(f, keys, i, 4).memory("i32.load").set(key);
    at(f, pairs, i, PAIR).set(j);
    f.block((placed) => {
      f.loop((again) => {
        f.get(j).get(pairs).op("i32.eq").brIf(placed);
        f.get(j).i32(PAIR).op("i32.sub").memory("i32.load").get(key).op("i32.le_u").brIf(placed);
        f.get(j).get(j).i32(PAIR).op("i32.sub").tee(j).memory("i64.load").memory("i64.store");
        f.br(again);
      });
    });
    f.get(j);
    pair(f, key, i).memory("i64.store");
  });
}

/** Leaves the address of the sorted pairs in `sorted`: they end in the first or the second half of the scratch buffer. */
function radixSort(f: FunctionBuilder, context: KernelContext, row: Row & { readonly sorted: Local }): void {
  const { keys, pairs, length, sorted } = row;
  const key = f.local("i32");
  const bin = f.local("i32");
  const target = f.local("i32");
  const value = f.local("i64");
  /** the address of the bin that the key falls into, less the histogram's offset */
  const binOf = (byte: number) => {
    f.globalGet(context.scratch).get(key);
    if (byte > 0) f.i32(8 * byte).op("i32.shr_u");
    return f.i32(255).op("i32.and").i32(2).op("i32.shl", "i32.add");
  };

  f.globalGet(context.scratch)
    .i32(0)
    .i32(BYTES.length * HISTOGRAM)
    .memoryFill();
  times(f, length, (i) => {
    at(f, keys, i, 4).memory("i32.load").set(key);
    at(f, pairs, i, PAIR);
    pair(f, key, i).memory("i64.store");
    for (const byte of BYTES) {
      binOf(byte).tee(bin);
      f.get(bin)
        .memory("i32.load", byte * HISTOGRAM)
        .i32(1)
        .op("i32.add")
        .memory("i32.store", byte * HISTOGRAM);
    }
  });

  f.get(pairs)
    .i32(PAIR * length)
    .op("i32.add")
    .set(target);
  for (const byte of BYTES) {
    const histogram = byte * HISTOGRAM;
    f.get(keys).memory("i32.load").set(key);
    binOf(byte).memory("i32.load", histogram).i32(length).op("i32.ne");
    f.if(() => {
      startsOfBins(f, context, histogram);
      times(f, length, (i) => {
        at(f, sorted, i, PAIR).memory("i64.load").tee(value).op("i32.wrap_i64").set(key);
        binOf(byte).set(bin);
        f.get(bin).memory("i32.load", histogram).i32(3).op("i32.shl").get(target).op("i32.add");
        f.get(value).memory("i64.store");
        f.get(bin).get(bin).memory("i32.load", histogram).i32(1).op("i32.add").memory("i32.store", histogram);
      });
      f.get(sorted).get(target).set(sorted).set(target);
    });
  }
}

/** Turns counts into the position at which each bin begins. */
function startsOfBins(f: FunctionBuilder, context: KernelContext, histogram: number): void {
  f.scope(() => {
    const sum = f.local("i32");
    const count = f.local("i32");
    const bin = f.local("i32");
    f.i32(0).set(sum);
    times(f, BINS, (i) => {
      f.globalGet(context.scratch).get(i).i32(2).op("i32.shl", "i32.add").tee(bin);
      f.memory("i32.load", histogram).set(count);
      f.get(bin).get(sum).memory("i32.store", histogram);
      f.get(sum).get(count).op("i32.add").set(sum);
    });
  });
}

/** for i in 0..count−1 */
function times(f: FunctionBuilder, count: number, body: (i: Local) => void): void {
  if (count === 0) return;
  f.scope(() => {
    const i = f.local("i32");
    f.i32(0).set(i);
    f.loop((again) => {
      body(i);
      f.get(i).i32(1).op("i32.add").tee(i).i32(count).op("i32.lt_u").brIf(again);
    });
  });
}

/** base + i · bytes */
function at(f: FunctionBuilder, base: Local, i: Local, bytes: number): FunctionBuilder {
  return f.get(base).get(i).i32(Math.log2(bytes)).op("i32.shl", "i32.add");
}

function pair(f: FunctionBuilder, key: Local, position: Local): FunctionBuilder {
  f.get(position).op("i64.extend_i32_u").i64(32n).op("i64.shl");
  return f.get(key).op("i64.extend_i32_u", "i64.or");
}

function address(f: FunctionBuilder, context: KernelContext, buffer: number): Local {
  const local = f.local("i32");
  f.globalGet(context.block).memory("i32.load", context.pointer(buffer)).set(local);
  return local;
}
