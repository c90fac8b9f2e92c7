import type { Source } from "../../io/download.ts";
import type { ImageDataset } from "./images.ts";
import { type MnistOptions, readIdxImages } from "./mnist.ts";

/** Mean and standard deviation of the training pictures' pixels in [0, 1]. */
export const FASHION_MNIST_STATISTICS: { readonly mean: number; readonly std: number } = { mean: 0.286, std: 0.353 };

/** The names of the labels 0 to 9. */
export const FASHION_MNIST_CLASSES: readonly string[] = [
  "T-shirt/top",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
];

const FASHION_MNIST: Source = {
  title: "Fashion-MNIST",
  folder: "fashion-mnist",
  files: {
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
  },
  mirrors: [
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
  ],
  installed: ["/usr/share/datasets/fashion-mnist"], // where Debian's package puts them
  advice: "install Debian's or Ubuntu's package `dataset-fashion-mnist`",
};

/**
 * The Fashion-MNIST pictures of clothes, of MNIST's size and number: example i is [image (1, 28, 28) f32, label () i32].
 *
 * Looked for in `root` if that is given; else where Debian's package `dataset-fashion-mnist` has them, then in
 * $XDG_CACHE_HOME/chainrule/fashion-mnist (~/.cache by default); downloaded otherwise (30 MB). Every file's SHA-256 is
 * checked. Throws a DataError that says what to do if a file is altered, or missing and cannot be fetched.
 * Source: Xiao, Rasul and Vollgraf, Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms, 2017.
 *
 * ```ts
 * FASHION_MNIST_CLASSES[9]; // "Ankle boot"
 * await fashionMnist({ train: false, root: "nowhere", download: false }); // throws DataError
 * ```
 */
export function fashionMnist(options: MnistOptions): Promise<ImageDataset> {
  return readIdxImages(FASHION_MNIST, options, { ...options.normalize, classes: FASHION_MNIST_CLASSES });
}
