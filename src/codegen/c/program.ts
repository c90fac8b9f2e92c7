/**
 * Whole programs as C: a function `program` (native/abi.h) each, which calls the kernels' phases one after another.
 *
 * Several programs may be rendered together. Equal kernels are one function, and functions are spread over as many
 * units as compile at once.
 */

import { InternalError } from "../../core/errors.ts";
import type { Index, Var } from "../../lower/index-expr.ts";
import {
  ATTENTION_OPERANDS,
  type AttentionKernel,
  type ContractionKernel,
  type ContractionOperand,
  type Epilogue,
  type Kernel,
  type Program,
  type ScanKernel,
} from "../../lower/loop-ir.ts";
import { scanVariables } from "../scan-variables.ts";
import type { KernelContext, Phase, Port } from "./context.ts";
import { renderEpilogue, renderLoops } from "./loops.ts";
import type { Target } from "./target.ts";
import { literal } from "./values.ts";

export interface ProgramOptions {
  readonly target: Target;
  /** how many units may compile at once */
  readonly units: number;
  /** whether a program tells the runtime after each kernel which one it was, to time it */
  readonly marks: boolean;
}

export interface RenderedProgram {
  /** the C function's name */
  readonly symbol: string;
  /** words of the control block; buffer i's address is word `pointers + i` */
  readonly words: number;
  readonly pointers: number;
}

export interface RenderedPrograms {
  /** C sources, to be preceded by native/abi.h and native/vectors.h */
  readonly units: readonly string[];
  readonly programs: readonly RenderedProgram[];
  /** bytes of scratch memory that each thread needs */
  readonly scratch: number;
}

// About 4 µs of work on one thread: another one that waits for it begins within one.
const WORTH_SHARING = 1 << 16;
// Fewer rows use what is read of a matrix too rarely: better all threads at one step of time, then.
const ROWS_OF_A_THREAD = 8;
// Smaller sources compile sooner in one process.
const UNIT_CHARACTERS = 1 << 14;

const PHASE = "(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi)";
const EPILOGUE =
  "(word *block, const int32_t *ports, char *scratch, int64_t batch, int64_t r0, int64_t r1, int64_t c0, int64_t c1)";

export function renderPrograms(programs: readonly Program[], options: ProgramOptions): RenderedPrograms {
  const functions = new Functions();
  const rendered = programs.map((program, i) => new ProgramRenderer(program, `run_${i}`, functions, options).render());
  return {
    units: spread(
      functions,
      rendered.map(({ text }) => text),
      options.units,
    ),
    programs: rendered,
    scratch: functions.scratch,
  };
}

interface Definition {
  readonly type: "phase" | "epilogue";
  readonly text: string;
}

/** The functions that programs call, each body once. */
class Functions {
  /** by name */
  readonly definitions = new Map<string, Definition>();
  scratch = 0;
  readonly #names = new Map<string, string>();

  /** The name of the function with that body. */
  name(type: Definition["type"], body: string): string {
    const key = type + body;
    let name = this.#names.get(key);
    if (name === undefined) {
      name = `k${this.#names.size}`;
      this.#names.set(key, name);
      const head = `void ${name}${type === "phase" ? PHASE : EPILOGUE}`;
      this.definitions.set(name, { type, text: `${head} {\n${body}\n}\n` });
    }
    return name;
  }
}

/** Units of about the same length: the longest text first, each to the shortest unit. The programs are in the first. */
function spread({ definitions }: Functions, programs: readonly string[], most: number): string[] {
  const declare = (name: string) => `${definitions.get(name)!.type} ${name};`;
  const declarations = [...definitions.keys()].map(declare).join("\n");
  const units = [[declarations, ...programs].join("\n\n")];
  const total = [...definitions.values()].reduce((sum, { text }) => sum + text.length, units[0].length);
  while (units.length < Math.min(most, total / UNIT_CHARACTERS)) units.push("");
  const longestFirst = [...definitions].sort(([, a], [, b]) => b.text.length - a.text.length);
  for (const [name, { text }] of longestFirst) {
    const shortest = units.reduce((best, unit, i) => (unit.length < units[best].length ? i : best), 0);
    units[shortest] += `\n${declare(name)}\n${text}`;
  }
  return units;
}

class ProgramRenderer implements KernelContext {
  readonly program: Program;
  readonly target: Target;
  readonly #symbol: string;
  readonly #functions: Functions;
  readonly #marks: boolean;
  readonly #positions = new Map<Var, number>();
  readonly #statics: string[] = [];
  readonly #descriptors = new Map<ContractionKernel, string>();

  constructor(program: Program, symbol: string, functions: Functions, { target, marks }: ProgramOptions) {
    this.program = program;
    this.target = target;
    this.#symbol = symbol;
    this.#functions = functions;
    this.#marks = marks;
    for (const variable of scanVariables(program.kernels)) this.#positions.set(variable, 1 + this.#positions.size);
  }

