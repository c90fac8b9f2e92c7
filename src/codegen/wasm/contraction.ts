/**
 * Matrix products and convolutions ─► WebAssembly: packed panels and a register tile of 2 rows by 4 vectors.
 *
 * Phase one packs a: pairs of rows, [pair][k][2]. Phase two takes 16 columns at a time: it packs them as a panel,
 * [k][16], and runs the tile over all row pairs. The tile holds 8 accumulators, 4 vectors of b and
 * 2 splats: 14 of the 16 registers that V8 has; larger tiles spill and halve the speed. K is cut into runs that keep a
 * panel in the first cache; between runs the accumulators rest in memory, so that every sum is still one ascending chain.
 *
 * Rows and columns beyond the last repeat the last: they are computed and not stored.
 * Source: Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008).
 */

import type { Index } from "../../lower/index-expr.ts";
import type { ContractionAxis, ContractionKernel, ContractionOperand } from "../../lower/loop-ir.ts";
import type { Func, FunctionBuilder, Local } from "./assembler.ts";
import type { KernelContext, Phase, RenderKernel } from "./context.ts";

const WIDTH = 4; // lanes
const VECTORS = 4; // vectors of columns in a tile
const ROWS = 2; // rows in a tile
const PANEL = WIDTH * VECTORS;
const LONGEST_RUN = 512; // of k: a panel of 32 KiB
const SHORT = 8; // steps along an axis of k that are written out
const PAIRS_AT_ONCE = 512; // row pairs whose accumulators rest in memory between runs
const TILE_BYTES = ROWS * VECTORS * 16;
const A = 0;
const B = 1;
const OUT = 2;

const product = (axes: readonly ContractionAxis[]): number => axes.reduce((n, axis) => n * axis.size, 1);

export const renderContraction: RenderKernel<ContractionKernel> = (kernel, context): readonly Phase[] => {
  const plan = planOf(kernel);
  const packed = context.reserveShared(plan.batch * plan.pairs * plan.k * ROWS * 4);
  context.reserveScratch(plan.scratch.bytes);
  const packPair = packFunction(kernel, context, A);
  const packPanel = packPanelFunction(kernel, context, plan, packFunction(kernel, context, B));
  const tile = tileFunction(context);
  const packA = context.module.function(["i32", "i32"], [], (f) =>
    emitPackA(f, kernel, context, plan, packed, packPair),
  );
  const multiply = context.module.function(["i32", "i32"], [], (f) =>
    new Multiply(f, kernel, context, plan, packed, packPanel, tile).emit(),
  );
  return [
    { func: packA, range: plan.batch * plan.pairs, grain: 1 },
    { func: multiply, range: kernel.parts * plan.batch * plan.panels, grain: 1 },
  ];
};

interface Plan {
  readonly batch: number;
  readonly rows: number;
  readonly cols: number;
  readonly k: number;
  readonly pairs: number;
  readonly panels: number;
  /** length of a part of k, and of a run within it */
  readonly part: number;
  readonly run: number;
  /** steps along the last axis of k that are written out: all of a short one, such as a kernel's width, or 1 */
  readonly unrolled: number;
  /** offsets in scratch memory: addresses of a panel's columns in b and in out, the packed panel, accumulators at rest */
  readonly scratch: {
    readonly columns: number;
    readonly results: number;
    readonly b: number;
    readonly tiles: number;
    readonly bytes: number;
  };
}

function planOf(kernel: ContractionKernel): Plan {
  const rows = product(kernel.rows);
  const cols = product(kernel.cols);
  const k = product(kernel.inner);
  const pairs = Math.ceil(rows / ROWS);
  const part = Math.ceil(k / kernel.parts);
  const last = kernel.inner.at(-1);
  const short = last !== undefined && last.size <= SHORT && last.strides[B] >= 0 && kernel.parts === 1;
  const unrolled = short ? last.size : 1;
  const run = Math.ceil(part / Math.ceil(part / LONGEST_RUN) / unrolled) * unrolled;
  const results = 4 * PANEL;
  const b = results + 4 * PANEL;
  const tiles = b + run * PANEL * 4;
  const resting = run < part ? Math.min(pairs, PAIRS_AT_ONCE) : 1;
  return {
    batch: product(kernel.batch),
    rows,
    cols,
    k,
    pairs,
    panels: Math.ceil(cols / PANEL),
    part,
    run,
    unrolled,
    scratch: { columns: 0, results, b, tiles, bytes: tiles + resting * TILE_BYTES },
  };
}

