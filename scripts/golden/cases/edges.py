"""Losses, normalisations and optimizers at the edges of their domains: numbers of 1e±30 and infinite ones, NaN, what is absent or ignored."""

import torch
import torch.nn.functional as F
from torchvision.ops import sigmoid_focal_loss
from trajectory import snake

MADE_WITH = ["torch", "torchvision"]

F32, F64, I32 = torch.float32, torch.float64, torch.int32
FLOATS = (F32, F64)
INF, NAN = float("inf"), float("nan")
NONE = {"reduction": "none"}

TINY, HUGE = 1e-30, 1e30
FINITE = [0.0, -0.0, TINY, -TINY, 0.5, HUGE, -HUGE]
BEYOND = [INF, -INF, NAN]
SIGNS = [1.0, -1.0]
PROBABILITIES = [0.0, TINY, 0.5, 1.0]
COUNTS = [0.0, 1.0, 3.0, 1e6]


def wide(f):
    """In float64, whatever comes in: nothing overflows that need not."""

    def computed(*xs):
        y = f(*(x.double() if x.dtype == F32 else x for x in xs))
        return y.to(F32) if any(x.dtype == F32 for x in xs) else y

    return computed


def pairs(xs, ys, dtype):
    """All pairs, as two vectors."""
    return [t.flatten().clone() for t in torch.meshgrid(torch.tensor(xs, dtype=dtype), torch.tensor(ys, dtype=dtype), indexing="ij")]


def softplus(x):
    return F.softplus(x, threshold=40.0)  # beyond it the difference is less than f64 tells


def log_cosh(e):
    return e.abs() + torch.log1p(torch.expm1(-2 * e.abs()) / 2)


def pinball(tau):
    return lambda x, t: torch.where(x <= t, tau * (t - x), (1 - tau) * (x - t))


def hinge(x, t):
    return (1 - t * x).clamp(min=0)


def bce(x, t, weight=1):
    return (1 - t) * x + (1 + (weight - 1) * t) * softplus(-x)


# op, options, formula, inputs, targets
ELEMENTWISE = [
    ("mseLoss", {}, lambda x, t: F.mse_loss(x, t, **NONE), FINITE, FINITE),
    ("l1Loss", {}, lambda x, t: F.l1_loss(x, t, **NONE), FINITE, FINITE),
    ("smoothL1Loss", {}, lambda x, t: F.smooth_l1_loss(x, t, **NONE), FINITE, FINITE),
    ("smoothL1Loss", {"beta": 0.25}, lambda x, t: F.smooth_l1_loss(x, t, beta=0.25, **NONE), FINITE, FINITE),
    ("smoothL1Loss", {"beta": 0}, lambda x, t: F.l1_loss(x, t, **NONE), FINITE, FINITE),
    ("huberLoss", {}, lambda x, t: F.huber_loss(x, t, **NONE), FINITE, FINITE),
    ("huberLoss", {"delta": 4.0}, lambda x, t: F.huber_loss(x, t, delta=4.0, **NONE), FINITE, FINITE),
    ("logCoshLoss", {}, lambda x, t: log_cosh(x - t), FINITE, FINITE),
    ("quantileLoss", {"quantile": 0.25}, pinball(0.25), [0.5, HUGE, -HUGE], [0.0, TINY, 1.0]),
    ("mapeLoss", {}, lambda x, t: (x - t).abs() / t.abs().clamp(min=2.0**-52), [0.5, HUGE, -HUGE], [1.0, -2.0, HUGE]),
    ("poissonNllLoss", {}, lambda x, t: F.poisson_nll_loss(x, t, **NONE), [*FINITE[:5], -HUGE], COUNTS),
    (
        "poissonNllLoss",
        {"logInput": False, "full": True},
        lambda x, t: F.poisson_nll_loss(x, t, log_input=False, full=True, **NONE),
        [0.0, TINY, 0.5, HUGE],
        COUNTS,
    ),
    ("klDiv", {}, lambda x, t: F.kl_div(x, t, **NONE), [0.0, -TINY, -0.5, -HUGE], [0.5, 1.0]),
    ("klDiv", {"logTarget": True}, lambda x, t: F.kl_div(x, t, log_target=True, **NONE), [0.0, -0.5, -HUGE], [0.0, -TINY, -HUGE]),
    ("binaryCrossEntropy", {}, lambda p, t: F.binary_cross_entropy(p, t, **NONE), PROBABILITIES, [0.0, 1.0, 0.5]),
    ("binaryCrossEntropyWithLogits", {}, bce, FINITE, PROBABILITIES),
    ("sigmoidFocalLoss", {"gamma": 2}, sigmoid_focal_loss, [0.0, 0.5, HUGE, -HUGE], [0.0, 1.0, 0.5]),
    ("hingeLoss", {}, hinge, FINITE, SIGNS),
    ("softMarginLoss", {}, lambda x, t: softplus(-t * x), FINITE, SIGNS),
    ("hingeEmbeddingLoss", {}, lambda x, t: F.hinge_embedding_loss(x, t, **NONE), FINITE, SIGNS),
    ("bprLoss", {}, lambda p, n: softplus(n - p), FINITE, FINITE),
]
# PyTorch has another result, or none, for infinite numbers here: x − x where it is infinite, and 0·∞
FINITE_ONLY = {"smoothL1Loss", "huberLoss", "logCoshLoss", "quantileLoss", "mapeLoss", "klDiv", "poissonNllLoss"}
FINITE_ONLY |= {"binaryCrossEntropy", "binaryCrossEntropyWithLogits", "sigmoidFocalLoss"}


