/** Ten training steps as PyTorch takes them: forward, gradients, statistics and optimizers together. */

import { expect, test } from "vitest";
import {
  AvgPool2d,
  BatchNorm2d,
  Conv2d,
  crossEntropy,
  Flatten,
  LayerNorm,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
  Sigmoid,
  Tanh,
} from "../../src/nn/index.ts";
import { Adam, AdamW, type Optimizer, SGD } from "../../src/optim/index.ts";
import { compile, noGrad, type Parameter, type Shape, type Tensor, tensor } from "../../src/tensor/index.ts";

const dtype = "f64";

/** Numbers that both languages can compute: scale · sin(1.7 i + phase). */
function wave(shape: Shape, phase: number, scale: number): Tensor {
  const length = shape.reduce((n, size) => n * size, 1);
  return tensor(
    Float64Array.from({ length }, (_, i) => scale * Math.sin(1.7 * i + phase)),
    { shape },
  );
}

interface Experiment {
  readonly model: () => Sequential;
  readonly input: Shape;
}

const perceptron: Experiment = {
  model: () =>
    new Sequential(
      new Linear(6, 8, { dtype }),
      new Tanh(),
      new Linear(8, 8, { dtype }),
      new Sigmoid(),
      new Linear(8, 3, { dtype }),
    ),
  input: [5, 6],
};

const network: Experiment = {
  model: () =>
    new Sequential(
      new Conv2d(2, 4, 3, { padding: 1, dtype }),
      new BatchNorm2d(4, { dtype }),
      new ReLU(),
      new MaxPool2d(2),
      new Conv2d(4, 6, 3, { stride: 2, padding: 1, groups: 2, bias: false, dtype }),
      new BatchNorm2d(6, { momentum: 0.3, dtype }),
      new ReLU(),
      new AvgPool2d(2),
      new Flatten(),
      new LayerNorm(6, { dtype }),
      new Linear(6, 3, { dtype }),
    ),
  input: [5, 2, 8, 8],
};

