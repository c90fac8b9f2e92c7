import { ShapeError, StateError } from "../core/errors.ts";
import { logAsText } from "../core/inspect.ts";
import { sameShape, showShape } from "../core/shape.ts";
import { type DType, observe, Parameter, type Shape, type Tensor, Variable } from "../tensor/index.ts";
import { type ReceptiveField, type Summary, summarize } from "./summary.ts";

/** Sees what a module was given and gave; unless it gives undefined, what it gives takes the output's place. */
export type ForwardHook = (module: Module, inputs: readonly unknown[], output: unknown) => unknown;

/**
 * The base class of layers and models: fields that hold parameters, buffers and modules are found, not registered.
 *
 * A field counts if it is a `Parameter` (learned), another `Variable` (a buffer) or a `Module`, or an array or plain
 * object of those. Fields named `#like this` stay private. Names are PyTorch's, so that its state dicts load: fields in
 * snake_case, positions and keys as they are, joined with dots.
 *
 * ```ts
 * class Residual extends Module {
 *   hidden = new Linear(4, 4);
 *   override forward(x: Tensor): Tensor {
 *     return x.add(this.hidden.forward(x).relu());
 *   }
 * }
 * const model = new Residual();
 * model.forward(ones([2, 4])).shape; // [ 2, 4 ]
 * Object.keys(model.stateDict()); // [ 'hidden.weight', 'hidden.bias' ]
 * ```
 */
export abstract class Module {
  static {
    logAsText(Module.prototype);
  }

  #training = true;
  #frozen = false;
  readonly #hooks = new Set<{ readonly hook: ForwardHook }>();
  #unhook: (() => void) | undefined;

  /** What the module computes. */
  abstract forward(...inputs: never[]): unknown;

