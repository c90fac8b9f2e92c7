"""Metrics of text: BLEU and edit distances against nltk's, ROUGE-L, error rates and perplexity against their definitions."""

import itertools
import re
import warnings

import numpy as np
import torch
from nltk.metrics.distance import edit_distance
from nltk.translate.bleu_score import SmoothingFunction, closest_ref_length, corpus_bleu, modified_precision
from sklearn.metrics import f1_score

MADE_WITH = ["torch", "nltk", "scikit-learn"]

warnings.filterwarnings("ignore", module="nltk")  # about scores of 0
warnings.filterwarnings("ignore", message="F-score is ill-defined")


def scalar(x):
    return torch.tensor(float(x), dtype=torch.float64)


def words(r, n, vocabulary):
    return [f"w{k}" for k in r.integers(0, vocabulary, n).tolist()]


SMOOTHING = {
    "none": lambda value: None,
    "floor": lambda value: SmoothingFunction(epsilon=0.1 if value is None else value).method1,
    "add-k": lambda value: SmoothingFunction().method2,
    "exp": lambda value: SmoothingFunction().method3,
}


def bleu(r):
    def one(predicted, references, smoothing="none", n=4, value=None, note=""):
        weights = (1 / n,) * n
        wanted = corpus_bleu(references, predicted, weights=weights, smoothing_function=SMOOTHING[smoothing](value))
        options = {"predicted": predicted, "references": references, "smoothing": smoothing}
        options |= {"nGram": n} if n != 4 else {}
        options |= {"smoothingValue": value} if value is not None else {}
        # nltk's score without a match of some order is about 1e-77.
        r.plain_case("bleuScore", [], [scalar(wanted if wanted > 1e-70 else 0)], options, note)

    for smoothing in SMOOTHING:
        for vocabulary in (2, 5):
            truth = [[words(r, int(k), vocabulary) for k in r.integers(4, 12, 3).tolist()] for _ in range(4)]
            guess = [words(r, int(k), vocabulary) for k in r.integers(4, 12, 4).tolist()]
            one(guess, truth, smoothing, note="corpus, three references")
            one(guess, [refs[:1] for refs in truth], smoothing, note="corpus, one reference")
            one(guess[:1], truth[:1], smoothing, note="sentence")
        for length in (1, 2, 3):
            sentence = ["a", "b", "c"][:length]
            one([sentence], [[["a", "b", "c", "d"], ["a", "x"]]], smoothing, note="shorter than 4")
            one([sentence], [[sentence]], smoothing, note="the same, shorter than 4")
        one([[]], [[["a", "b"]]], smoothing, note="empty")
        one([["x", "y", "z", "u"]], [[["a", "b", "c", "d"]]], smoothing, note="no match")
        one([["a"] * 7], [[["a", "b", "a", "c"], ["b", "a"]]], smoothing, note="clipped")
        one([list("abcdef")], [[list("abcdefgh"), list("abcd")]], smoothing, note="closest lengths tie")
        one([list("abcdef")], [[list("abcd"), list("abcdefg")]], smoothing, note="brevity")
        one([list("abcde")], [[list("abcde")]], smoothing, note="the same")
    one([list("abxd")], [[list("abcd")]], "floor", value=0.01)
    one([list("abxde")], [[list("abcde")]], n=2)
    one([list("abxde")], [[list("abcde")]], n=1)

    r.reference = "Papineni 2002, from nltk's precisions"
    predicted, references = [list("abcde"), list("ab"), []], [[list("abcdf")], [list("abc")], [list("xy"), list("z")]]
    right, total = np.zeros(4), np.zeros(4)
    for guess, truth in zip(predicted, references):
        for n in range(4):
            right[n] += modified_precision(truth, guess, n + 1).numerator
            total[n] += max(0, len(guess) - n)
    length, target = sum(map(len, predicted)), sum(closest_ref_length(t, len(g)) for g, t in zip(predicted, references))
    wanted = np.exp(min(0, 1 - target / length)) * np.prod(right / total) ** (1 / 4)
    r.plain_case("bleuScore", [], [scalar(wanted)], {"predicted": predicted, "references": references}, "short among long")
    r.reference = None