const OPTIMIZERS = {
  sgd: (params: Parameter[]) => new SGD(params, { lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
  adam: (params: Parameter[]) => new Adam(params, { lr: 0.02 }),
  adamw: (params: Parameter[]) => new AdamW(params, { lr: 0.02, weightDecay: 0.1, amsgrad: true }),
};

interface Expected {
  readonly experiment: Experiment;
  readonly optimizer: keyof typeof OPTIMIZERS;
  /** of each step */
  readonly losses: readonly number[];
  /** of each entry of the state dict, at the end */
  readonly sums: Readonly<Record<string, number>>;
  /** of the first example, in evaluation, at the end */
  readonly output: readonly number[];
}

// What training.py prints.
const EXPECTED: readonly Expected[] = [
  {
    experiment: perceptron,
    optimizer: "sgd",
    losses: [
      1.1790158532503145, 1.0839592033129357, 1.1107083878634276, 1.1595340135286623, 1.0776830527086552,
      1.16665558562821, 1.0516954821967812, 1.1615013066811903, 1.0737549377067945, 1.1308338334382393,
    ],
    sums: {
      "0.weight": 0.0323632161060257,
      "0.bias": 0.2307998867284752,
      "2.weight": 0.4230802479178424,
      "2.bias": 0.13357466308113508,
      "4.weight": -0.6342978793679399,
      "4.bias": 0.14325052346168046,
    },
    output: [0.054170864597298585, -0.1670823213480966, -0.2803481145308225],
  },
  {
    experiment: perceptron,
    optimizer: "adam",
    losses: [
      1.1790158532503145, 1.1063084956586704, 1.0835798384505264, 1.188293321386465, 1.0371856072207215,
      1.2101310880899896, 1.0139386899099276, 1.1492557232600735, 1.0337183360427753, 1.1487189621398612,
    ],
    sums: {
      "0.weight": 0.08496825854251405,
      "0.bias": 0.4888146714699896,
      "2.weight": 0.4194885210001569,
      "2.bias": 0.15936502919421847,
      "4.weight": -0.5368932544332923,
      "4.bias": 0.18206684054910016,
    },
    output: [0.0821534397527589, -0.13218899972997744, -0.29151064348482253],
  },
  {
    experiment: perceptron,
    optimizer: "adamw",
    losses: [
      1.1790158532503145, 1.1062044245466975, 1.0839114355399198, 1.1873454241993813, 1.0379397019398942,
      1.2083517331107831, 1.0156599362373944, 1.148358317865425, 1.035601013778264, 1.1469065300652737,
    ],
    sums: {
      "0.weight": 0.08368914243412251,
      "0.bias": 0.48124379031135256,
      "2.weight": 0.4109041080537994,
      "2.bias": 0.15598238718726076,
      "4.weight": -0.5258215982440351,
      "4.bias": 0.1785554455478456,
    },
    output: [0.08231284113490611, -0.12857313267924855, -0.283546365977302],
  },
  {
    experiment: network,
    optimizer: "sgd",
    losses: [
      1.0821545119121163, 1.1656446870950767, 1.0810721685424336, 1.13467578837172, 1.0628837924537184,
      1.1615884956905025, 1.073549893397935, 1.097017796210622, 1.0986141689442426, 1.107207855773963,
    ],
    sums: {
      "0.weight": 0.3279042718784716,
      "0.bias": 0.06439134855311499,
      "1.weight": 0.08308157520035137,
      "1.bias": -0.06957785424660012,
      "1.running_mean": 0.042819765641510785,
      "1.running_var": 2.726129591585286,
      "1.num_batches_tracked": 10,
      "4.weight": -0.17670123648197464,
      "5.weight": -0.13413365455380127,
      "5.bias": 0.3740724578839397,
      "5.running_mean": -0.961351662363705,
      "5.running_var": 0.6212347881791374,
      "5.num_batches_tracked": 10,
      "9.weight": 0.4111813168842272,
      "9.bias": 0.19592574402398696,
      "10.weight": -0.25014619009069805,
      "10.bias": -0.2696173117666995,
    },
    output: [-0.09019405334596356, -0.2227219384587703, -0.0032025288196649293],
  },
  {
    experiment: network,
    optimizer: "adam",
    losses: [
      1.0821545119121163, 1.210376029031869, 1.0401927044993555, 1.1326120829965716, 1.0409190832518553,
      1.1498338362820655, 1.0293473147886678, 1.0944401365362408, 1.0467377941347453, 1.0954860556152701,
    ],
    sums: {
      "0.weight": 0.6771186063295989,
      "0.bias": 0.0675431433689168,
      "1.weight": 0.276821298210297,
      "1.bias": -0.1385952815306991,
      "1.running_mean": 0.043692212176051085,
      "1.running_var": 3.449003711234466,
      "1.num_batches_tracked": 10,
      "4.weight": 0.7796486209451057,
      "5.weight": -0.0974773929997067,
      "5.bias": 0.5390564814675977,
      "5.running_mean": -1.0658144361787267,
      "5.running_var": 0.7860752894382338,
      "5.num_batches_tracked": 10,
      "9.weight": 0.5190346603362828,
      "9.bias": 0.23103217302973286,
      "10.weight": -0.2970265796638323,
      "10.bias": -0.25785335505351376,
    },
    output: [-0.04685389811082208, -0.18184002386176512, -0.05047197116744179],
  },
  {
    experiment: network,
    optimizer: "adamw",
    losses: [
      1.0821545119121163, 1.209901698570177, 1.0404344594063475, 1.1323721125361137, 1.0411627942174222,
      1.1485223335336183, 1.031328548822629, 1.093009346133269, 1.0475190802430259, 1.0942229081675665,
    ],
    sums: {
      "0.weight": 0.6527603213633991,
      "0.bias": 0.066204373734369,
      "1.weight": 0.2785374757090028,
      "1.bias": -0.1447601362322426,
      "1.running_mean": 0.04323318915695609,
      "1.running_var": 3.409108343441511,
      "1.num_batches_tracked": 10,
      "4.weight": 0.7637529370546787,
      "5.weight": -0.09636466506836405,
      "5.bias": 0.5238078083489074,
      "5.running_mean": -1.0356406072572737,
      "5.running_var": 0.7545710327771444,
      "5.num_batches_tracked": 10,
      "9.weight": 0.5069160213232433,
      "9.bias": 0.22752736170155627,
      "10.weight": -0.29164824536147926,
      "10.bias": -0.2526620920809725,
    },
    output: [-0.06610207087504455, -0.16220304945523495, -0.05143437037055415],
  },
];

for (const { experiment, optimizer, losses, sums, output } of EXPECTED) {
  for (const compiled of [false, true]) {
    const name = `${experiment === network ? "network" : "perceptron"}, ${optimizer}, ${compiled ? "compiled" : "step by step"}`;
    test(name, async () => {
      const model = experiment.model();
      model.parameters().forEach((parameter, i) => void parameter.assign(wave(parameter.shape, i, 0.5)));
      const steps: Optimizer = OPTIMIZERS[optimizer](model.parameters());
      const step = (x: Tensor, target: Tensor): Tensor => {
        const loss = crossEntropy(model.forward(x), target);
        loss.backward();
        steps.step();
        steps.zeroGrad();
        return loss;
      };
      const run = compiled ? compile(step) : step;
      for (const [i, want] of losses.entries()) {
        const target = tensor(
          [0, 1, 2, 3, 4].map((k) => (i + k) % 3),
          { dtype: "i32" },
        );
        expect(await run(wave(experiment.input, i, 1), target).item(), `loss ${i}`).toBeCloseTo(want, 9);
      }
      const state = model.stateDict();
      expect(Object.keys(state)).toEqual(Object.keys(sums));
      for (const [key, want] of Object.entries(sums)) expect(await state[key].sum().item(), key).toBeCloseTo(want, 9);
      model.eval();
      const found = await noGrad(() => model.forward(wave(experiment.input, 99, 1)).index(0)).data();
      for (const [i, want] of output.entries()) expect(found[i]).toBeCloseTo(want, 9);
    });
  }
}