  render(): RenderedProgram & { readonly text: string } {
    const { kernels, commit, buffers } = this.program;
    const lines: string[] = [];
    kernels.forEach((kernel, i) => {
      if (i === commit) lines.push("if (block[0].status) return block[0].status;");
      lines.push(...this.#kernel(kernel));
      if (this.#marks) lines.push(`rt->mark(rt, ${i});`);
    });
    const body = ["block[0].number = 0;", ...lines, "return block[0].status;"].map((line) => `  ${line}`);
    const head = `__attribute__((visibility("default"))) int32_t ${this.#symbol}(runtime *rt, word *block) {`;
    const text = [`program ${this.#symbol};`, ...this.#statics, head, ...body, "}\n"].join("\n");
    const pointers = this.#pointer(0);
    return { symbol: this.#symbol, words: pointers + buffers.length, pointers, text };
  }

  #pointer(buffer: number): number {
    return 1 + this.#positions.size + buffer;
  }

  #word(port: Port): number {
    return "buffer" in port ? this.#pointer(port.buffer) : this.#positions.get(port.position)!;
  }

  /** The statements that run a kernel; of a scan's `rows`, if there are any, lo to hi − 1. */
  #kernel(kernel: Kernel, rows?: number): string[] {
    switch (kernel.kind) {
      case "loops":
        return [
          `// ${comment(kernel.name)}`,
          ...renderLoops(kernel, this).map((p) => this.#call(p, kernel.work, rows)),
        ];
      case "contraction":
        return [`// ${comment(kernel.name)}`, ...this.#contraction(kernel, rows)];
      case "attention":
        return [`// ${comment(kernel.name)}`, this.#attention(kernel)];
      case "argsort": {
        const { keys, out, scratch, rows, length } = kernel;
        const at = (type: string, buffer: number) => `(${type} *)block[${this.#pointer(buffer)}].pointer`;
        return [
          `rt->argsort(${at("const uint32_t", keys)}, ${at("int32_t", out)}, ${at("uint32_t", scratch)}, ${rows}, ${length});`,
        ];
      }
      case "scan": {
        const whole = this.#scan(kernel, undefined);
        const many = kernel.rows >= 2 * ROWS_OF_A_THREAD && kernel.work >= WORTH_SHARING;
        // Matrices that a core's own cache does not keep from one step to the next are better cut: each thread reads a part.
        if (!many || matrixBytes(kernel) > this.target.l2) return whole;
        const range = `${kernel.rows}, (${kernel.rows} + rt->threads - 1) / rt->threads`;
        return [
          `if (rt->threads > 1 && ${kernel.rows} >= ${ROWS_OF_A_THREAD} * rt->threads) {`,
          `  rt->share(rt, ${this.#scanOfRows(kernel)}, block, (const int32_t *)rt, ${range});`,
          "} else {",
          ...indented(whole),
          "}",
        ];
      }
    }
  }

  /** A scan's loop; of some `rows`, it is that of a thread which meets no other before the end. */
  #scan({ variable, reverse, body }: ScanKernel, rows: number | undefined): string[] {
    const word = this.#word({ position: variable });
    const name = positionName(word);
    const { size } = variable;
    const loop = reverse
      ? `for (int64_t ${name} = ${size - 1}; ${name} >= 0; ${name}--) {`
      : `for (int64_t ${name} = 0; ${name} < ${size}; ${name}++) {`;
    const calls = body.flatMap((inner) => this.#kernel(inner, rows));
    return [loop, ...indented([`block[${word}].number = ${name};`, ...calls]), "}"];
  }

  /** The name of a phase that goes through a scan with rows lo to hi − 1: its block holds where it is, its ports are the runtime. */
  #scanOfRows(kernel: ScanKernel): string {
    const name = `${this.#symbol}_s${this.#statics.length}`;
    const loop = this.#scan(kernel, kernel.rows);
    const words = this.#pointer(this.program.buffers.length);
    const body = [
      "runtime alone = *(const runtime *)ports, *rt = &alone;",
      "alone.threads = 1;",
      "alone.scratch = scratch;",
      `word own[${words}];`,
      `for (int i = 0; i < ${words}; i++) own[i] = shared[i];`,
      "word *block = own;",
      ...loop,
      "if (own[0].status) fail(shared, own[0].status);",
    ];
    const head = `static void ${name}(word *shared, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {`;
    this.#statics.push([head, ...indented(body), "}"].join("\n"));
    return name;
  }

  /** Of one of a scan's `rows`, if they are given: lo to hi − 1. */
  #call(phase: Phase, work: number, rows: number | undefined): string {
    const name = this.#functions.name("phase", phase.body);
    this.#functions.scratch = Math.max(this.#functions.scratch, phase.scratch);
    const ports = this.#ports(phase.ports);
    if (rows)
      return `${name}(block, ${ports}, scratch, ${part(phase.range, rows, "lo")}, ${part(phase.range, rows, "hi")});`;
    if (work >= WORTH_SHARING && phase.range > phase.grain)
      return `rt->share(rt, ${name}, block, ${ports}, ${phase.range}, ${phase.grain});`;
    return `${name}(block, ${ports}, rt->scratch, 0, ${phase.range});`;
  }

  #contraction(kernel: ContractionKernel, rows: number | undefined): string[] {
    const name = this.#descriptor(kernel);
    const operands = [this.#operand("const float", kernel.a), this.#operand("const float", kernel.b)];
    const call = (what: string): string =>
      `rt->contract(rt, block, &${what}, ${operands.join(", ")}, ${this.#operand("float", kernel.out)});`;
    if (!rows) return [call(name)];
    const [{ size }] = [...kernel.batch, ...kernel.rows];
    const some = `${name}_some`;
    return [
      `contraction ${some} = ${name};`,
      `${some}.from = ${part(size, rows, "lo")};`,
      `${some}.to = ${part(size, rows, "hi")};`,
      call(some),
    ];
  }

  /** The name of what says which contraction it is. */
  #descriptor(kernel: ContractionKernel): string {
    const known = this.#descriptors.get(kernel);
    if (known) return known;
    const { batch, rows, cols, inner, parts, partStride, epilogue } = kernel;
    const axes = [...batch, ...rows, ...cols, ...inner].map(
      ({ size, strides: [a, b, out] }) => `{${size}, ${a}, ${b}, ${out}}`,
    );
    const name = `${this.#symbol}_c${this.#statics.length}`;
    this.#descriptors.set(kernel, name);
    const counts = [batch, rows, cols, inner].map(({ length }) => length).join(", ");
    const then = epilogue ? this.#epilogue(epilogue) : "0, 0";
    this.#statics.push(
      `static const contraction ${name} = {${counts}, ${parts}, ${partStride}, (const axis[]){${axes.join(", ")}}, ${then}, 0, 0};`,
    );
    return name;
  }