def elementwise(r):
    for op, options, f, xs, ts in ELEMENTWISE:
        chosen = {**options, **NONE}
        for dtype in FLOATS:
            # By a target PyTorch's log 0 · 0 has a gradient of NaN, and the clamped logarithm one of infinity.
            inputs_only = op in ("poissonNllLoss", "binaryCrossEntropy")
            r.case(op, wide(f), pairs(xs, ts, dtype), chosen, note="edges", grad=[0] if inputs_only else True)
            if op not in FINITE_ONLY:
                r.case(op, wide(f), pairs(BEYOND, ts, dtype), chosen, note="beyond", grad=False)
            if op != "binaryCrossEntropy":  # PyTorch throws
                r.case(op, wide(f), pairs([NAN], ts, dtype), chosen, note="NaN", grad=False)
            r.case(op, wide(f), pairs(xs, [NAN], dtype), chosen, note="NaN targets", grad=False)
            for reduction in ("mean", "sum"):
                if op == "sigmoidFocalLoss" and reduction == "mean":
                    continue  # torchvision
                nothing = [torch.zeros(0, 3, dtype=dtype), torch.zeros(0, 3, dtype=dtype)]
                g = lambda x, t: getattr(f(x, t), reduction)()
                r.case(op, wide(g), nothing, {**options, "reduction": reduction}, note="nothing")


def three(r):
    """Losses of three inputs."""
    for dtype in FLOATS:
        grid = torch.cartesian_prod(*(torch.tensor(xs, dtype=dtype) for xs in ([0.5, HUGE, -HUGE], [0.0, TINY, 1.0], [1.0, TINY, HUGE])))
        inputs = [column.clone() for column in grid.unbind(1)]
        f = lambda x, t, v: F.gaussian_nll_loss(x[:, None], t[:, None], v[:, None], **NONE)[:, 0]
        r.case("gaussianNllLoss", wide(f), inputs, NONE, note="edges")
        triples = torch.cartesian_prod(*(torch.tensor(xs, dtype=dtype) for xs in (FINITE, [0.0, HUGE], SIGNS)))
        inputs = [column.clone() for column in triples.unbind(1)]
        r.case("marginRankingLoss", wide(lambda a, b, y: F.margin_ranking_loss(a, b, y, margin=0.5, **NONE)), inputs, {"margin": 0.5, **NONE}, note="edges", grad=[0, 1])
        halves = torch.cartesian_prod(*(torch.tensor(xs, dtype=dtype) for xs in (FINITE, [0.0, HUGE], [0.0, 0.5, 1.0])))
        inputs = [column.clone() for column in halves.unbind(1)]
        r.case("rankNetPairLoss", wide(lambda a, b, y: bce(a - b, y)), inputs, NONE, note="edges", grad=[0, 1])


ROWS = [
    [0.0, -0.0, TINY],
    [HUGE, 0.0, -HUGE],
    [-HUGE, -HUGE, 0.5],
    [HUGE, HUGE, HUGE],
    [0.5, HUGE, 0.25],
]


# Of equal scores of 1e30 PyTorch loses the margin, which it adds before it subtracts.
UNEQUAL = [0, 1, 4]


def focal(logits, target, gamma):
    log = F.log_softmax(logits, 1).gather(1, target.long()[:, None])[:, 0]
    return -((-torch.expm1(log)).clamp(min=1e-37) ** gamma) * log