def thirteen(text):
    """mteval-v13a's tokenizer, after its Perl source's substitutions."""
    for old, new in (("<skipped>", ""), ("-\n", ""), ("\n", " "), ("&quot;", '"'), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")):
        text = text.replace(old, new)
    text = f" {text} "
    text = re.sub(r"([\{-\~\[-\` -\&\(-\+\:-\@\/])", r" \1 ", text)
    text = re.sub(r"([^0-9])([\.,])", r"\1 \2 ", text)
    text = re.sub(r"([\.,])([^0-9])", r" \1 \2", text)
    return re.sub(r"([0-9])(-)", r"\1 \2 ", text).split()


TEXTS = [
    ("He paid $3,000.50 (in cash), \"twice\".", "He paid $3,000.50 in cash, \"twice\"!"),
    ("The 1990-91 season's end; a well-known one: 7-8.", "The 1990-91 season's end, a well-known one: 7 - 8."),
    ("a divi-\nded word &amp;quot;x&quot; &lt;b&gt; <skipped> e.g. no.5,6", "a divided word &quot;x&quot; <b> e.g. no.5,6"),
]


def tokenized(r):
    r.reference = "nltk, of tokens by each tokenizer's definition"
    rules = {
        "whitespace": str.split,
        "13a": thirteen,
        "characters": list,
        "alphanumeric": lambda text: re.sub(r"[^a-z0-9]+", " ", text.lower()).split(),
    }
    for tokenizer, rule in rules.items():
        for guess, truth in TEXTS:
            wanted = corpus_bleu([[rule(truth)]], [rule(guess)], smoothing_function=SMOOTHING["exp"](None))
            options = {"predicted": [guess], "references": [[truth]], "tokenizer": tokenizer, "smoothing": "exp"}
            r.plain_case("bleuScore", [], [scalar(wanted)], options)
    r.reference = None


def subsequences(a):
    return (tuple(a[i] for i in chosen) for k in range(len(a), -1, -1) for chosen in itertools.combinations(range(len(a)), k))


def within(short, long):
    rest = iter(long)
    return all(x in rest for x in short)


def longest_common(a, b):
    """By trying every subsequence."""
    return next(len(s) for s in subsequences(a) if within(s, b))


def f_measure(common, found, truth, beta):
    p, q = (common / n if n else 0 for n in (found, truth))
    f = (1 + beta**2) * p * q / (q + beta**2 * p) if common else 0
    return torch.tensor([p, q, f], dtype=torch.float64)


def rouge(r):
    r.reference = "Lin 2004, with every subsequence tried"
    for i, (n, m, vocabulary) in enumerate(((8, 8, 3), (5, 9, 4), (9, 4, 2), (1, 1, 2), (6, 6, 9), (0, 4, 2), (4, 0, 2), (0, 0, 1))):
        guess, truth = words(r, n, vocabulary), words(r, m, vocabulary)
        beta = (1, 2, 0.5)[i % 3]
        wanted = f_measure(longest_common(guess, truth), n, m, beta)
        r.plain_case("rougeL", [], [wanted], {"predicted": guess, "references": [truth], "beta": beta})
        other = words(r, 5, vocabulary)
        best = max([wanted, f_measure(longest_common(guess, other), n, 5, beta)], key=lambda x: float(x[2]))
        r.plain_case("rougeL", [], [best], {"predicted": guess, "references": [truth, other], "beta": beta}, "two references")
    # Lin's example of summaries: w1 w2 w3 w5 of w1 to w5.
    options = {"predicted": "w1 w2 w6 w7 w8\nw1 w3 w8 w9 w5", "references": ["w1 w2 w3 w4 w5"], "level": "summary"}
    r.plain_case("rougeL", [], [f_measure(4, 10, 5, 1)], options, "summary")
    # The longest common subsequences of these sentences are unique: b d and a with the first, c and e with the second.
    options = {"predicted": "b d x\ny c", "references": ["a b c d\ne c"], "level": "summary"}
    r.plain_case("rougeL", [], [f_measure(3, 5, 6, 1)], options, "summary, no token twice")
    r.reference = None


def edits(r):
    for n, m, vocabulary in ((8, 8, 3), (5, 12, 4), (12, 5, 2), (1, 1, 1), (0, 4, 2), (4, 0, 2), (0, 0, 1), (30, 25, 6)):
        a, b = words(r, n, vocabulary), words(r, m, vocabulary)
        r.plain_case("editDistance", [], [scalar(edit_distance(a, b))], {"from": a, "to": b})
        r.plain_case("editOperations", [], [scalar(edit_distance(a, b))], {"from": a, "to": b}, "how many edits")
    for a, b in (("kitten", "sitting"), ("", "abc"), ("flaw", "lawn"), ("naïve 🙂", "naive 🙃!")):
        r.plain_case("editDistance", [], [scalar(edit_distance(a, b))], {"from": a, "to": b})
    said = ["the cat sat  on the mat", "hello", "", "a b c d e"]
    real = ["the cat sat on a mat", "hello world", "silence", "x"]
    for op, split in (("wordErrorRate", str.split), ("charErrorRate", list)):
        pairs = [(split(a), split(b)) for a, b in zip(said, real)]
        wanted = sum(edit_distance(a, b) for a, b in pairs) / sum(len(b) for _, b in pairs)
        r.plain_case(op, [], [scalar(wanted)], {"predicted": said, "references": real})
        r.plain_case(op, [], [scalar(0)], {"predicted": real, "references": real}, "the same")
    r.plain_case("wordErrorRate", [], [scalar(float("inf"))], {"predicted": ["a"], "references": [""]}, "nothing to say")
    r.plain_case("wordErrorRate", [], [scalar(float("nan"))], {"predicted": [], "references": []}, "nothing")


def perplexities(r):
    for dtype in (torch.float32, torch.float64):
        for shape, ignored in (((2, 5, 4), None), ((2, 5, 4), -100), ((3, 7), 2), ((1, 1, 1), None), ((2, 0, 3), None)):
            logits = r.normal(*shape, dtype=dtype, scale=3)
            target = r.integers(0, shape[-1], *shape[:-1])
            if ignored is not None:
                target[r.integers(0, 2, *shape[:-1]) == 0] = ignored
                target.view(-1)[0] = 0
            loss = torch.nn.functional.cross_entropy(
                logits.double().reshape(-1, shape[-1]), target.reshape(-1).long(), ignore_index=-7 if ignored is None else ignored
            )
            r.plain_case("perplexity", [logits, target], [loss.exp()], {} if ignored is None else {"ignoreIndex": ignored})


def f_scores(r):
    for n, rarity in ((20, 2), (50, 9), (6, 99)):
        guess, target = (r.integers(0, rarity, n) == 0 for _ in range(2))
        for zero in (0, 1):
            wanted = f1_score(target.numpy(), guess.numpy(), zero_division=zero)
            r.plain_case("f1Score", [guess, target], [scalar(wanted)], {"zeroDivision": zero})
    r.plain_case("f1Score", [torch.zeros(3), torch.zeros(3)], [scalar(1)], {"zeroDivision": 1}, "nothing positive")


def record(r):
    bleu(r)
    tokenized(r)
    rouge(r)
    edits(r)
    perplexities(r)
    f_scores(r)
