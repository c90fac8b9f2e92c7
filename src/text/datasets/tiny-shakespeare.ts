import { obtainFile, type SingleFile } from "../../io/archive.ts";
import type { FetchOptions } from "../../io/download.ts";

// The digest is the one that several projects publish for the file (86c4e6aa…565ed in hexadecimal digits).
const TINY_SHAKESPEARE: SingleFile = {
  title: "tiny Shakespeare",
  file: "tinyshakespeare/input.txt",
  mirrors: [
    "https://raw.githubusercontent.com/karpathy/char-rnn/master/data",
    "https://cdn.jsdelivr.net/gh/karpathy/char-rnn@master/data",
  ],
  integrity: "sha256-hsTmqp23wELsefM53LltQrAHXha4/C6Gvwylfi3FZe0=",
};

/**
 * Scenes of Shakespeare's plays in one text of 1,115,394 characters, 65 different ones; the last tenth is held out by custom.
 *
 * Looked for in `root` if that is given, else in $XDG_CACHE_HOME/chainrule/files (~/.cache by default), as
 * tinyshakespeare/input.txt; downloaded otherwise. The digest is checked.
 * Throws a DataError that says what to do if the file is altered, or missing and cannot be fetched.
 * Source: Karpathy, The unreasonable effectiveness of recurrent neural networks, 2015.
 *
 * ```ts
 * await tinyShakespeare({ root: "nowhere", download: false }); // throws DataError
 * ```
 */
export async function tinyShakespeare(options: FetchOptions = {}): Promise<string> {
  return new TextDecoder().decode(await obtainFile(TINY_SHAKESPEARE, options));
}
