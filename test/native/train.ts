/** Trains a small model and says on which device and how well: what fallback.long.test.ts runs in processes of their own. */
import { compile, manualSeed, rand, type Tensor } from "../../src/index.ts";
import { Linear, mseLoss, Sequential, Tanh } from "../../src/nn/index.ts";
import { Adam } from "../../src/optim/index.ts";
import { currentDevice } from "../../src/runtime/select.ts";

manualSeed(1);
const model = new Sequential(new Linear(2, 16), new Tanh(), new Linear(16, 1));
const optimizer = new Adam(model.parameters(), { lr: 0.01 });
const step = compile((x: Tensor, y: Tensor) => {
  const loss = mseLoss(model.forward(x), y);
  loss.backward();
  optimizer.step();
  optimizer.zeroGrad();
  return loss;
});
const x = rand([64, 2]);
const y = x.sum(1, { keepdim: true });
const losses: number[] = [];
for (let i = 0; i < 100; i++) losses.push(step(x, y).itemSync());
console.log(JSON.stringify({ device: currentDevice().name, first: losses[0], last: losses[99] }));
