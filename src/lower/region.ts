/** A graph with placed inputs and wanted outputs ─► kernels in an order that is safe to run. */

import { type Graph, type Node, topological, type Value } from "../core/graph.ts";
import { numel, sameShape } from "../core/shape.ts";
import { attentionOperands, isAttention, lowerAttention, storesRows } from "./attention.ts";
import type { Axes } from "./axes.ts";
import type { ProgramBuilder } from "./builder.ts";
import { contractionOperands, isContraction, isOneKernel, lowerContraction } from "./contract.ts";
import { addressOf, ElementReader, type Location, type Scope } from "./element.ts";
import { stridesIn, withEpilogue } from "./epilogue.ts";
import { local, makeLocal } from "./expr.ts";
import { type Footprint, footprint, type Group, isSibling, joinGroup, newGroup, type Unit } from "./fuse.ts";
import type { Index } from "./index-expr.ts";
import type { ContractionKernel, Expr, Kernel, LoopKernel, Stmt } from "./loop-ir.ts";
import { buildNest, loopKernel, type Segment } from "./nest.ts";
import { isOpaque, lowerOpaque, mayFail, opaqueOperands } from "./opaque.ts";
import { type Emit, splitReduction } from "./parts.ts";
import { chooseRealized } from "./realize.ts";
import { emptyReduction, fullIndex, makeStage, mapElement, type Stage, stageOf } from "./stage.ts";

/** A value that must end up in a place. */
export interface Target {
  readonly value: Value;
  readonly location: Location;
  /** the input whose buffer it overwrites */
  readonly replaces: Value | undefined;
  /** written only after every check has passed */
  readonly last: boolean;
}

export interface RegionResult {
  readonly kernels: Kernel[];
  /** number of kernels before the first that writes a target marked `last` */
  readonly commit: number;
}

export function lowerRegion(
  inputs: readonly Value[],
  places: readonly Location[],
  targets: readonly Target[],
  builder: ProgramBuilder,
): RegionResult {
  return new Region(inputs, places, targets, builder).lower();
}

class Region {
  readonly builder: ProgramBuilder;
  readonly #targets: readonly Target[];
  readonly #graph: Graph;
  readonly #locations = new Map<Value, Location>();
  readonly #inputs: ReadonlySet<Value>;
  readonly #nodes: readonly Node[];
  readonly #realized: Set<Value>;
  readonly #units: Unit[] = [];
  readonly #unitOf = new Map<Value, Unit>();
  readonly #stages = new Map<Value, Stage>();
  readonly #footprints = new Map<Stage, Footprint>();
  /** stages that are computed in pieces, and how */
  readonly #splits = new Map<Stage, Emit>();
  /** units that must come before others although they pass them no value: they read what the others overwrite */
  readonly #before = new Map<Unit, Set<Unit>>();

  constructor(
    inputs: readonly Value[],
    places: readonly Location[],
    targets: readonly Target[],
    builder: ProgramBuilder,
  ) {
    this.builder = builder;
    this.#targets = targets;
    this.#graph = { inputs, outputs: targets.map((t) => t.value) };
    this.#inputs = new Set(inputs);
    inputs.forEach((value, i) => {
      this.#locations.set(value, places[i]);
    });
    this.#nodes = topological(this.#graph.outputs, (value) => this.#inputs.has(value));
    this.#realized = chooseRealized(this.#graph, builder.fuse, (node, realized) => this.#mustAddress(node, realized));
  }