  #attention(kernel: AttentionKernel): string {
    const { gradient, batch, causal, queries, keys, width, valueWidth, maskColumn, operands } = kernel;
    const list = (numbers: readonly number[]): string => `{${numbers.join(", ")}}`;
    const rows = list(ATTENTION_OPERANDS.map((name) => operands[name]?.row ?? 0));
    const axes = batch.map(({ size, strides }) => `{${size}, ${list(strides)}}`);
    const name = `${this.#symbol}_a${this.#statics.length}`;
    const sizes = [batch.length, causal ? 1 : 0, queries, keys, width, valueWidth, maskColumn].join(", ");
    const where = axes.length > 0 ? `(const attention_axis[]){${axes.join(", ")}}` : "0";
    const [scale, kept] = [kernel.scale, kernel.kept].map((x) => literal("f32", Math.fround(x)));
    this.#statics.push(
      `static const attention ${name} = {${sizes}, ${rows}, ${where}, ${scale}, ${kept}, ${kernel.dropsBelow}};`,
    );
    const at = ATTENTION_OPERANDS.map((name) => (operands[name] ? this.#operand("float", operands[name]) : "0"));
    return `rt->${gradient ? "attend_grad" : "attend"}(rt, &${name}, (float *const[]){${at.join(", ")}});`;
  }

  /** The function that follows a contraction, and its ports. */
  #epilogue(epilogue: Epilogue): string {
    const { body, ports } = renderEpilogue(epilogue, this);
    return `${this.#functions.name("epilogue", body)}, ${this.#ports(ports)}`;
  }

  #ports(ports: readonly Port[]): string {
    return `(const int32_t[]){${ports.map((port) => this.#word(port)).join(", ")}}`;
  }

  #operand(type: string, { buffer, offset }: ContractionOperand): string {
    const at = this.#index(offset);
    return `(${type} *)block[${this.#pointer(buffer)}].pointer${at === "0" ? "" : ` + ${at}`}`;
  }

  /** A constant and multiples of the positions of scans. */
  #index({ constant, terms }: Index): string {
    const sum = terms.map(({ atom, coefficient }) => {
      if (atom.kind !== "var") throw new InternalError("An operand's offset is no sum of positions.");
      return `${coefficient} * ${positionName(this.#word({ position: atom.variable }))}`;
    });
    if (constant !== 0 || sum.length === 0) sum.push(String(constant));
    return sum.length === 1 && terms.length === 0 ? sum[0] : `(${sum.join(" + ")})`;
  }
}

/** Bytes of the matrices that a scan's products read anew at each step. */
const matrixBytes = ({ body }: ScanKernel): number =>
  body
    .filter((kernel) => kernel.kind === "contraction")
    .map(({ cols, inner }) => 4 * [...cols, ...inner].reduce((size, axis) => size * axis.size, 1))
    .reduce((sum, bytes) => sum + bytes, 0);

/** Where in a range, of which each row has an equal part, a row begins. */
const part = (range: number, rows: number, row: string): string => (range === rows ? row : `${range / rows} * ${row}`);

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

const positionName = (word: number): string => `s${word}`;

/** A name without what would end a comment or continue it on the next line. */
const comment = (name: string): string => name.replace(/[\\\n]/g, " ");