  /**
   * Whether the module trains (the default) or is used; never while it is frozen. A compiled function traces again when
   * it changes.
   */
  get training(): boolean {
    return observe(() => this.#training && !this.#frozen);
  }

  /** Sets this module and all within to training, or with `false` to evaluation. */
  train(mode = true): this {
    for (const module of this.modules()) module.#training = mode;
    return this;
  }

  /** Sets this module and all within to evaluation: dropout does nothing, batch normalisation uses what it has kept. */
  eval(): this {
    return this.train(false);
  }

  // ---- what is within

  /** Every parameter, once each; with `recurse: false`, without those of modules within. */
  parameters(options?: { recurse?: boolean }): Parameter[] {
    return this.namedParameters(options).map(([, parameter]) => parameter);
  }

  /** Every parameter with its name; a shared one with its first. */
  namedParameters(options: { recurse?: boolean } = {}): [string, Parameter][] {
    const { recurse = true } = options;
    const found = firsts(recurse ? variables(this) : fields(this));
    return found.filter((entry): entry is [string, Parameter] => entry[1] instanceof Parameter);
  }

  /** Every variable that is no parameter, with its name. */
  namedBuffers(): [string, Variable][] {
    return firsts(variables(this)).filter(([, variable]) => !(variable instanceof Parameter));
  }

  /** This module and all within, once each, parents first. */
  modules(): Module[] {
    return this.namedModules().map(([, module]) => module);
  }

  /** This module (named "") and all within, with their names, once each, parents first. */
  namedModules(): [string, Module][] {
    return firsts(places(this));
  }

  /** The modules that stand in this module's own fields, once each. */
  children(): Module[] {
    return this.namedChildren().map(([, module]) => module);
  }

  /** The modules that stand in this module's own fields, with their names, once each. */
  namedChildren(): [string, Module][] {
    return firsts(fields(this)).filter((entry): entry is [string, Module] => entry[1] instanceof Module);
  }

  /** Calls `f` with every module within, children first, and with this one. */
  apply(f: (module: Module) => void): this {
    for (const module of this.modules().reverse()) f(module);
    return this;
  }

  // ---- gradients

  /** Drops every parameter's gradient. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.grad = undefined;
  }

  /** Whether the parameters are to have gradients: `false` freezes the module. */
  requiresGrad_(wanted = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad = wanted;
    return this;
  }

  /**
   * Keeps this module and all within as they are: no gradients, and evaluation whatever `train` says, so that batch
   * normalisation keeps its statistics too.
   *
   * ```ts
   * const model = new Sequential(new Linear(4, 8), new BatchNorm1d(8), new ReLU(), new Linear(8, 2));
   * model.freeze();
   * model[3].unfreeze();
   * model.train();
   * model.parameters().filter((p) => p.requiresGrad).length; // 2
   * [model[1].training, model[3].training]; // [ false, true ]
   * ```
   */
  freeze(): this {
    return this.#freeze(true);
  }

  /** Ends what `freeze` began, for this module and all within. */
  unfreeze(): this {
    return this.#freeze(false);
  }

  /** Whether `freeze` was called. */
  get frozen(): boolean {
    return observe(() => this.#frozen);
  }

  #freeze(frozen: boolean): this {
    for (const module of this.modules()) module.#frozen = frozen;
    return this.requiresGrad_(!frozen);
  }

  // ---- hooks

  /**
   * Calls `hook` after each `forward`, until `remove` is called. A compiled function has the hooks of when it was traced.
   *
   * ```ts
   * const model = new Sequential(new Linear(4, 8), new ReLU());
   * const seen: unknown[] = [];
   * const handle = model[0].registerForwardHook((module, [x], y) => void seen.push((x as Tensor).shape, (y as Tensor).shape));
   * model.forward(ones([2, 4]));
   * handle.remove();
   * seen; // [ [ 2, 4 ], [ 2, 8 ] ]
   * ```
   */
  registerForwardHook(hook: ForwardHook): { remove(): void } {
    const entry = { hook };
    if (this.#hooks.size === 0) this.#callHooks();
    this.#hooks.add(entry);
    const remove = () => {
      if (this.#hooks.delete(entry) && this.#hooks.size === 0) this.#unhook?.();
    };
    return { remove };
  }

  /** Puts a property of the module's own before the class's `forward`. */
  #callHooks(): void {
    const own = Object.getOwnPropertyDescriptor(this, "forward");
    const { forward } = this;
    this.#unhook = () => {
      if (own) Object.defineProperty(this, "forward", own);
      else Reflect.deleteProperty(this, "forward");
    };
    const value = (...inputs: never[]): unknown => {
      let output = forward.apply(this, inputs);
      for (const { hook } of this.#hooks) output = hook(this, inputs, output) ?? output;
      return output;
    };
    Object.defineProperty(this, "forward", { configurable: true, value }); // not enumerable: no field
  }

  // ---- state

  /**
   * Parameters and buffers by name, as they are now: later steps do not change them. A shared one has each of its names.
   *
   * ```ts
   * const { weight } = new Linear(3, 2).stateDict();
   * weight.shape; // [ 2, 3 ]
   * ```
   */
  stateDict(): Record<string, Tensor> {
    return Object.fromEntries([...variables(this)].map(([name, variable]) => [name, variable.detach()]));
  }

  /**
   * Puts tensors in, cast to the dtypes here. Gives the names that were left out or are not known here, if not `strict`.
   *
   * Throws a StateError that lists what is missing, unexpected (both unless `strict` is false) or of another shape;
   * then nothing has changed.
   *
   * ```ts
   * const model = new Linear(2, 1);
   * model.loadStateDict({ weight: tensor([[1, 2]]), bias: tensor([3]) });
   * model.forward(tensor([[10, 100]])); // tensor([[213.]], requiresGrad=true)
   * model.loadStateDict({ weight: tensor([[1, 2, 3]]) }); // throws StateError
   * ```
   */
  loadStateDict(
    state: Readonly<Record<string, Tensor>>,
    options: { strict?: boolean } = {},
  ): { missing: string[]; unexpected: string[] } {
    const { strict = true } = options;
    const own = new Map(variables(this));
    const missing = [...own.keys()].filter((name) => !(name in state));
    const unexpected = Object.keys(state).filter((name) => !own.has(name));
    const found = [...own].filter(([name]) => name in state);
    const misshaped = found.filter(([name, variable]) => !sameShape(variable.shape, state[name].shape));
    const wrong = [
      ...(strict
        ? [...missing.map((name) => `${name} is missing`), ...unexpected.map((name) => `${name} is unexpected`)]
        : []),
      ...misshaped.map(([name, { shape }]) => `${name} is ${showShape(state[name].shape)}, not ${showShape(shape)}`),
    ];
    if (wrong.length > 0) {
      const hint = strict && misshaped.length === 0 ? " Pass { strict: false } to load what there is." : "";
      throw new StateError(`The state dict does not fit ${this.constructor.name}: ${wrong.join("; ")}.${hint}`);
    }
    for (const [name, variable] of found) variable.assign(state[name]);
    return { missing, unexpected };
  }

  // ---- description

  /** What stands in the parentheses when the module is printed. */
  extraRepr(): string {
    return "";
  }

  /** Multiplications (each with its addition) that one forward pass with this output takes, without those of modules within. */
  multiplyAdds(_output: Shape): number {
    return 0;
  }

  /**
   * How much of its input one output sees, for inputs and outputs of these shapes; `"all"` for all positions.
   *
   * Only layers that look at several positions, or give another number of them, say so.
   */
  receptiveField(_input: Shape, _output: Shape): ReceptiveField | "all" | undefined {
    return undefined;
  }

  /**
   * Every module's output shape, parameters, multiply-adds and receptive field, without computing anything; it prints as
   * a table.
   *
   * The receptive field is how many positions of the input one output sees along each spatial dimension, on the longest
   * of parallel paths: r = r₀ + (size − 1)·j₀ and j = j₀·step after a layer, from r₀ = j₀ = 1, where j is how far apart
   * in the input neighbouring outputs look (Araujo et al., Computing receptive fields of convolutional neural networks,
   * 2019). What has lost the input's spatial dimensions, or was pooled globally, sees `"all"`. Layers count, functions
   * such as `maxPool2d` do not.
   *
   * `inputShape` includes the batch. Throws what `forward` throws if the shape does not fit.
   *
   * ```ts
   * const model = new Sequential(new Linear(784, 128), new ReLU(), new Linear(128, 10));
   * const { parameters, multiplyAdds } = model.summary([1, 784]);
   * parameters; // 101770
   * multiplyAdds; // 101632
   * const three = new Sequential(new Conv2d(1, 1, 3), new Conv2d(1, 1, 3), new Conv2d(1, 1, 3));
   * three.summary([1, 1, 9, 9]).rows[0].receptiveField; // { size: [ 7, 7 ], step: [ 1, 1 ] }
   * ```
   */
  summary(inputShape: Shape, options: { dtype?: DType } = {}): Summary {
    return summarize(this, inputShape, options.dtype);
  }

  /** The structure, as PyTorch prints it. */
  toString(): string {
    return structure(this, []);
  }

  /** What `f` gives; a ShapeError from it says in which layer it happened. */
  protected within<T>(f: () => T): T {
    try {
      return f();
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      throw new ShapeError(`In ${this.constructor.name}(${this.extraRepr()}): ${error.message}`);
    }
  }
}

/** `above` keeps a child's link to its parent from going round. */
function structure(module: Module, above: readonly Module[]): string {
  const path = [...above, module];
  const lines = [...fields(module)].flatMap(([name, value]) =>
    value instanceof Module && !path.includes(value)
      ? [`  (${name}): ${structure(value, path).replaceAll("\n", "\n  ")}`]
      : [],
  );
  const own = module.extraRepr();
  if (lines.length === 0) return `${module.constructor.name}(${own})`;
  return [`${module.constructor.name}(`, ...(own ? [`  ${own}`] : []), ...lines, ")"].join("\n");
}

const join = (prefix: string, name: string): string => (prefix ? `${prefix}.${name}` : name);

/** PyTorch's spelling of a field: runningMean ─► running_mean. */
export const snakeCase = (name: string): string =>
  name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();

const isContainer = (value: unknown): value is object => {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Array.prototype || prototype === Object.prototype;
};

/** The variables and modules in a module's own fields, with arrays and plain objects opened. */
function* fields(module: Module): Generator<[string, Variable | Module]> {
  const opened = new Set<object>();
  function* open(name: string, value: unknown): Generator<[string, Variable | Module]> {
    if (value instanceof Variable || value instanceof Module) yield [name, value];
    if (!isContainer(value) || opened.has(value)) return;
    opened.add(value);
    for (const [key, item] of Object.entries(value)) yield* open(join(name, key), item);
  }
  for (const [name, value] of Object.entries(module)) yield* open(snakeCase(name), value);
}

/** A module and all within, under each of their names, parents first; `above` as in `structure`. */
function* places(module: Module, name = "", above: readonly Module[] = []): Generator<[string, Module]> {
  yield [name, module];
  const path = [...above, module];
  for (const [field, value] of fields(module)) {
    if (value instanceof Module && !path.includes(value)) yield* places(value, join(name, field), path);
  }
}

/** Every parameter and buffer within, under each of its names. */
function* variables(root: Module): Generator<[string, Variable]> {
  for (const [name, module] of places(root)) {
    for (const [field, value] of fields(module)) if (value instanceof Variable) yield [join(name, field), value];
  }
}

/** Each value once, with its first name. */
function firsts<T>(entries: Iterable<[string, T]>): [string, T][] {
  const seen = new Set<T>();
  return [...entries].filter(([, value]) => !seen.has(value) && seen.add(value));
}
