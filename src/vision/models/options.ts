/** What every network that tells classes apart can be made with. */
export interface ClassifierOptions {
  /** 1000 by default */
  numClasses?: number;
  /** 3 by default */
  inChannels?: number;
  /** how the network begins: `"imagenet"`, the default, for photographs, `"small"` for pictures of about 32 pixels */
  stem?: "imagenet" | "small";
}