def classes(r):
    for dtype in FLOATS:
        for target in range(3):
            index = torch.full((len(ROWS),), target, dtype=I32)
            rows = torch.tensor(ROWS, dtype=dtype)
            long = lambda f: wide(lambda x, t: f(x, t.long()))
            r.case("crossEntropy", long(lambda x, t: F.cross_entropy(x, t, **NONE)), [rows, index], NONE, note="edges")
            weight = torch.tensor([0.0, 2.0, 1.0], dtype=dtype)
            weigh = lambda f, **more: wide(lambda x, t, w: f(x, t.long(), w, **more))
            for reduction in ("mean", "none"):
                chosen = {"reduction": reduction}
                r.case("crossEntropy", weigh(F.cross_entropy, **chosen), [rows, index, weight], chosen, note="a weight of 0", grad=[0])
                r.case("nllLoss", weigh(F.nll_loss, **chosen), [rows, index, weight], chosen, note="a weight of 0", grad=[0])
            r.case("nllLoss", long(lambda x, t: F.nll_loss(x, t, **NONE)), [rows, index], NONE, note="edges")
            for p in (1, 2):
                f = long(lambda x, t: F.multi_margin_loss(x, t, p=p, **NONE))
                r.case("multiMarginLoss", f, [rows[UNEQUAL], index[UNEQUAL]], {"p": p, **NONE}, note="edges")
            for gamma in (0, 1, 2):
                r.case("focalLoss", wide(lambda x, t: focal(x, t, gamma)), [rows[:3], index[:3]], {"gamma": gamma, **NONE}, note="edges")
            onehot = F.one_hot(index.long(), 3).to(dtype)
            r.case("crossEntropy", wide(lambda x, t: F.cross_entropy(x, t, **NONE)), [rows, onehot], NONE, note="probabilities of 0 and 1")
            listed = torch.tensor([[target, -1, 0]] * len(ROWS), dtype=I32)
            r.case("multilabelMarginLoss", long(lambda x, t: F.multilabel_margin_loss(x, t, **NONE)), [rows[UNEQUAL], listed[UNEQUAL]], NONE, note="edges")
        none = torch.full((len(ROWS), 3), -1, dtype=I32)
        r.case("multilabelMarginLoss", long(lambda x, t: F.multilabel_margin_loss(x, t, **NONE)), [rows, none], NONE, note="no labels")
        several = torch.tensor([[0.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]], dtype=dtype)
        r.case("multilabelSoftMarginLoss", wide(lambda x, t: bce(x, t).mean(1)), [rows, several], NONE, note="edges")
        ignored = torch.tensor([0, -100, 2, -100, 1], dtype=I32)
        wild = torch.tensor([ROWS[0], [NAN, INF, -INF], ROWS[4], [INF, INF, NAN], [0.25, 0.5, 1.0]], dtype=dtype)
        for op, f in (("crossEntropy", F.cross_entropy), ("nllLoss", F.nll_loss)):
            for reduction in ("mean", "sum", "none"):
                chosen = {"reduction": reduction}
                # PyTorch's log softmax has a gradient of NaN in ignored rows that hold NaN
                r.case(op, long(lambda x, t: f(x, t, **chosen)), [wild, ignored], chosen, note="NaN where it is ignored", grad=False)
                nothing = torch.full((len(ROWS),), -100, dtype=I32)
                r.case(op, long(lambda x, t: f(x, t, **chosen)), [rows, nothing], chosen, note="all ignored", grad=reduction != "mean")
                empty = [torch.zeros(0, 3, dtype=dtype), torch.zeros(0, dtype=I32)]
                r.case(op, long(lambda x, t: f(x, t, **chosen)), empty, chosen, note="nothing")
        infinite = torch.tensor([[0.0, -INF, 1.0], [-INF, -INF, 2.0], [-INF, 0.5, -INF], [0.0, 1.0, NAN], [INF, 0.0, 0.0], [-INF, -INF, -INF]], dtype=dtype)
        for target in range(3):
            index = torch.full((6,), target, dtype=I32)
            r.case("crossEntropy", long(lambda x, t: F.cross_entropy(x, t, **NONE)), [infinite, index], NONE, note="beyond", grad=False)
            r.case("nllLoss", long(lambda x, t: F.nll_loss(x, t, **NONE)), [infinite, index], NONE, note="beyond", grad=False)
        for smoothing in (0.1, 1.0):
            chosen = {"labelSmoothing": smoothing, **NONE}
            index = torch.tensor([0, 1, 2, 0, 1], dtype=I32)
            r.case("crossEntropy", long(lambda x, t: F.cross_entropy(x, t, label_smoothing=smoothing, **NONE)), [rows, index], chosen, note="edges")