  lower(): RegionResult {
    for (const node of this.#nodes) this.#addNode(node);
    const copies = this.#placeTargets();
    if (this.builder.epilogues) for (const unit of [...this.#units]) this.#joinContraction(unit);
    const order = this.#schedule();
    for (const unit of order) this.#placeValues(unit);
    const kernels: Kernel[] = [];
    // An input is copied before anything can overwrite it.
    for (const { from, to } of copies.early) kernels.push(copyKernel(from, to));
    const late = new Set(this.#targets.filter((t) => t.last).map((t) => t.location.buffer));
    let commit: number | undefined;
    for (const unit of order) {
      const made = this.#emit(unit);
      if (commit === undefined && made.some((k) => k.writes.some((b) => late.has(b)))) commit = kernels.length;
      kernels.push(...made);
    }
    const rest = copies.late.map(({ from, to }) => copyKernel(from, to));
    const plain = rest.filter((k) => !k.writes.some((b) => late.has(b)));
    commit ??= kernels.length + plain.length;
    kernels.push(...plain, ...together(rest.filter((k) => !plain.includes(k))));
    return { kernels, commit };
  }

  // ── units ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  #mustAddress(node: Node, realized: ReadonlySet<Value>): readonly Value[] {
    if (isContraction(node)) return contractionOperands(node, realized);
    return isAttention(node) ? attentionOperands(node, realized) : opaqueOperands(node, realized);
  }

  #addNode(node: Node): void {
    const values = node.outputs.filter((value) => this.#realized.has(value));
    if (values.length === 0) return;
    if (isContraction(node) || isAttention(node) || isOpaque(node)) {
      const unit = this.#newUnit(undefined, node, values);
      for (const input of this.#realizedUnder(node.inputs)) unit.reads.add(input);
      return;
    }
    const [value] = values;
    const stage = stageOf(value);
    this.#stages.set(value, stage);
    const reads = footprint(stage, (v) => v !== value && this.#realized.has(v));
    this.#footprints.set(stage, reads);
    const split = splitReduction(stage, (v) => v !== value && this.#realized.has(v));
    if (split) this.#splits.set(stage, split);
    const group = this.builder.fuse && !split ? this.#join(stage, reads) : undefined;
    const unit = group ?? this.#newUnit(newGroup(stage), undefined, []);
    if (!unit.values.includes(value)) unit.values.push(value);
    this.#unitOf.set(value, unit);
    for (const read of reads.reads) if (!unit.values.includes(read.value)) unit.reads.add(read.value);
  }

  #newUnit(group: Group | undefined, node: Node | undefined, values: Value[]): Unit {
    const unit: Unit = { id: this.#units.length, group, node, epilogue: undefined, values, reads: new Set() };
    this.#units.push(unit);
    for (const value of values) this.#unitOf.set(value, unit);
    return unit;
  }

  /** Tries the groups that feed the stage, then those that walk the same positions and read the same values; latest first. */
  #join(stage: Stage, reads: Footprint): Unit | undefined {
    const sources = new Set<Unit>();
    for (const { value } of reads.reads) {
      const unit = this.#unitOf.get(value);
      if (unit) sources.add(unit);
    }
    const latest = (a: Unit, b: Unit) => b.id - a.id;
    const candidates = [...sources].filter((u) => u.group).sort(latest);
    const alike = this.#units.filter((unit) => !sources.has(unit) && this.#isAlike(unit, stage, reads)).sort(latest);
    for (const unit of stage.reduction ? [...candidates, ...alike] : [...candidates, ...alike].sort(latest)) {
      const group = unit.group!;
      if (group.segments.flat().some((s) => this.#splits.has(s))) continue;
      if ([...sources].some((source) => source !== unit && this.#dependsOn(source, unit))) continue;
      if (
        joinGroup(group, stage, reads, (value) => (unit.values.includes(value) ? this.#stages.get(value) : undefined))
      )
        return unit;
    }
    return undefined;
  }

  /** Whether a unit walks the positions that the stage does, and reads what it reads there. */
  #isAlike({ group, reads }: Unit, stage: Stage, { reads: wanted }: Footprint): boolean {
    if (group === undefined) return false;
    if (stage.reduction === undefined)
      return group.vectorRows && sameShape(group.rows, stage.kept) && wanted.some(({ value }) => reads.has(value));
    const outputs = numel(stage.kept);
    return (
      group.segments.flat().some((other) => isSibling(other, stage)) &&
      wanted.some(({ value }) => numel(value.shape) > outputs && reads.has(value))
    );
  }

  #dependencies(unit: Unit): Unit[] {
    const found = new Set<Unit>(this.#before.get(unit) ?? []);
    for (const value of unit.reads) {
      const source = this.#unitOf.get(value);
      if (source && source !== unit) found.add(source);
    }
    return [...found];
  }

  #dependsOn(unit: Unit, on: Unit): boolean {
    const seen = new Set<Unit>();
    const stack = [unit];
    while (stack.length > 0) {
      for (const next of this.#dependencies(stack.pop()!)) {
        if (next === on) return true;
        if (!seen.has(next)) {
          seen.add(next);
          stack.push(next);
        }
      }
    }
    return false;
  }

  /** The realized values that unrealized ones lead to. */
  #realizedUnder(values: readonly Value[]): Set<Value> {
    const found = new Set<Value>();
    const seen = new Set<Value>();
    const stack = [...values];
    while (stack.length > 0) {
      const value = stack.pop()!;
      if (seen.has(value)) continue;
      seen.add(value);
      if (this.#realized.has(value)) found.add(value);
      else stack.push(...value.node.inputs);
    }
    return found;
  }

  // ── targets ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Gives targets their places; what cannot be written there directly is copied: inputs first, computed values last. */
  #placeTargets(): { early: Copy[]; late: Copy[] } {
    const early: Copy[] = [];
    const late: Copy[] = [];
    const checking = this.#units.filter((unit) => this.#checks(unit));
    for (const { value, location, replaces, last } of this.#targets) {
      if (value === replaces) continue;
      const to = { location, value };
      const unit = this.#unitOf.get(value);
      if (unit === undefined) {
        const from = { location: this.#locations.get(value)!, value };
        if (replaces === undefined && !last) {
          early.push({ from, to });
          continue;
        }
        const saved = { location: this.builder.temp(value.dtype, value.shape), value };
        early.push({ from, to: saved });
        late.push({ from: saved, to });
        continue;
      }
      if (!this.#locations.has(value) && this.#mayWrite(unit, value, replaces, last ? checking : [])) {
        this.#locations.set(value, location);
        if (last) this.#committing.add(unit);
        continue;
      }
      if (!this.#locations.has(value)) this.#locations.set(value, this.builder.temp(value.dtype, value.shape));
      late.push({ from: { location: this.#locations.get(value)!, value }, to });
    }
    return { early, late };
  }

  /** Whether a unit reads indices from data, which may be out of range. */
  #checks(unit: Unit): boolean {
    if (unit.node) return mayFail(unit.node);
    return unit.group!.segments.flat().some((stage) => this.#footprints.get(stage)!.checks);
  }

  readonly #committing = new Set<Unit>();

  /** Whether a unit may write its value over an input: every other reader of the input comes first, and no check after. */
  #mayWrite(unit: Unit, value: Value, replaces: Value | undefined, checking: readonly Unit[]): boolean {
    if (checking.some((c) => c === unit || this.#dependsOn(c, unit))) return false;
    for (const c of checking) this.#orderBefore(c, unit);
    if (replaces === undefined) return true;
    const readers = this.#units.filter((u) => u !== unit && u.reads.has(replaces));
    if (readers.some((reader) => this.#dependsOn(reader, unit))) return false;
    if (unit.reads.has(replaces) && !this.#readsInPlace(unit, value, replaces)) return false;
    for (const reader of readers) this.#orderBefore(reader, unit);
    return true;
  }

  #orderBefore(first: Unit, then: Unit): void {
    let set = this.#before.get(then);
    if (set === undefined) this.#before.set(then, (set = new Set()));
    set.add(first);
  }

  /**
   * Whether a group reads the old value only where, and in the very iteration in which, it writes the new one; or earlier
   * in its work on a row, and nothing but that row.
   */
  #readsInPlace(unit: Unit, value: Value, replaces: Value): boolean {
    const { group } = unit;
    if (group === undefined) return false;
    const segment = group.segments.findIndex((stages) => stages.some((s) => s.value === value));
    const rows = group.rows.length;
    // A row's number is an expression, which later segments may compute again: after the new value was written.
    const single = this.#stages.get(value)!.kept.length === rows;
    const again = single && segment < group.segments.length - 1;
    return group.segments.every((stages, k) =>
      stages.every((stage) => {
        const { reads, own } = this.#footprints.get(stage)!;
        const old = reads.filter((read) => read.value === replaces);
        if (old.length === 0) return true;
        const wide = stage.reduction !== undefined || stage.kept.length > rows;
        if (k < segment && wide)
          return old.every(({ keys }) => keys.slice(0, rows).join() === own.slice(0, rows).join());
        if (again && stage.value !== value) return false;
        if (k !== segment || stage.reduction !== undefined || !sameShape(stage.value.shape, replaces.shape))
          return false;
        return old.every(({ keys }) => keys.length === own.length && keys.every((key, i) => key === own[i]));
      }),
    );
  }

  // ── epilogues ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A group of maps of a contraction's result becomes the contraction's epilogue, if nothing must come between the two. */
  #joinContraction(unit: Unit): void {
    const { group } = unit;
    if (!group?.vectorRows || this.#checks(unit)) return;
    if (group.segments.flat().some((stage) => stage.reduction)) return;
    const sources = this.#dependencies(unit).filter(({ node }) => node && isContraction(node));
    for (const source of sources.sort((a, b) => b.id - a.id)) {
      if (source.epilogue || !isOneKernel(source.node!) || this.#stridesIn(group, source) === undefined) continue;
      // The source reads what the group overwrites.
      if (this.#before.get(unit)?.has(source)) continue;
      if (this.#dependencies(unit).some((other) => other !== source && this.#dependsOn(other, source))) continue;
      this.#merge(source, unit, group);
      return;
    }
  }

  /** How far apart neighbours along each of the group's loops stand in the contraction's result, the same for all stages. */
  #stridesIn(group: Group, { node }: Unit): readonly number[] | undefined {
    const [result] = node!.outputs;
    const all = group.segments
      .flat()
      .map((stage) => this.#footprints.get(stage)!)
      .filter(({ reads }) => reads.some(({ value }) => value === result))
      .map((reads) => stridesIn(result, reads));
    const [first] = all;
    return all.every((strides) => strides && first && sameShape(strides, first)) ? first : undefined;
  }

  #merge(source: Unit, unit: Unit, group: Group): void {
    source.epilogue = group;
    for (const read of unit.reads) if (!source.values.includes(read)) source.reads.add(read);
    for (const value of unit.values) {
      source.values.push(value);
      this.#unitOf.set(value, source);
    }
    for (const before of this.#before.get(unit) ?? []) this.#orderBefore(before, source);
    this.#before.delete(unit);
    for (const [then, firsts] of this.#before) if (firsts.delete(unit)) this.#orderBefore(source, then);
    if (this.#committing.delete(unit)) this.#committing.add(source);
    this.#units.splice(this.#units.indexOf(unit), 1);
  }

  // ── order ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Units in dependency order; those that write state, and what needs them, come last. */
  #schedule(): Unit[] {
    const late = new Set<Unit>(this.#committing);
    const done = new Set<Unit>();
    const order: Unit[] = [];
    const place = (unit: Unit) => {
      done.add(unit);
      order.push(unit);
    };
    const ready = (unit: Unit) => this.#dependencies(unit).every((d) => done.has(d));
    for (const allowed of [(unit: Unit) => !late.has(unit), () => true]) {
      let moved = true;
      while (moved) {
        moved = false;
        for (const unit of this.#units) {
          if (done.has(unit) || !allowed(unit) || !ready(unit)) continue;
          place(unit);
          moved = true;
        }
      }
    }
    return order;
  }

  /** Buffers for the values that something loads. */
  #placeValues(unit: Unit): void {
    const wanted = unit.values.filter(
      (value) => !this.#locations.has(value) && (!this.#stages.has(value) || this.#isLoaded(unit, value)),
    );
    const successors = new Map<Value, Value>();
    for (const value of wanted) {
      const next = this.#successor(unit, value);
      if (next && ![...successors.values()].includes(next)) successors.set(value, next);
    }
    for (const value of wanted) if (!successors.has(value)) this.#locations.set(value, this.#layoutFor(unit, value));
    for (const [value, next] of successors)
      this.#locations.set(value, this.#locations.get(next) ?? this.#layoutFor(unit, value));
  }

  /** What a group writes element by element from a row that it leaves for later, and that nothing else needs: they share a place. */
  #successor(unit: Unit, value: Value): Value | undefined {
    const { group } = unit;
    if (!group || group.vectorRows || this.#units.some((u) => u !== unit && u.reads.has(value))) return undefined;
    const home = group.segments.findIndex((stages) => stages.some((s) => s.value === value));
    const isReader = (stage: Stage) => this.#footprints.get(stage)!.reads.some((read) => read.value === value);
    const last = group.segments.findLastIndex((stages) => stages.some(isReader));
    if (last <= home || group.segments[home].some((s) => s.reduction)) return undefined;
    const stages = group.segments[last];
    const inPlace = stages.filter(isReader).every((stage) => {
      const { reads, own } = this.#footprints.get(stage)!;
      return reads.every(
        (read) =>
          read.value !== value || (sameShape(stage.value.shape, value.shape) && read.keys.join() === own.join()),
      );
    });
    if (!inPlace || stages.some((stage) => stage.reduction)) return undefined;
    return stages
      .map((stage) => stage.value)
      .find((next) => {
        if (next.dtype !== value.dtype || !sameShape(next.shape, value.shape)) return false;
        const place = this.#locations.get(next);
        const replaces = this.#targets.find((t) => t.value === next && t.location === place)?.replaces;
        return replaces === undefined || !unit.reads.has(replaces) || this.#readsInPlace(unit, value, replaces);
      });
  }

  /** A fresh buffer; a contraction that is only read through a permutation is stored in that order. */
  #layoutFor(unit: Unit, value: Value): Location {
    const { node } = value;
    const reader =
      unit.node === node && (isContraction(node) || isAttention(node)) ? this.#soleReader(value) : undefined;
    const inOrder = reader?.op === "permute" && (isContraction(node) || storesRows(value, reader as Node<"permute">));
    if (!inOrder) return this.builder.temp(value.dtype, value.shape);
    const moved = this.builder.temp(value.dtype, reader.outputs[0].shape);
    const strides = new Array<number>(value.shape.length);
    (reader as Node<"permute">).attrs.perm.forEach((p, i) => {
      strides[p] = moved.strides[i];
    });
    return { ...moved, strides };
  }

  /** The one node that reads a value, if there is just one. */
  #soleReader(value: Value): Node | undefined {
    let found: Node | undefined;
    for (const node of this.#nodes) {
      if (!node.inputs.includes(value)) continue;
      if (found) return undefined;
      found = node;
    }
    return found;
  }

  #isLoaded(unit: Unit, value: Value): boolean {
    if (this.#units.some((u) => u !== unit && u.reads.has(value))) return true;
    const { segments, rows } = (unit.group ?? unit.epilogue)!;
    const home = segments.findIndex((stages) => stages.some((s) => s.value === value));
    const scalar = this.#stages.get(value)!.kept.length === rows.length;
    return segments.some((stages, k) =>
      stages.some((stage) => {
        const { reads, own } = this.#footprints.get(stage)!;
        return reads.some((read) => {
          if (read.value !== value) return false;
          if (scalar) return false; // a row's number stays in a register
          return k !== home || read.keys.some((key, i) => key !== own[i]);
        });
      }),
    );
  }

  // ── kernels ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #scope(): Scope {
    return {
      locate: (value) => {
        if (!this.#realized.has(value)) return undefined;
        return this.#locations.get(value);
      },
      code: (message) => this.builder.code(message),
    };
  }

  #emit(unit: Unit): Kernel[] {
    if (unit.values.every((value) => numel(value.shape) === 0)) return [];
    if (unit.group) return this.#emitGroup(unit.group);
    const node = unit.node!;
    if (isContraction(node)) {
      const kernels = lowerContraction(node, this.#scope(), this.#locations.get(node.outputs[0])!, this.builder);
      if (unit.epilogue === undefined) return kernels;
      const [kernel] = kernels as [ContractionKernel];
      const both = this.#emitEpilogue(kernel, unit, unit.epilogue);
      return both ? [both] : [...kernels, ...this.#emitGroup(unit.epilogue)];
    }
    if (isAttention(node)) return [lowerAttention(node, this.#scope())];
    return lowerOpaque(
      node,
      this.#scope(),
      node.outputs.map((value) => this.#locations.get(value)),
      this.builder,
    );
  }

  #emitEpilogue(kernel: ContractionKernel, unit: Unit, group: Group): Kernel | undefined {
    const stages = group.segments.flat();
    const strides = this.#stridesIn(group, unit)!;
    return withEpilogue(kernel, unit.node!, nameOf(stages), group.rows, strides, (row) => {
      const computed: Computed = new Map();
      const reader = this.#newReader(computed, () => 0);
      return stages.flatMap((stage) =>
        this.#emitStage(stage, row, NO_AXES, reader, (value, expr) =>
          computed.set(value, { segment: 0, expr, scalar: true }),
        ),
      );
    });
  }

  #emitGroup(group: Group): Kernel[] {
    const stages = group.segments.flat();
    const split = this.#splits.get(stages[0]);
    if (split) return split(this.#scope(), this.#locations.get(stages[0].value)!, this.builder);
    const computed: Computed = new Map();
    let segment = 0;
    let reader = this.#newReader(computed, () => segment);
    const parts = group.vectorRows ? stages.map((stage) => [stage]) : group.segments;
    const segments: Segment[] = parts.map((inside, k) => {
      const { reduction, kept } = inside[0];
      return {
        inner: reduction ? [] : kept.slice(group.rows.length),
        reduced: reduction?.shape ?? [],
        lanes: reduction?.lanes ?? 1,
        make: (row, inner, reduced) => {
          if (k === 0) {
            computed.clear();
            reader = this.#newReader(computed, () => segment);
          }
          segment = k;
          return inside.flatMap((stage) =>
            this.#emitStage(stage, [...row, ...inner], reduced, reader, (value, expr) =>
              computed.set(value, { segment: k, expr, scalar: inner.length === 0 }),
            ),
          );
        },
      };
    });
    const { body, work } = buildNest(group.rows, segments, group.vectorRows);
    return [loopKernel(nameOf(stages), body, work)];
  }

  #newReader(computed: Computed, segment: () => number): ElementReader {
    return new ElementReader({
      ...this.#scope(),
      // Stages share a loop only if each reads what the others leave at its own position (fuse.ts). The index need not
      // be compared, and must not: once loops are merged, the same position may be written in two ways.
      forward: (value) => {
        const found = computed.get(value);
        return found && (found.scalar || found.segment === segment()) ? found.expr : undefined;
      },
    });
  }

  #emitStage(
    stage: Stage,
    kept: readonly Index[],
    reduced: Axes,
    reader: ElementReader,
    keep: (value: Value, expr: Expr) => void,
  ): Stmt[] {
    const { value, reduction } = stage;
    const index = fullIndex(stage, kept);
    const stmts: Stmt[] = [];
    let expr: Expr;
    const empty = emptyReduction(stage);
    if (empty) expr = empty;
    else if (reduction) {
      const { value: element, other } = reduction.element(index, reduced.index, reader);
      const result = makeLocal(value.dtype);
      stmts.push({
        kind: "reduce",
        result,
        op: reduction.op,
        variables: reduced.variables,
        lanes: reduction.lanes,
        value: element,
        other,
      });
      expr = local(result);
    } else expr = mapElement(stage, index, reader);
    keep(value, expr);
    const location = this.#locations.get(value);
    if (location)
      stmts.push({
        kind: "store",
        buffer: location.buffer,
        index: addressOf(location, index),
        value: expr,
        accumulate: false,
      });
    return stmts;
  }
}

const NO_AXES: Axes = { variables: [], index: [] };

/** Values of one iteration: the segment that computed each, and its expression. */
type Computed = Map<Value, { segment: number; expr: Expr; scalar: boolean }>;

const nameOf = (stages: readonly Stage[]): string => [...new Set(stages.map((s) => s.value.node.op))].join(" ");

interface Place {
  readonly location: Location;
  readonly value: Value;
}

interface Copy {
  readonly from: Place;
  readonly to: Place;
}

/** A kernel that moves a value from one place to another. */
function copyKernel(from: Place, to: Place): LoopKernel {
  const { value } = from;
  const stage = makeStage(value, undefined);
  const segment: Segment = {
    inner: [],
    reduced: [],
    lanes: 1,
    make(row) {
      const index = fullIndex(stage, row);
      const load: Expr = {
        op: "load",
        dtype: value.dtype,
        buffer: from.location.buffer,
        index: addressOf(from.location, index),
        guards: [],
        fill: 0,
      };
      return [
        {
          kind: "store",
          buffer: to.location.buffer,
          index: addressOf(to.location, index),
          value: load,
          accumulate: false,
        },
      ];
    },
  };
  const { body, work } = buildNest(stage.kept, [segment], true);
  return loopKernel("copy", body, work);
}

// Less work than this is done before other threads have heard of it.
const SMALL = 1 << 12;

/** Small copies (the running statistics of layers) as one kernel. */
function together(copies: readonly LoopKernel[]): LoopKernel[] {
  const small = copies.filter(({ work }) => work < SMALL);
  if (small.length < 2) return [...copies];
  const body = small.flatMap((copy) => copy.body);
  const work = small.reduce((sum, copy) => sum + copy.work, 0);
  return [...copies.filter((copy) => !small.includes(copy)), loopKernel("copy", body, work)];
}