// ── addresses ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** Pushes the byte offset of position `flat` (row-major over the axes) in an operand. */
function pushOffset(f: FunctionBuilder, axes: readonly ContractionAxis[], operand: number, flat: Local): void {
  f.i32(0);
  let below = product(axes);
  for (const [i, axis] of axes.entries()) {
    const above = below;
    below /= axis.size;
    f.get(flat);
    if (i > 0) f.i32(above).op("i32.rem_u");
    if (below > 1) f.i32(below).op("i32.div_u");
    f.i32(4 * axis.strides[operand]).op("i32.mul", "i32.add");
  }
}

/** The address of an operand's element at position zero. */
function originOf(f: FunctionBuilder, context: KernelContext, operand: ContractionOperand): Local {
  const local = f.local("i32");
  f.globalGet(context.block).memory("i32.load", context.pointer(operand.buffer));
  pushElements(f, context, operand.offset);
  f.op("i32.add").set(local);
  return local;
}

/** Pushes the bytes of an index that is linear in the variables of enclosing scans. */
function pushElements(f: FunctionBuilder, context: KernelContext, index: Index): void {
  f.i32(4 * index.constant);
  for (const { atom, coefficient } of index.terms) {
    if (atom.kind !== "var") continue;
    f.globalGet(context.block).memory("i32.load", context.position(atom.variable));
    f.i32(4 * coefficient).op("i32.mul", "i32.add");
  }
}

function loadWord(f: FunctionBuilder, context: KernelContext, word: number): Local {
  const local = f.local("i32");
  f.globalGet(context.block).memory("i32.load", word).set(local);
  return local;
}

/** for i in from..to−1, at least once if `from` < `to` */
function range(
  f: FunctionBuilder,
  from: (f: FunctionBuilder) => void,
  to: (f: FunctionBuilder) => void,
  body: (i: Local) => void,
  step = 1,
): void {
  f.scope(() => {
    const i = f.local("i32");
    from(f);
    f.set(i);
    f.block((end) => {
      f.loop((again) => {
        f.get(i);
        to(f);
        f.op("i32.ge_s").brIf(end);
        body(i);
        f.get(i).i32(step).op("i32.add").set(i).br(again);
      });
    });
  });
}

// ── packing ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Walks the inner axes in order: the positions, and the byte offset that they add up to. */
class Odometer {
  readonly offset: Local;
  readonly #f: FunctionBuilder;
  readonly #axes: readonly ContractionAxis[];
  readonly #operand: number;
  readonly #positions: Local[];

