import { writeFileAtomic } from "../io/atomic.ts";
import { Conv2d, type Layer } from "../nn/index.ts";
import { setDevice } from "../runtime/select.ts";
import { noGrad, Tensor, zeros } from "../tensor/index.ts";
import {
  type Exhibit,
  featureMaps,
  filterPictures,
  type Gallery,
  gradCam,
  heatmap,
  makeGrid,
  occlusion,
  type Picture,
  picturePage,
  saliency,
  toPictures,
} from "../vision/index.ts";
import { UsageError } from "./errors.ts";
import { openModel } from "./model.ts";

export interface ExplainFlags {
  model?: string;
  examples: readonly number[];
  layer?: string;
  out: string;
  device?: string;
  json?: boolean;
}

/** `chainrule explain`: an HTML page of what a trained classifier has learned to look at. */
export async function explainCommand(flags: ExplainFlags): Promise<void> {
  if (flags.device) setDevice(flags.device);
  const { recipe, settings, model, path } = await openModel(flags.model);
  const convolutions = model.namedModules().filter((entry): entry is [string, Conv2d] => entry[1] instanceof Conv2d);
  if (recipe.score || recipe.input?.shape.length !== 3 || convolutions.length === 0)
    throw new UsageError(`explain is for classifiers of pictures that have convolutions, but ${path} is none.`);
  const classifier = model as Layer;
  const layer = flags.layer ?? lastMaps(classifier, recipe.input.shape) ?? convolutions[0][0];
  const { test } = await recipe.data(settings);
  const wrong = flags.examples.find((index) => index >= test.length);
  if (wrong !== undefined) throw new UsageError(`the test set has ${test.length} examples; there is none ${wrong}.`);

  const nameOf = (label: number) => recipe.classes?.[label] ?? label;
  const [firstName, first] = convolutions[0];
  const filters = sheet(filterPictures(first), "each from its least number (black) to its largest (white)");
  const galleries: Gallery[] = [{ heading: `Filters of layer ${firstName}`, exhibits: [filters] }];
  for (const index of flags.examples) {
    const [x, label] = test.get(index);
    const batch = x.unsqueeze(0); // (C, H, W) ─► (1, C, H, W)
    const guess = await noGrad(() => classifier.forward(batch))
      .argmax(1)
      .item();
    const seen = shown(x, recipe.input);
    galleries.push({
      heading: `Example ${index}: taken for ${nameOf(guess)}, labelled ${nameOf(await label.item())}`,
      exhibits: [
        sheet(seen, "the picture"),
        ...(await maps(classifier, layer, batch, toPictures(seen)[0])),
        sheet(featureMaps(classifier, firstName, batch), `feature maps of layer ${firstName}`),
      ],
    });
  }
  await writeFileAtomic(flags.out, new TextEncoder().encode(await picturePage(`What ${path} looks at`, galleries)));
  const event = { event: "explain", out: flags.out, model: path, layer };
  process.stdout.write(`${flags.json ? JSON.stringify(event) : `saved ${flags.out}`}\n`);
}

/** The name of the layer whose output is the last one with places in it: what Grad-CAM's authors look at. */
function lastMaps(model: Layer, shape: readonly number[]): string | undefined {
  let last: string | undefined;
  const handles = model.namedModules().map(([name, layer]) =>
    layer.registerForwardHook((_, __, output) => {
      const [, , height = 1, width = 1] = output instanceof Tensor ? output.shape : [];
      if (name !== "" && height * width > 1) last = name;
    }),
  );
  try {
    noGrad(() => model.forward(zeros([1, ...shape])));
  } finally {
    for (const handle of handles) handle.remove();
  }
  return last;
}

/** An example's pixels in [0, 1], as a batch of one. */
function shown(x: Tensor, { mean = 0, std = 1 }: { mean?: number; std?: number }): Tensor {
  return x.mul(std).add(mean).clamp(0, 1).unsqueeze(0); // (C, H, W) ─► (1, C, H, W)
}

const sheet = (pictures: Tensor, caption: string): Exhibit => ({
  picture: makeGrid(pictures, { padValue: 96 }),
  caption,
});

async function maps(model: Layer, layer: string, batch: Tensor, over: Picture): Promise<Exhibit[]> {
  const of = async (map: Tensor, caption: string): Promise<Exhibit> => ({
    picture: await heatmap(map.squeeze(0), { over, alpha: 0.6 }), // (1, H, W) ─► (H, W)
    caption,
  });
  return [
    await of(saliency(model, batch), "saliency: pixels that would change the score most"),
    await of(gradCam(model, layer, batch), `Grad-CAM of layer ${layer}: where it finds what speaks for the class`),
    await of(await occlusion(model, batch), "occlusion: where a patch lowers the score most"),
  ];
}