def entropies(r):
    for dtype in FLOATS:
        rows = torch.tensor([[0.0, -0.0, TINY], [HUGE, 0.0, -HUGE], [-HUGE, -HUGE, 0.5], [HUGE, HUGE, HUGE]], dtype=dtype)
        r.case("entropyWithLogits", wide(lambda x: -(x.softmax(1) * x.log_softmax(1)).sum(1)), [rows], {}, note="edges")
        p = torch.tensor([[0.0, 1.0, 0.0], [0.5, 0.5, 0.0], [TINY, 1.0, 0.0]], dtype=dtype)
        r.case("entropy", wide(lambda p: -torch.xlogy(p, p).sum(1)), [p], {}, note="edges", grad=False)
        r.case("ordinalProbabilities", wide(lambda x: -torch.diff(torch.cat([torch.ones_like(x[:, :1]), x.sigmoid(), torch.zeros_like(x[:, :1])], 1))), [torch.tensor([[HUGE, 0.0, -HUGE], [HUGE, HUGE, HUGE], [INF, TINY, -INF], [0.0, NAN, 0.0]], dtype=dtype)], {}, note="edges")


VECTORS = [
    [0.0, 0.0, 0.0],
    [HUGE, -HUGE, 0.0],
    [HUGE, 0.5, TINY],
    [1.0, 2.0, -3.0],
    [0.1, 0.0, 0.1],
]


def triplet(a, p, n, swap):
    near, far = F.pairwise_distance(a, p), F.pairwise_distance(a, n)
    if swap:
        far = torch.minimum(far, F.pairwise_distance(p, n))
    return (near - far + 1).clamp(min=0)  # PyTorch adds the margin first, and loses it beside 1e30


def vectors(r):
    for dtype in FLOATS:
        a = torch.tensor(VECTORS, dtype=dtype)
        apart = [a, a.roll(1, 0).contiguous()]
        same = [a, a.clone()]
        for note, inputs in (("edges", apart), ("identical points", same)):
            r.case("pairwiseDistance", wide(lambda x, y: F.pairwise_distance(x, y)), inputs, {}, note=note)
            r.case("pairwiseDistance", wide(lambda x, y: F.pairwise_distance(x, y, 1.0)), inputs, {"p": 1}, note=note)
            r.case("pairwiseDistance", wide(lambda x, y: F.pairwise_distance(x, y, INF)), inputs, {"p": INF}, note=note)
            r.case("cosineSimilarity", wide(lambda x, y: F.cosine_similarity(x, y)), inputs, {}, note=note, grad=False)
            r.case("cosineSimilarity", wide(lambda x, y: F.cosine_similarity(x, y)), [x[1:4] if note != "edges" else x[2:4] for x in inputs], {}, note=note)
            for sign in SIGNS:
                y = torch.full((len(VECTORS),), sign, dtype=dtype)
                r.case("cosineEmbeddingLoss", wide(lambda p, q, y: F.cosine_embedding_loss(p, q, y, **NONE)), [*inputs, y], NONE, note=note, grad=[0, 1])
            triple = [*inputs, a.roll(2, 0).contiguous()]
            for swap in (False, True):
                r.case("tripletMarginLoss", wide(lambda a, p, n: triplet(a, p, n, swap)), triple, {"swap": swap, **NONE}, note=note)
        for bad in BEYOND:
            x = torch.tensor([[bad, 1.0, 2.0], [1.0, 2.0, 3.0]], dtype=dtype)
            y = torch.tensor([[0.5, 1.0, 2.0], [1.0, 0.0, 3.0]], dtype=dtype)
            r.case("pairwiseDistance", wide(lambda x, y: F.pairwise_distance(x, y)), [x, y], {}, note="beyond", grad=False)
            r.case("cosineSimilarity", wide(lambda x, y: F.cosine_similarity(x, y)), [x, y], {}, note="beyond", grad=False)
            r.case("normalize", wide(lambda x: F.normalize(x)), [x], {}, note="beyond", grad=False)
        for p in (1, 2, INF):
            r.case("normalize", wide(lambda x: F.normalize(x, p)), [a], {"p": p}, note="edges", grad=False)
            r.case("normalize", wide(lambda x: F.normalize(x, p)), [a[1:].contiguous()], {"p": p}, note="edges")


