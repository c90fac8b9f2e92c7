/** The optimizers that are compared, each in the regime that it is made for. */

import {
  Adadelta,
  Adafactor,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  LAMB,
  LBFGS,
  Lion,
  Muon,
  NAdam,
  Nesterov,
  type Optimizer,
  RAdam,
  RMSprop,
  Rprop,
  SGD,
} from "../../optim/index.ts";
import { compile, type Parameter, type Tensor } from "../../tensor/index.ts";

/** Parameters that share a learning rate. */
export interface Group {
  readonly params: readonly Parameter[];
  readonly lr: number;
}

export type Loss = (...inputs: Tensor[]) => Tensor;

/** What trains: `on` gives a function that takes one step down a loss and gives the loss before it. */
export interface Trainer {
  on(loss: Loss): (...inputs: Tensor[]) => Tensor | Promise<Tensor>;
  /** how many numbers it keeps beside the parameters */
  stateSize(): number;
}

export interface Contender {
  readonly name: string;
  /** examples in a step; all of them: whole batches */
  readonly batch: number;
  /** how often training sees every example */
  readonly passes: number;
  readonly settings: Readonly<Record<string, unknown>> & { readonly lr: number };
  /** on surfaces it walks with several learning rates at once, with its own, or not at all */
  readonly walks: "at several rates" | "once" | "never";
  create(groups: readonly Group[]): Trainer;
}

/** Steps of mini-batches see every example a few times, steps of everything in each. */
const MINI = { batch: 64, passes: 3 };
const whole = (passes: number) => ({ batch: Number.POSITIVE_INFINITY, passes });

type Stepper = Pick<Optimizer, "step" | "zeroGrad" | "stateDict">;

/** Several optimizers that step together. */
function together(optimizers: readonly Stepper[]): Trainer {
  const stateDicts = () => optimizers.flatMap((optimizer) => Object.entries(optimizer.stateDict()));
  return {
    on: (loss) =>
      compile((...inputs: Tensor[]) => {
        const [first, ...others] = optimizers;
        const before = first.step(() => {
          const value = loss(...inputs);
          value.backward();
          return value;
        });
        for (const optimizer of others) optimizer.step();
        for (const optimizer of optimizers) optimizer.zeroGrad();
        return before;
      }),
    stateSize: () => sizeOf(stateDicts()),
  };
}

const sizeOf = (entries: readonly [string, Tensor][]): number =>
  entries.reduce((sum, [name, x]) => (name.startsWith("state.") && x.ndim > 0 ? sum + x.numel() : sum), 0);

type Settings = Contender["settings"];
type Create<S> = (groups: readonly Group[], settings: S) => Stepper;

const contender = <S extends Settings>(name: string, create: Create<S>, settings: S, regime = MINI): Contender => ({
  name,
  settings,
  ...regime,
  walks: "at several rates",
  create: (groups) => together([create(groups, settings)]),
});

/** L-BFGS reads the loss to decide what is next: its step is not one program. */
const lbfgs: Contender = {
  name: "L-BFGS",
  settings: { lr: 1, lineSearchFn: "strongWolfe" },
  ...whole(60),
  walks: "once",
  create([{ params }]) {
    // An iteration a step, so that there is a loss and a place after each.
    const optimizer = new LBFGS(params, { lineSearchFn: "strongWolfe", maxIter: 1, maxEval: 25 });
    return {
      on(loss) {
        const evaluate = compile((...inputs: Tensor[]) => {
          optimizer.zeroGrad();
          const value = loss(...inputs);
          value.backward();
          return value;
        });
        return (...inputs) => optimizer.step(() => evaluate(...inputs));
      },
      stateSize: () => sizeOf(Object.entries(optimizer.stateDict())),
    };
  },
};

/** Muon takes matrices; AdamW has the rest, as its authors do. */
const muon: Contender = {
  name: "Muon",
  settings: { lr: 2e-3 },
  ...MINI,
  walks: "never",
  create(groups) {
    const parts = (matrices: boolean) =>
      groups
        .map(({ params, lr }) => ({ params: params.filter((p) => (p.ndim === 2) === matrices), lr }))
        .filter(({ params }) => params.length > 0);
    const others = parts(false).map((group) => ({ ...group, lr: 1e-3 }));
    return together([new Muon(parts(true)), ...(others.length > 0 ? [new AdamW(others)] : [])]);
  },
};

/** On a surface, where nothing is random, it is gradient descent. */
const sgd: Contender = {
  ...contender("SGD", (groups, settings) => new SGD(groups, settings), { lr: 0.1 }),
  walks: "never",
};

export const CONTENDERS: readonly Contender[] = [
  contender("gradient descent", (groups, settings) => new SGD(groups, settings), { lr: 0.5 }, whole(400)),
  sgd,
  contender("momentum", (groups, settings) => new SGD(groups, settings), { lr: 0.02, momentum: 0.9 }),
  contender("Nesterov", (groups, settings) => new Nesterov(groups, settings), { lr: 0.2, momentum: 0.9 }),
  contender("Rprop", (groups, settings) => new Rprop(groups, settings), { lr: 1e-3 }, whole(150)),
  contender("Adagrad", (groups, settings) => new Adagrad(groups, settings), { lr: 0.02 }),
  contender("Adadelta", (groups, settings) => new Adadelta(groups, settings), { lr: 1 }),
  contender("RMSprop", (groups, settings) => new RMSprop(groups, settings), { lr: 1e-3 }),
  contender("Adam", (groups, settings) => new Adam(groups, settings), { lr: 1e-3 }),
  contender("AMSGrad", (groups, settings) => new Adam(groups, settings), { lr: 1e-3, amsgrad: true }),
  contender("AdamW", (groups, settings) => new AdamW(groups, settings), { lr: 1e-3, weightDecay: 0.01 }),
  contender("Adamax", (groups, settings) => new Adamax(groups, settings), { lr: 4e-3 }),
  contender("NAdam", (groups, settings) => new NAdam(groups, settings), { lr: 1e-3 }),
  contender("RAdam", (groups, settings) => new RAdam(groups, settings), { lr: 2e-3 }, { batch: 256, passes: 8 }),
  contender("Lion", (groups, settings) => new Lion(groups, settings), { lr: 2e-4 }),
  // Made for large batches.
  contender("LAMB", (groups, settings) => new LAMB(groups, settings), { lr: 0.01 }, { batch: 512, passes: 10 }),
  contender("Adafactor", (groups, settings) => new Adafactor(groups, settings), { lr: 0.02 }),
  muon,
  lbfgs,
];
