export type { FetchOptions } from "../../io/download.ts";
export {
  BROWN_CATEGORIES,
  type BrownCategory,
  type BrownOptions,
  brown,
  type TaggedSentence,
  UNIVERSAL_TAGS,
  type UniversalTag,
  universalTag,
} from "./brown.ts";
export { type ImdbOptions, imdb, type Review } from "./imdb.ts";
export { kingJames, type Verse } from "./king-james.ts";
export type { Mail } from "./mail.ts";
export { type Chapter, mobyDick } from "./moby-dick.ts";
export { type Multi30kOptions, multi30k, type SentencePair } from "./multi30k.ts";
export {
  ARPABET,
  type PronouncingDictionary,
  type PronouncingDictionaryOptions,
  pronouncingDictionary,
} from "./pronouncing-dictionary.ts";
export {
  type LabelledMail,
  SPAM_ASSASSIN_GROUPS,
  type SpamAssassinGroup,
  type SpamAssassinOptions,
  spamAssassin,
} from "./spam-assassin.ts";
export { tinyShakespeare } from "./tiny-shakespeare.ts";