def norms(r):
    for dtype in FLOATS:
        rows = torch.tensor([[1e15, -1e15, 0.5, 0.0], [0.0, 0.0, 0.0, 0.0], [3.0, 3.0, 3.0, 3.0], [TINY, -TINY, 0.0, 1.0], [1e12, 1.0, 2.0, 3.0]], dtype=dtype)
        far = torch.tensor([[HUGE, -HUGE, 0.5, 0.0], [-HUGE, 2 * HUGE, -HUGE, 1.0]], dtype=dtype)
        beyond = torch.tensor([[INF, 0.0, 1.0, 2.0], [NAN, 0.0, 1.0, 2.0], [-INF, INF, 1.0, 2.0], [0.0, 1.0, 2.0, 3.0]], dtype=dtype)
        for note, x, grad in (("edges", rows, True), *([("1e30", far, True)] if dtype == F64 else []), ("beyond", beyond, False), ("nothing", rows[:0], True), ("one", rows[:1], True)):
            r.case("layerNorm", wide(lambda x: F.layer_norm(x, (4,))), [x], {"normalizedShape": [4]}, note=note, grad=grad)
            if note != "nothing":
                r.case("groupNorm", wide(lambda x: F.group_norm(x, 2)), [x], {"numGroups": 2}, note=note, grad=grad)
            r.case("rmsNorm", wide(lambda x: x * (x.square().mean(1, keepdim=True) + 1e-5).rsqrt()), [x], {"normalizedShape": [4], "eps": 1e-5}, note=note, grad=grad)
            if note not in ("nothing", "one"):
                r.case("batchNorm", wide(lambda x: F.batch_norm(x, None, None, training=True)), [x], {"training": True}, note=note, grad=grad)
                r.case("instanceNorm", wide(lambda x: F.instance_norm(x)), [x[None]], {}, note=note, grad=grad)
            if note != "nothing":
                r.case("localResponseNorm", wide(lambda x: F.local_response_norm(x, 3)), [x[:, :, None]], {"size": 3}, note=note, grad=grad)


# By element, the first gradient of a parameter; those that follow are ordinary.
GRADIENTS = [0.0, -0.0, 1e-40, TINY, -TINY, 1.0, HUGE, -HUGE, INF, -INF, NAN]
OPTIMIZERS = [
    ("SGD", torch.optim.SGD, [{"lr": 0.1}, {"lr": 0.1, "momentum": 0.9, "weightDecay": 0.1}, {"lr": 0.0, "momentum": 0.9}]),
    ("Adam", torch.optim.Adam, [{"lr": 0.1}, {"lr": 0.1, "amsgrad": True}, {"lr": 0.0}, {"lr": 0.1, "eps": 0.0}]),
    ("AdamW", torch.optim.AdamW, [{"lr": 0.1}]),
    ("Adamax", torch.optim.Adamax, [{"lr": 0.1}]),
    ("NAdam", lambda params, **options: torch.optim.NAdam(params, foreach=True, **options), [{"lr": 0.1}]),
    ("RAdam", torch.optim.RAdam, [{"lr": 0.1}]),
    ("Adagrad", torch.optim.Adagrad, [{"lr": 0.1}, {"lr": 0.1, "lrDecay": 0.1}]),
    ("Adadelta", torch.optim.Adadelta, [{"lr": 1.0}]),
    ("RMSprop", torch.optim.RMSprop, [{"lr": 0.1}, {"lr": 0.1, "centered": True, "momentum": 0.5}]),
    ("Rprop", torch.optim.Rprop, [{"lr": 0.1}]),
]


def optimizers(r):
    for op, make, choices in OPTIMIZERS:
        for options in choices:
            for dtype in FLOATS:
                torch.set_default_dtype(F64)  # in which PyTorch keeps some scalars of its states
                p = r.normal(len(GRADIENTS), dtype=dtype).requires_grad_(True)
                start = p.detach().clone()
                gradients = torch.tensor([GRADIENTS, *[[0.5] * len(GRADIENTS)] * 5], dtype=dtype)
                optimizer = make([p], **snake(options))
                seen = []
                for gradient in gradients:
                    p.grad = gradient.clone()
                    optimizer.step()
                    seen.append(p.detach().clone())
                torch.set_default_dtype(F32)
                r.plain_case(op, [start, gradients], [torch.stack(seen)], options, "edges")


def record(r):
    optimizers(r)
    r.reference = "PyTorch in float64"
    elementwise(r)
    three(r)
    classes(r)
    entropies(r)
    vectors(r)
    norms(r)
