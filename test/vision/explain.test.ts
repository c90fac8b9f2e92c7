/** What explanations cannot be checked for by recorded numbers: places, errors, pages. */

import { describe, expect, test } from "vitest";
import { AvgPool2d, BatchNorm2d, Conv2d, Flatten, Linear, ReLU, Sequential } from "../../src/nn/index.ts";
import { ArgumentError, IndexError, ShapeError, StateError, tensor, zeros } from "../../src/tensor/index.ts";
import {
  featureMaps,
  filterPictures,
  gradCam,
  heatmap,
  occlusion,
  picturePage,
  saliency,
} from "../../src/vision/index.ts";

/** A bright spot at a place of an otherwise dark picture. */
const spot = (row: number, column: number) =>
  tensor(
    Array.from({ length: 64 }, (_, i) => Number(i === 8 * row + column)),
    { shape: [1, 1, 8, 8] },
  );

/** Class 0 counts light on the left, class 1 light on the right. */
function halves(): Sequential {
  const model = new Sequential(new Conv2d(1, 1, 1), new ReLU(), new AvgPool2d([8, 4]), new Flatten(), new Linear(2, 2));
  model.loadStateDict({
    "0.weight": tensor([[[[1]]]]),
    "0.bias": zeros([1]),
    "4.weight": tensor([
      [32, 0],
      [0, 32],
    ]),
    "4.bias": zeros([2]),
  });
  return model.eval();
}

describe("where a model looks", () => {
  test("what there is none of is named: a class, a layer, scores of classes", async () => {
    const [model, x] = [halves(), spot(2, 6)];
    const noClass = "the model has scores of classes 0 to 1, but target is 2.";
    expect(() => saliency(model, x, { target: 2 })).toThrow(new IndexError(`saliency: ${noClass}`));
    expect(() => gradCam(model, "0", x, { target: 2 })).toThrow(new IndexError(`gradCam: ${noClass}`));
    await expect(occlusion(model, x, { target: 2 })).rejects.toThrow(new IndexError(`occlusion: ${noClass}`));
    expect(() => saliency(model, x, { target: -1 })).toThrow(IndexError);
    expect(() => gradCam(model, "conv", x)).toThrow('there is no layer "conv"; there are 0, 1, 2, 3, 4.');
    expect(() => saliency(new Conv2d(1, 2, 1).eval(), x)).toThrow("explains scores of classes (N, K)");
  });

  test("occlusion finds the spot, for the class that the whole picture has", async () => {
    const drops = await occlusion(halves(), spot(2, 6), { size: 2, stride: 2 });
    const hit = drops.flatten().arraySync() as number[];
    expect(drops.shape).toEqual([1, 4, 4]);
    expect(hit.flatMap((drop, i) => (drop === 0 ? [] : [[i, drop]]))).toEqual([[1 * 4 + 3, 1]]);
    const other = await occlusion(halves(), spot(2, 6), { size: 2, stride: 2, target: 0 });
    expect(other.abs().sum().itemSync()).toBe(0);
  });

  test("occlusion takes several pictures, patches that overlap and leave a border, and another fill", async () => {
    const pictures = tensor([...spot(0, 0).dataSync(), ...spot(7, 7).dataSync()], { shape: [2, 1, 8, 8] });
    const drops = await occlusion(halves(), pictures, {
      size: 3,
      stride: 2,
      fill: 1,
      target: tensor([0, 1]).to("i32"),
    });
    expect(drops.shape).toEqual([2, 3, 3]);
    // A patch of nine ones adds nine to the sum of its half, less the light that it hides.
    expect(drops.select(0, 0).arraySync()).toEqual([
      [-8, -6, 0],
      [-9, -6, 0],
      [-9, -6, 0],
    ]);
    expect(drops.select(0, 1).add(0).arraySync()).toEqual([
      [0, -3, -9],
      [0, -3, -9],
      [0, -3, -9],
    ]);
  });

  test("a model that trains, other shapes and unknown layers are refused", async () => {
    const model = new Sequential(new Conv2d(1, 2, 3), new BatchNorm2d(2), new Flatten(), new Linear(2, 2));
    const x = zeros([1, 1, 3, 3]);
    for (const explain of [() => saliency(model, x), () => gradCam(model, "0", x)]) expect(explain).toThrow(StateError);
    await expect(occlusion(model, x)).rejects.toThrow(/model\.eval\(\)/);
    model.eval();
    expect(() => saliency(model, zeros([1, 3, 3]))).toThrow(ShapeError);
    expect(() => gradCam(model, "9", x)).toThrow(/no layer "9"/);
    expect(() => gradCam(model, "3", x)).toThrow(ShapeError);
    await expect(occlusion(model, x, { size: 4 })).rejects.toThrow(ArgumentError);
    expect(() => featureMaps(model, "3", x)).toThrow(ShapeError);
  });
});

test("filters and feature maps are stretched one by one; a constant one is black", () => {
  const layer = new Conv2d(1, 2, [1, 3]);
  layer.loadStateDict({ weight: tensor([[[[-1, 0, 3]]], [[[5, 5, 5]]]]), bias: zeros([2]) });
  expect(filterPictures(layer).arraySync()).toEqual([[[[0, 0.25, 1]]], [[[0, 0, 0]]]]);
  const maps = featureMaps(new Sequential(layer), "0", tensor([[[0, 0, 1, 2]]]));
  expect(maps.arraySync()).toEqual([[[[0, 1]]], [[[0, 1]]]]); // 3, 5 and 6·1 − 1·0, …: each from its least to its largest
});

test("a heat map lies over a grey picture", async () => {
  const over = { data: new Uint8Array([0, 100, 200, 250]), width: 2, height: 2, channels: 1 } as const;
  const { data, channels } = await heatmap(tensor([[0], [2]]), { over, alpha: 0.25, max: 2 });
  expect(channels).toBe(3);
  expect([...data.slice(3, 6)]).toEqual([75, 75, 76]); // ¾ of 100, and ¼ of (0, 0, 4)
  expect([...data.slice(9, 12)]).toEqual([251, 251, 229]); // ¾ of 250, and ¼ of (252, 255, 164)
  await expect(heatmap(zeros([2]))).rejects.toThrow(ShapeError);
});

test("a page holds its pictures, and text is text", async () => {
  const picture = { data: new Uint8Array(3), width: 1, height: 1, channels: 3 } as const;
  const html = await picturePage("<b>&", [{ heading: "one", exhibits: [{ picture, caption: '"a" < b' }] }]);
  expect(html).toContain("<title>&lt;b&gt;&amp;</title>");
  expect(html).toContain('alt="&quot;a&quot; &lt; b"');
  expect(html).toMatch(/src="data:image\/png;base64,iVBOR/);
  expect(html).not.toMatch(/https?:/);
});