  constructor(f: FunctionBuilder, axes: readonly ContractionAxis[], operand: number, start: Local) {
    this.#f = f;
    this.#axes = axes.length > 0 ? axes : [{ size: 1, strides: [0, 0, 0] }];
    this.#operand = operand;
    this.offset = f.local("i32");
    pushOffset(f, axes, operand, start);
    f.set(this.offset);
    let below = product(axes);
    this.#positions = this.#axes.map((axis, i) => {
      const position = f.local("i32");
      const above = below;
      below /= axis.size;
      f.get(start);
      if (i > 0) f.i32(above).op("i32.rem_u");
      if (below > 1) f.i32(below).op("i32.div_u");
      f.set(position);
      return position;
    });
  }

  get stride(): number {
    return 4 * this.#axes[this.#axes.length - 1].strides[this.#operand];
  }

  /** Sets `count` to the steps that are left on the last axis, `most` of them at most. */
  left(count: Local, most: Local): void {
    const last = this.#axes.length - 1;
    const f = this.#f;
    f.i32(this.#axes[last].size).get(this.#positions[last]).op("i32.sub").tee(count);
    f.get(most).get(count).get(most).op("i32.lt_s").op("select").set(count);
  }

  /** One step along the last axis. */
  step(): void {
    const f = this.#f;
    f.get(this.offset).i32(this.stride).op("i32.add").set(this.offset);
    const last = this.#axes.length - 1;
    f.get(this.#positions[last]).i32(1).op("i32.add").tee(this.#positions[last]);
    f.i32(this.#axes[last].size).op("i32.eq");
    this.#wrap(last);
  }

  /** After `count` steps along the last axis have moved `offset` already. */
  carry(count: Local): void {
    const f = this.#f;
    const last = this.#axes.length - 1;
    f.get(this.#positions[last]).get(count).op("i32.add").tee(this.#positions[last]);
    f.i32(this.#axes[last].size).op("i32.eq");
    this.#wrap(last);
  }

  /** Pops whether axis i has come to its end; if so goes back to its beginning and one step on the axis before. */
  #wrap(i: number): void {
    const f = this.#f;
    if (i === 0) {
      f.op("drop");
      return;
    }
    f.if(() => {
      const back =
        4 * (this.#axes[i - 1].strides[this.#operand] - this.#axes[i].size * this.#axes[i].strides[this.#operand]);
      f.i32(0).set(this.#positions[i]);
      f.get(this.offset).i32(back).op("i32.add").set(this.offset);
      f.get(this.#positions[i - 1])
        .i32(1)
        .op("i32.add")
        .tee(this.#positions[i - 1]);
      f.i32(this.#axes[i - 1].size).op("i32.eq");
      this.#wrap(i - 1);
    });
  }
}

/**
 * (addresses of the lanes…, target, first k, number of k): copies lanes side by side, `target` moving on by a row pair
 * (a: 2 lanes) or a panel (b: 4 lanes of the 16) with each k.
 */
function packFunction(kernel: ContractionKernel, context: KernelContext, operand: 0 | 1): Func {
  const lanes = operand === A ? ROWS : WIDTH;
  const step = operand === A ? ROWS * 4 : PANEL * 4;
  return context.module.function([...new Array<"i32">(lanes).fill("i32"), "i32", "i32", "i32"], [], (f) => {
    const sources = f.params.slice(0, lanes);
    const [target, first, total] = f.params.slice(lanes);
    const odometer = new Odometer(f, kernel.inner, operand, first);
    const count = f.local("i32");
    const apart = f.local("i32");
    // Whether the lanes are neighbours in memory: then one load takes them all.
    f.i32(0);
    for (let lane = 1; lane < lanes; lane++) {
      f.get(sources[lane])
        .get(sources[0])
        .op("i32.sub")
        .i32(4 * lane)
        .op("i32.ne", "i32.or");
    }
    f.set(apart);
    const whole = (): void => {
      f.get(target).get(sources[0]).get(odometer.offset).op("i32.add");
      if (lanes === ROWS) f.memory("i64.load").memory("i64.store");
      else f.memory("v128.load").memory("v128.store");
    };
    const single = (): void => {
      for (let lane = 0; lane < lanes; lane++) {
        f.get(target)
          .get(sources[lane])
          .get(odometer.offset)
          .op("i32.add")
          .memory("i32.load")
          .memory("i32.store", 4 * lane);
      }
    };
    const advance = (by: number): void => {
      f.get(odometer.offset)
        .i32(by * odometer.stride)
        .op("i32.add")
        .set(odometer.offset);
      f.get(target)
        .i32(by * step)
        .op("i32.add")
        .set(target);
    };
    const steps = (emit: () => void, from: Local): void => {
      range(
        f,
        (g) => g.get(from),
        (g) => g.get(count),
        () => {
          emit();
          advance(1);
        },
      );
    };
    f.block((end) => {
      f.loop((again) => {
        f.get(total).op("i32.eqz").brIf(end);
        odometer.left(count, total);
        f.get(total).get(count).op("i32.sub").set(total);
        const done = f.local("i32");
        f.i32(0).set(done);
        f.get(apart).op("i32.eqz");
        f.if(
          () => steps(whole, done),
          () => {
            if (odometer.stride === 4) transposeFours(f, sources, target, odometer.offset, count, done, step, advance);
            steps(single, done);
          },
        );
        odometer.carry(count);
        f.br(again);
      });
    });
  });
}

/**
 * (address of the 16 columns' addresses, target, first k, number of k): packs a panel.
 *
 * Four neighbouring columns of an image lie side by side, or in two rows of it: then their elements are the beginning of
 * one vector and the end of another. Where every four are like that, a k takes eight loads; else lanes come one by one.
 */
function packPanelFunction(kernel: ContractionKernel, context: KernelContext, plan: Plan, packLanes: Func): Func {
  return context.module.function(["i32", "i32", "i32", "i32"], [], (f) => {
    const [table, target, first, total] = f.params;
    const groups = Array.from({ length: VECTORS }, () => ({
      head: f.local("i32"),
      tail: f.local("i32"),
      inHead: f.local("v128"),
    }));
    const addresses = f.local("v128");
    const regular = f.local("i32");
    const split = f.local("i32");
    f.i32(1).set(regular).i32(0).set(split);
    for (const [g, { head, tail, inHead }] of groups.entries()) {
      f.get(table)
        .memory("v128.load", 16 * g)
        .tee(addresses);
      f.lane("i32x4.extract_lane", 0).set(head);
      f.get(addresses).lane("i32x4.extract_lane", 3).i32(12).op("i32.sub").set(tail);
      f.get(addresses).get(head).op("i32x4.splat").i32x4(0, 4, 8, 12).op("i32x4.add", "i32x4.eq").tee(inHead);
      f.get(addresses).get(tail).op("i32x4.splat").i32x4(0, 4, 8, 12).op("i32x4.add", "i32x4.eq", "v128.or");
      f.op("i32x4.all_true").get(regular).op("i32.and").set(regular);
      f.get(inHead).op("i32x4.all_true", "i32.eqz").get(split).op("i32.or").set(split);
    }
    const last = kernel.inner.at(-1);
    const axes = plan.unrolled > 1 ? kernel.inner.slice(0, -1) : kernel.inner;
    const stride = plan.unrolled > 1 ? 4 * last!.strides[B] : 0;
    const copy = (twoRows: boolean): void => {
      f.scope(() => {
        const start = f.local("i32");
        f.get(first).i32(plan.unrolled).op("i32.div_u").set(start);
        const odometer = new Odometer(f, axes, B, start);
        const [head, tail] = [f.local("i32"), f.local("i32")];
        f.get(total).i32(plan.unrolled).op("i32.div_u").set(total);
        f.loop((again) => {
          for (const [g, group] of groups.entries()) {
            f.get(group.head).get(odometer.offset).op("i32.add").set(head);
            if (twoRows) f.get(group.tail).get(odometer.offset).op("i32.add").set(tail);
            for (let k = 0; k < plan.unrolled; k++) {
              f.get(target);
              f.get(head).memory("v128.load", k * stride);
              if (twoRows)
                f.get(tail)
                  .memory("v128.load", k * stride)
                  .get(group.inHead)
                  .op("v128.bitselect");
              f.memory("v128.store", 4 * PANEL * k + 16 * g);
            }
          }
          odometer.step();
          f.get(target)
            .i32(4 * PANEL * plan.unrolled)
            .op("i32.add")
            .set(target);
          f.get(total).i32(1).op("i32.sub").tee(total).brIf(again);
        });
      });
    };
    f.get(regular).if(
      () =>
        f.get(split).if(
          () => copy(true),
          () => copy(false),
        ),
      () => {
        for (let g = 0; g < VECTORS; g++) {
          for (let lane = 0; lane < WIDTH; lane++) f.get(table).memory("i32.load", 4 * (WIDTH * g + lane));
          f.get(target)
            .i32(16 * g)
            .op("i32.add")
            .get(first)
            .get(total)
            .call(packLanes);
        }
      },
    );
  });
}

/** While four k are left: a vector along k from each lane, stored across. Sets `done` to the k that it has taken. */
function transposeFours(
  f: FunctionBuilder,
  sources: readonly Local[],
  target: Local,
  offset: Local,
  count: Local,
  done: Local,
  step: number,
  advance: (by: number) => void,
): void {
  const along = sources.map(() => f.local("v128"));
  f.block((end) => {
    f.loop((again) => {
      f.get(done).i32(WIDTH).op("i32.add").get(count).op("i32.gt_s").brIf(end);
      for (const [lane, source] of sources.entries())
        f.get(source).get(offset).op("i32.add").memory("v128.load").set(along[lane]);
      if (sources.length === ROWS) {
        f.get(target).get(along[0]).get(along[1]).shuffle32(0, 4, 1, 5).memory("v128.store");
        f.get(target).get(along[0]).get(along[1]).shuffle32(2, 6, 3, 7).memory("v128.store", 16);
      } else {
        const [low01, high01, low23, high23] = [0, 1, 2, 3].map(() => f.local("v128"));
        f.get(along[0]).get(along[1]).shuffle32(0, 4, 1, 5).set(low01);
        f.get(along[0]).get(along[1]).shuffle32(2, 6, 3, 7).set(high01);
        f.get(along[2]).get(along[3]).shuffle32(0, 4, 1, 5).set(low23);
        f.get(along[2]).get(along[3]).shuffle32(2, 6, 3, 7).set(high23);
        f.get(target).get(low01).get(low23).shuffle32(0, 1, 4, 5).memory("v128.store");
        f.get(target).get(low01).get(low23).shuffle32(2, 3, 6, 7).memory("v128.store", step);
        f.get(target)
          .get(high01)
          .get(high23)
          .shuffle32(0, 1, 4, 5)
          .memory("v128.store", 2 * step);
        f.get(target)
          .get(high01)
          .get(high23)
          .shuffle32(2, 3, 6, 7)
          .memory("v128.store", 3 * step);
      }
      advance(WIDTH);
      f.get(done).i32(WIDTH).op("i32.add").set(done).br(again);
    });
  });
}

/** Packs row pairs lo to hi − 1 (over all batches) with all of their k. */
function emitPackA(
  f: FunctionBuilder,
  kernel: ContractionKernel,
  context: KernelContext,
  plan: Plan,
  packed: number,
  pack: Func,
): void {
  const [lo, hi] = f.params;
  const origin = originOf(f, context, kernel.a);
  const base = loadWord(f, context, packed);
  range(
    f,
    (g) => g.get(lo),
    (g) => g.get(hi),
    (pair) => {
      const batch = f.local("i32");
      const row = f.local("i32");
      const start = f.local("i32");
      f.get(pair).i32(plan.pairs).op("i32.div_u").set(batch);
      f.get(origin);
      pushOffset(f, kernel.batch, A, batch);
      f.op("i32.add").set(start);
      for (let r = 0; r < ROWS; r++) {
        f.get(pair).i32(plan.pairs).op("i32.rem_u").i32(ROWS).op("i32.mul").i32(r).op("i32.add").set(row);
        clamp(f, row, plan.rows - 1);
        f.get(start);
        pushOffset(f, kernel.rows, A, row);
        f.op("i32.add");
      }
      f.get(base)
        .get(pair)
        .i32(plan.k * ROWS * 4)
        .op("i32.mul", "i32.add");
      f.i32(0).i32(plan.k).call(pack);
    },
  );
}

/** local = min(local, most) */
function clamp(f: FunctionBuilder, local: Local, most: number): void {
  f.get(local).i32(most).get(local).i32(most).op("i32.lt_s", "select").set(local);
}

/**
 * (a, b, number of k, tile, whether to go on from what the tile holds): the inner loop, 2 splats, 4 loads and 8
 * multiply-adds for each k. A function of its own: in a larger one V8 runs out of registers.
 */
function tileFunction(context: KernelContext): Func {
  return context.module.function(["i32", "i32", "i32", "i32", "i32"], [], (f) => {
    const [a, b, length, tile, goOn] = f.params;
    const acc = Array.from({ length: ROWS * VECTORS }, () => f.local("v128"));
    const columns = Array.from({ length: VECTORS }, () => f.local("v128"));
    const splat = f.local("v128");
    f.get(goOn).if(() => {
      for (const [i, register] of acc.entries())
        f.get(tile)
          .memory("v128.load", 16 * i)
          .set(register);
    });
    // Not unrolled: V8 would move the loads of several k together and run out of registers.
    f.loop((again) => {
      for (const [j, column] of columns.entries()) {
        f.get(b)
          .memory("v128.load", 16 * j)
          .set(column);
      }
      for (let r = 0; r < ROWS; r++) {
        f.get(a)
          .memory("v128.load32_splat", 4 * r)
          .set(splat);
        for (const [j, column] of columns.entries()) {
          const sum = acc[r * VECTORS + j];
          if (context.features.relaxedMadd) f.get(splat).get(column).get(sum).op("f32x4.relaxed_madd").set(sum);
          else f.get(sum).get(splat).get(column).op("f32x4.mul", "f32x4.add").set(sum);
        }
      }
      f.get(a)
        .i32(ROWS * 4)
        .op("i32.add")
        .set(a);
      f.get(b)
        .i32(PANEL * 4)
        .op("i32.add")
        .set(b);
      f.get(length).i32(1).op("i32.sub").tee(length).brIf(again);
    });
    for (const [i, register] of acc.entries())
      f.get(tile)
        .get(register)
        .memory("v128.store", 16 * i);
  });
}

// ── the product ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** Panels of columns lo to hi − 1, over all parts and batches. */
class Multiply {
  readonly #f: FunctionBuilder;
  readonly #kernel: ContractionKernel;
  readonly #plan: Plan;
  readonly #pack: Func;
  readonly #tile: Func;
  readonly #a: Local;
  readonly #b: Local;
  readonly #out: Local;
  readonly #packed: Local;
  readonly #scratch: Local;
  /** the panel, and whether a row of its results is whole vectors in memory */
  readonly #panel: Local;
  readonly #whole: Local;

  constructor(
    f: FunctionBuilder,
    kernel: ContractionKernel,
    context: KernelContext,
    plan: Plan,
    packed: number,
    pack: Func,
    tile: Func,
  ) {
    this.#f = f;
    this.#kernel = kernel;
    this.#plan = plan;
    this.#pack = pack;
    this.#tile = tile;
    this.#packed = loadWord(f, context, packed);
    this.#scratch = f.local("i32");
    f.globalGet(context.scratch).set(this.#scratch);
    this.#b = originOf(f, context, kernel.b);
    this.#out = originOf(f, context, kernel.out);
    this.#a = f.local("i32");
    this.#panel = f.local("i32");
    this.#whole = f.local("i32");
  }

  emit(): void {
    const f = this.#f;
    const [lo, hi] = f.params;
    const { batch: batches, panels, pairs, part, k } = this.#plan;
    const { parts, partStride } = this.#kernel;
    range(
      f,
      (g) => g.get(lo),
      (g) => g.get(hi),
      (item) => {
        const [batch, start, stop, b, out] = [0, 0, 0, 0, 0].map(() => f.local("i32"));
        f.get(item).i32(panels).op("i32.rem_u").set(this.#panel);
        f.get(item).i32(panels).op("i32.div_u").i32(batches).op("i32.rem_u").set(batch);
        f.get(item)
          .i32(panels * batches)
          .op("i32.div_u")
          .set(start);
        f.get(this.#out)
          .get(start)
          .i32(4 * partStride)
          .op("i32.mul", "i32.add");
        pushOffset(f, this.#kernel.batch, OUT, batch);
        f.op("i32.add").set(out);
        f.get(this.#b);
        pushOffset(f, this.#kernel.batch, B, batch);
        f.op("i32.add").set(b);
        f.get(start).i32(part).op("i32.mul").set(start);
        f.get(start).i32(part).op("i32.add").set(stop);
        if (parts > 1) clamp(f, stop, k);
        f.get(this.#packed)
          .get(batch)
          .i32(pairs * k * ROWS * 4)
          .op("i32.mul", "i32.add")
          .set(this.#a);
        this.#columns(b, out);
        this.#runs(start, stop);
      },
    );
  }

  /** Leaves the addresses of the panel's columns, in b and in out, in scratch memory. */
  #columns(b: Local, out: Local): void {
    const f = this.#f;
    const { scratch, cols } = this.#plan;
    const at = f.local("i32");
    const column = f.local("i32");
    range(
      f,
      (g) => g.i32(0),
      (g) => g.i32(PANEL),
      (j) => {
        f.get(this.#panel).i32(PANEL).op("i32.mul").get(j).op("i32.add").set(column);
        clamp(f, column, cols - 1);
        f.get(this.#scratch).get(j).i32(2).op("i32.shl", "i32.add").set(at);
        f.get(at).get(b);
        pushOffset(f, this.#kernel.cols, B, column);
        f.op("i32.add").memory("i32.store", scratch.columns);
        f.get(at).get(out);
        pushOffset(f, this.#kernel.cols, OUT, column);
        f.op("i32.add").memory("i32.store", scratch.results);
      },
    );
    f.get(this.#panel)
      .i32(Math.floor(cols / PANEL))
      .op("i32.lt_s")
      .set(this.#whole);
    for (let first = 0; first < PANEL; first += WIDTH) {
      for (let lane = 1; lane < WIDTH; lane++) {
        f.get(this.#scratch).memory("i32.load", scratch.results + 4 * (first + lane));
        f.get(this.#scratch).memory("i32.load", scratch.results + 4 * first);
        f.op("i32.sub")
          .i32(4 * lane)
          .op("i32.eq")
          .get(this.#whole)
          .op("i32.and")
          .set(this.#whole);
      }
    }
  }

  /** Runs of k over all row pairs; with several runs, over so many pairs at once that their accumulators stay near. */
  #runs(start: Local, stop: Local): void {
    const f = this.#f;
    const { pairs, part, run, scratch } = this.#plan;
    const single = run >= part;
    const together = single ? pairs : PAIRS_AT_ONCE;
    range(
      f,
      (g) => g.i32(0),
      (g) => g.i32(pairs),
      (fromPair) => {
        const toPair = f.local("i32");
        f.get(fromPair).i32(together).op("i32.add").set(toPair);
        clamp(f, toPair, pairs);
        range(
          f,
          (g) => g.get(start),
          (g) => g.get(stop),
          (k0) => {
            const length = f.local("i32");
            f.get(stop).get(k0).op("i32.sub").set(length);
            clamp(f, length, run);
            f.get(this.#scratch).i32(scratch.columns).op("i32.add");
            f.get(this.#scratch).i32(scratch.b).op("i32.add").get(k0).get(length).call(this.#pack);
            range(
              f,
              (g) => g.get(fromPair),
              (g) => g.get(toPair),
              (pair) => this.#pair(pair, fromPair, { k0, length, start, stop, single }),
            );
          },
          run,
        );
      },
      together,
    );
  }

  #pair(
    pair: Local,
    fromPair: Local,
    run: { k0: Local; length: Local; start: Local; stop: Local; single: boolean },
  ): void {
    const f = this.#f;
    const { k, scratch } = this.#plan;
    const tile = f.local("i32");
    // With one run of k the accumulators only pass through memory on their way to the result.
    f.get(this.#scratch).i32(scratch.tiles).op("i32.add");
    if (!run.single) f.get(pair).get(fromPair).op("i32.sub").i32(TILE_BYTES).op("i32.mul", "i32.add");
    f.set(tile);
    f.get(this.#a).get(pair).i32(k).op("i32.mul").get(run.k0).op("i32.add");
    f.i32(ROWS * 4).op("i32.mul", "i32.add");
    f.get(this.#scratch).i32(scratch.b).op("i32.add");
    f.get(run.length).get(tile).get(run.k0).get(run.start).op("i32.ne").call(this.#tile);
    f.get(run.k0).get(run.length).op("i32.add").get(run.stop).op("i32.eq");
    f.if(() => this.#store(tile, pair));
  }

  #store(tile: Local, pair: Local): void {
    const f = this.#f;
    const { scratch, rows, cols } = this.#plan;
    const row = f.local("i32");
    const offset = f.local("i32");
    const eachRow = (emit: (r: number) => void): void => {
      for (let r = 0; r < ROWS; r++) {
        f.get(pair).i32(ROWS).op("i32.mul").i32(r).op("i32.add").tee(row);
        f.i32(rows)
          .op("i32.lt_s")
          .if(() => {
            pushOffset(f, this.#kernel.rows, OUT, row);
            f.set(offset);
            emit(r);
          });
      }
    };
    const address = (column: number): FunctionBuilder =>
      f
        .get(this.#scratch)
        .memory("i32.load", scratch.results + 4 * column)
        .get(offset)
        .op("i32.add");
    f.get(this.#whole).if(
      () =>
        eachRow((r) => {
          for (let first = 0; first < PANEL; first += WIDTH) {
            address(first)
              .get(tile)
              .memory("v128.load", 4 * (r * PANEL + first))
              .memory("v128.store");
          }
        }),
      () => {
        const valid = f.local("i32");
        f.i32(cols).get(this.#panel).i32(PANEL).op("i32.mul", "i32.sub").set(valid);
        eachRow((r) => {
          for (let column = 0; column < PANEL; column++) {
            f.get(valid)
              .i32(column)
              .op("i32.gt_s")
              .if(() => {
                address(column)
                  .get(tile)
                  .memory("i32.load", 4 * (r * PANEL + column))
                  .memory("i32.store");
              });
          }
        });
      },
    );
  }
}
