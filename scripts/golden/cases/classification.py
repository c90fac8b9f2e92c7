"""Losses of classes, labels and orders, and entropy."""

import torch
import torch.nn.functional as F
from torchvision.ops import sigmoid_focal_loss

MADE_WITH = ["torch", "torchvision"]

F32, F64, I32 = torch.float32, torch.float64, torch.int32
FLOATS = (F32, F64)
INF, NAN = float("inf"), float("nan")
REDUCTIONS = ("mean", "sum", "none")
SHAPES = [(5,), (3, 4), (2, 3, 2), (), (1,), (0, 3)]
SNAKE = {"ignoreIndex": "ignore_index", "labelSmoothing": "label_smoothing"}
LIN = "Lin et al. 2017, in PyTorch's tensors"


def snake(options):
    return {SNAKE.get(key, key): value for key, value in options.items()}


def reduced(losses, reduction):
    return {"mean": losses.mean, "sum": losses.sum, "none": lambda: losses}[reduction]()


def signs(r, *shape, dtype):
    return (r.integers(0, 2, *shape) * 2 - 1).to(dtype)


def binary(r):
    for dtype in FLOATS:
        for shape in SHAPES:
            for reduction in REDUCTIONS:
                options = {"reduction": reduction}
                p, x = r.uniform(0.02, 0.98, *shape, dtype=dtype), r.normal(*shape, dtype=dtype, scale=3)
                t = r.uniform(0, 1, *shape, dtype=dtype)
                weight = r.uniform(0.2, 3, *shape[-1:], dtype=dtype)
                positive = r.uniform(0.2, 4, *shape[-1:], dtype=dtype)
                chosen = {"weight": "@2", **options}
                r.case(
                    "binaryCrossEntropy",
                    lambda a, b, w: F.binary_cross_entropy(a, b, w, **options),
                    [p, t, weight],
                    chosen,
                    grad=[0],
                )
                op, f = "binaryCrossEntropyWithLogits", F.binary_cross_entropy_with_logits
                r.case(op, lambda a, b, w: f(a, b, w, **options), [x, t, weight], chosen, grad=[0])
                chosen = {"weight": "@2", "posWeight": "@3", **options}
                r.case(
                    op,
                    lambda a, b, w, q: f(a, b, w, pos_weight=q, **options),
                    [x, t, weight, positive],
                    chosen,
                    grad=[0],
                )
                chosen = {"posWeight": "@2", **options}
                r.case(op, lambda a, b, q: f(a, b, pos_weight=q, **options), [x, t, positive], chosen, grad=[0])
        options = {"reduction": "none"}
        p = torch.tensor([0.0, 1.0, 0.0, 1.0, 1e-30, NAN, 0.0], dtype=dtype)
        t = torch.tensor([0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.5], dtype=dtype)
        r.case(
            "binaryCrossEntropy",
            lambda a, b: F.binary_cross_entropy(a, b, **options),
            [p[:5], t[:5]],
            options,
            note="certainties",
            grad=[0],
        )
        r.plain_case(
            "binaryCrossEntropy",
            [p[5:], t[5:]],
            [torch.tensor([NAN, 50.0], dtype=dtype)],
            options,
            note="NaN, half a certainty",
        )
        x = torch.tensor([1e30, -1e30, 1e30, -1e30, 1e30, 200.0, -200.0, NAN], dtype=dtype)
        t = torch.tensor([1.0, 0.0, 0.0, 1.0, 0.5, 1.0, 1.0, 1.0], dtype=dtype)
        r.case(
            "binaryCrossEntropyWithLogits",
            lambda a, b: F.binary_cross_entropy_with_logits(a, b, **options),
            [x, t],
            options,
            note="extremes",
            grad=[0],
        )
        x = torch.tensor([INF, -INF, 2.0, INF, -INF, INF], dtype=dtype)
        t = torch.tensor([0.0, 1.0, 1.0, 1.0, 0.0, 0.5], dtype=dtype)
        r.case(
            "binaryCrossEntropyWithLogits",
            lambda a, b: F.binary_cross_entropy_with_logits(a, b, **options),
            [x, t],
            options,
            note="infinite logits",
            grad=False,
        )
    for shape in ((4,), (2, 3)):
        inputs = [r.normal(*shape, dtype=F64), r.uniform(0, 1, *shape, dtype=F64)]
        r.second("binaryCrossEntropyWithLogits", F.binary_cross_entropy_with_logits, inputs)
        r.second("binaryCrossEntropy", F.binary_cross_entropy, [r.uniform(0.1, 0.9, *shape, dtype=F64), inputs[1]])


def entropies(r):
    def cross(options):
        return lambda x, t, w=None: F.cross_entropy(x, t.long() if t.dtype == I32 else t, w, **snake(options))

    def others(options):
        # (1 − ε)·onehot + ε/(K − 1) elsewhere, as probabilities, which have a gradient but no weighted mean
        eps, reduction = options["labelSmoothing"], options["reduction"]

        def f(x, t, w=None):
            classes = x.shape[1]
            q = F.one_hot(t.long(), classes).movedim(-1, 1).to(x.dtype) if t.dtype == I32 else t
            q = (1 - eps) * q + eps / (classes - 1) * (1 - q)
            losses = F.cross_entropy(x, q, w, reduction="none")
            if reduction != "mean" or w is None or t.dtype != I32:
                return reduced(losses, reduction)
            return losses.sum() / w[t.long()].sum()

        return f

    for dtype in FLOATS:
        for shape in [(4, 3), (2, 3, 2), (1, 5)]:
            for reduction in REDUCTIONS:
                options = {"labelSmoothing": 0.2, "smoothing": "others", "reduction": reduction}
                x, t = r.normal(*shape, dtype=dtype, scale=2), r.integers(0, shape[1], shape[0], *shape[2:])
                weight = r.uniform(0.5, 2, shape[1], dtype=dtype)
                r.case("crossEntropy", others(options), [x, t], options)
                r.case("crossEntropy", others(options), [x, t, weight], options, note="weighted", grad=[0])
                r.case(
                    "crossEntropy",
                    others(options),
                    [x, torch.softmax(r.normal(*shape, dtype=dtype), 1)],
                    options,
                    note="probabilities",
                )
        wild = torch.tensor(
            [[1e30, -1e30, 0.0], [-INF, 0.0, 1.0], [-INF, 2.0, -INF], [NAN, 0.0, 1.0], [1e30, 1e30, 0.0]], dtype=dtype
        )
        options = {"reduction": "none"}
        r.case(
            "crossEntropy", cross(options), [wild, torch.tensor([0, 2, 1, 1, 1], dtype=I32)], options, note="extremes"
        )
        r.case(
            "crossEntropy",
            cross(options),
            [wild[:3], torch.tensor([1, 0, 2], dtype=I32)],
            options,
            note="impossible targets",
        )
        infinite = torch.tensor([[INF, 0.0], [-INF, -INF], [-INF, 0.0], [-INF, 0.0], [INF, -INF]], dtype=dtype)
        indices = torch.tensor([0, 0, 0, 1, 1], dtype=I32)
        shares = torch.tensor([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0], [0.5, 0.5], [0.0, 1.0]], dtype=dtype)
        for more in ({}, {"labelSmoothing": 0.1}):
            options = {"reduction": "none", **more}
            r.case("crossEntropy", cross(options), [infinite, indices], options, note="infinite logits", grad=False)
            r.case("crossEntropy", cross(options), [infinite, shares], options, note="infinite logits", grad=False)
        weight = torch.tensor([0.0, 2.0], dtype=dtype)
        options = {"reduction": "none"}
        r.case("crossEntropy", cross(options), [infinite, indices, weight], options, note="infinite logits", grad=False)
        for reduction in REDUCTIONS:
            options = {"reduction": reduction}
            nothing, none = torch.zeros(0, 3, dtype=dtype), torch.zeros(0, dtype=I32)
            r.case("crossEntropy", cross(options), [nothing, none], options, note="an empty batch", grad=False)
            r.case(
                "crossEntropy",
                cross(options),
                [nothing, nothing],
                options,
                note="an empty batch of probabilities",
                grad=False,
            )
            r.case(
                "nllLoss",
                lambda x, t: F.nll_loss(x, t.long(), **options),
                [nothing, none],
                options,
                note="an empty batch",
                grad=False,
            )
            x, t = r.normal(3, 4, dtype=dtype), torch.tensor([-100, -100, -100], dtype=I32)
            r.case("crossEntropy", cross(options), [x, t], options, note="all ignored", grad=False)
            r.case(
                "nllLoss",
                lambda x, t: F.nll_loss(x, t.long(), **options),
                [x, t],
                options,
                note="all ignored",
                grad=False,
            )
            t = torch.tensor([0, 0, 2], dtype=I32)
            weight = torch.tensor([1.0, 2.0, 0.0, 3.0], dtype=dtype)
            r.case(
                "crossEntropy",
                cross(options),
                [x, t, weight],
                options,
                note="absent classes, one of weight 0",
                grad=[0],
            )
        r.case(
            "nllLoss",
            lambda x, t: F.nll_loss(x, t.long(), reduction="none"),
            [wild, torch.tensor([0, 0, 1, 0, 1], dtype=I32)],
            {"reduction": "none"},
            note="extremes",
        )
    options = {}
    r.second(
        "nllLoss",
        lambda x, t: F.nll_loss(x, t.long()),
        [r.normal(3, 4, dtype=F64), r.integers(0, 4, 3)],
        options,
        squared=True,
    )
    r.second(
        "nllLoss",
        lambda x, t: F.nll_loss(x, t.long()),
        [r.normal(2, 3, 2, dtype=F64), r.integers(0, 3, 2, 2)],
        options,
        squared=True,
    )


def focal(r):
    def f(options):
        return lambda x, t: sigmoid_focal_loss(x, t, **options)

    for dtype in FLOATS:
        for shape in [(5,), (3, 4), (), (0, 2)]:
            for reduction in REDUCTIONS:
                for more in ({}, {"alpha": 0.6, "gamma": 1}, {"alpha": -1, "gamma": 0}, {"gamma": 1.5}):
                    if shape == (0, 2) and reduction == "mean":
                        continue  # newer versions of torchvision give 0 there, this one NaN
                    options = {"reduction": reduction, **more}
                    x, t = r.normal(*shape, dtype=dtype, scale=2), r.integers(0, 2, *shape).to(dtype)
                    r.case("sigmoidFocalLoss", f(options), [x, t], options, grad=[0])
        soft = [r.normal(3, 4, dtype=dtype), r.uniform(0, 1, 3, 4, dtype=dtype)]
        r.case("sigmoidFocalLoss", f({}), soft, {}, note="targets between 0 and 1", grad=[0])
        x = torch.tensor([1e30, -1e30, 1e30, -1e30, 150.0, -150.0, NAN], dtype=dtype)
        t = torch.tensor([1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0], dtype=dtype)
        r.case("sigmoidFocalLoss", f({}), [x, t], {}, note="extremes", grad=[0])

    def classes(options):
        gamma, reduction = options.get("gamma", 2), options.get("reduction", "mean")
        ignored = options.get("ignoreIndex", -100)

        def f(x, t, w=None):
            dim = 0 if x.ndim == 1 else 1
            counts = t != ignored
            at = torch.where(counts, t, torch.zeros_like(t)).long().unsqueeze(dim)
            log_p = torch.log_softmax(x, dim).gather(dim, at).squeeze(dim)
            weight = torch.ones_like(log_p) if w is None else w[at.squeeze(dim)]
            weight = torch.where(counts, weight, torch.zeros_like(weight))
            losses = -weight * (1 - log_p.exp()) ** gamma * log_p
            return losses.sum() / weight.sum() if reduction == "mean" else reduced(losses, reduction)

        return f

    r.reference = LIN
    for dtype in FLOATS:
        for shape in [(4, 3), (3,), (2, 3, 2), (0, 3)]:
            for reduction in REDUCTIONS:
                for more in ({}, {"gamma": 0}, {"gamma": 3.5}, {"ignoreIndex": 1}):
                    options = {"reduction": reduction, **more}
                    dim = 0 if len(shape) == 1 else 1
                    x, t = r.normal(*shape, dtype=dtype, scale=2), r.integers(0, 3, *shape[:dim], *shape[dim + 1 :])
                    weight = r.uniform(0.5, 2, 3, dtype=dtype)
                    wanted = False if 0 in shape or (t == 1).all() else [0]
                    r.case("focalLoss", classes(options), [x, t], options, grad=wanted)
                    if "gamma" not in more:
                        r.case("focalLoss", classes(options), [x, t, weight], options, note="weighted", grad=wanted)
        x = torch.tensor([[-1e30, 0.0], [0.0, 0.0], [300.0, 0.0], [-300.0, 0.0]], dtype=dtype)
        options = {"reduction": "none"}
        r.case("focalLoss", classes(options), [x, torch.zeros(4, dtype=I32)], options, note="extremes")
    for gamma in (2, 1.5):
        r.second(
            "focalLoss", classes({"gamma": gamma}), [r.normal(3, 4, dtype=F64), r.integers(0, 4, 3)], {"gamma": gamma}
        )
    r.reference = None
    for more in ({}, {"gamma": 1.5, "reduction": "mean"}):
        r.second("sigmoidFocalLoss", f(more), [r.normal(5, dtype=F64), r.uniform(0, 1, 5, dtype=F64)], more)


def margins(r):
    def hinge(x, t, reduction="mean"):
        return reduced(torch.relu(1 - t * x), reduction)

    def soft(x, t, reduction="mean"):  # soft_margin_loss as such overflows
        return reduced(F.softplus(-t * x, threshold=1000), reduction)

    for dtype in FLOATS:
        for shape in SHAPES:
            for reduction in REDUCTIONS:
                options = {"reduction": reduction}
                x, t = r.normal(*shape, dtype=dtype, scale=2), signs(r, *shape, dtype=dtype)
                r.reference = "Cortes and Vapnik 1995, in PyTorch's tensors"
                r.case("hingeLoss", lambda a, b: hinge(a, b, **options), [x, t], options)
                r.reference = None
                r.case("softMarginLoss", lambda a, b: F.soft_margin_loss(a, b, **options), [x, t], options, grad=[0])
                for chosen in (options, {**options, "margin": 0.5}):
                    r.case(
                        "hingeEmbeddingLoss",
                        lambda a, b: F.hinge_embedding_loss(a, b, **chosen),
                        [x, t],
                        chosen,
                        grad=[0],
                    )
        x = torch.tensor([1e30, -1e30, INF, -INF, 1.0, NAN, 0.5], dtype=dtype)
        t = torch.tensor([1.0, 1.0, -1.0, -1.0, 1.0, 1.0, 0.0], dtype=dtype)
        options = {"reduction": "none"}
        r.reference = "Cortes and Vapnik 1995, in PyTorch's tensors"
        r.case("hingeLoss", lambda a, b: hinge(a, b, **options), [x, t], options, note="extremes", grad=[0])
        r.reference = "PyTorch's softplus"
        r.case("softMarginLoss", lambda a, b: soft(a, b, **options), [x, t], options, note="extremes", grad=[0])
        r.reference = None
        r.case(
            "hingeEmbeddingLoss",
            lambda a, b: F.hinge_embedding_loss(a, b, **options),
            [x, t],
            options,
            note="extremes",
            grad=[0],
        )
    for shape in ((5,), (2, 3)):
        inputs = [r.normal(*shape, dtype=F64), signs(r, *shape, dtype=I32)]
        r.second("softMarginLoss", lambda x, t: F.soft_margin_loss(x, t.double()), inputs)
        r.second("hingeEmbeddingLoss", F.hinge_embedding_loss, inputs, squared=True)
        r.reference = "Cortes and Vapnik 1995, in PyTorch's tensors"
        r.second("hingeLoss", hinge, inputs, squared=True)
        r.reference = None

    def multi(options):
        return lambda x, t, w=None: F.multi_margin_loss(x, t.long(), weight=w, **options)

    for dtype in FLOATS:
        for shape in [(4, 3), (5,), (1, 2), (0, 3)]:
            # PyTorch's mean and sum of nothing are memory that nobody wrote
            for reduction in ("none",) if 0 in shape else REDUCTIONS:
                for more in ({}, {"p": 2}, {"margin": 0.3}, {"p": 2, "margin": 2.5}):
                    options = {**more, "reduction": reduction}
                    x, t = r.normal(*shape, dtype=dtype), r.integers(0, shape[-1], *shape[:-1])
                    r.case("multiMarginLoss", multi(options), [x, t], options, grad=0 not in shape)
                    if "margin" in more:
                        continue
                    r.case(
                        "multiMarginLoss",
                        multi(options),
                        [x, t, r.uniform(0.5, 2, shape[-1], dtype=dtype)],
                        options,
                        note="weighted",
                        grad=[0] if 0 not in shape else False,
                    )
        x = torch.tensor([[1e15, -1e15, 0.0], [1e15, -1e15, 0.0], [INF, 0.0, 1.0], [-INF, 0.0, 1.0]], dtype=dtype)
        options = {"reduction": "none"}
        r.case("multiMarginLoss", multi(options), [x, torch.tensor([0, 1, 0, 2], dtype=I32)], options, note="extremes")


def labels(r):
    def margin(options):
        return lambda x, t: F.multilabel_margin_loss(x, t.long(), **options)

    def listed(n, classes):
        rows = []
        for _ in range(n):
            count = int(r.integers(0, classes + 1, 1))
            order = torch.randperm(classes, generator=r.inputs)
            # what stands behind the first −1 does not count
            rows.append(torch.tensor([*order[:count], *([-1] * min(1, classes - count)), *order[count + 1 :]]))
        return torch.stack(rows).to(I32) if rows else torch.zeros(0, classes, dtype=I32)

    for dtype in FLOATS:
        for shape in [(4, 3), (5,), (1, 4), (3, 5)]:
            for reduction in REDUCTIONS:
                for _ in range(2):
                    options = {"reduction": reduction}
                    t = listed(shape[0], shape[1]) if len(shape) == 2 else listed(1, shape[0])[0]
                    r.case("multilabelMarginLoss", margin(options), [r.normal(*shape, dtype=dtype), t], options)
        options = {"reduction": "none"}
        x = torch.tensor([[1e30, -1e30, 0.0], [INF, 0.0, 1.0], [0.5, 1.0, 2.0], [0.5, 1.0, 2.0]], dtype=dtype)
        t = torch.tensor([[1, -1, 0], [0, -1, -1], [-1, 0, 1], [2, 1, 0]], dtype=I32)
        r.case("multilabelMarginLoss", margin(options), [x, t], options, note="extremes, no class, all classes")
        for shape in [(4, 3), (5,), (2, 3, 2), (0, 3)]:
            for reduction in REDUCTIONS:
                options = {"reduction": reduction}
                x, t = r.normal(*shape, dtype=dtype, scale=2), r.integers(0, 2, *shape).to(dtype)
                weight = r.uniform(0.5, 2, shape[-1], dtype=dtype)
                r.case(
                    "multilabelSoftMarginLoss",
                    lambda a, b: F.multilabel_soft_margin_loss(a, b, **options),
                    [x, t],
                    options,
                    grad=[0],
                )
                r.case(
                    "multilabelSoftMarginLoss",
                    lambda a, b, w: F.multilabel_soft_margin_loss(a, b, w, **options),
                    [x, t, weight],
                    options,
                    note="weighted",
                    grad=[0],
                )
        x = torch.tensor([[200.0, -200.0], [1e30, -1e30], [NAN, 0.0]], dtype=dtype)
        t = torch.tensor([[1.0, 1.0], [1.0, 0.0], [1.0, 1.0]], dtype=dtype)
        options = {"reduction": "none"}
        r.case(
            "multilabelSoftMarginLoss",
            lambda a, b: F.multilabel_soft_margin_loss(a, b, **options),
            [x, t],
            options,
            note="extremes",
            grad=[0],
        )
    for shape in ((2, 3), (4,)):
        r.second(
            "multilabelSoftMarginLoss",
            F.multilabel_soft_margin_loss,
            [r.normal(*shape, dtype=F64), r.uniform(0, 1, *shape, dtype=F64)],
        )


def ordinal(r):
    def probabilities(x):
        # P(y ≤ k) = 1 − σ(xₖ), and a class has what lies between its two
        below = torch.cat([torch.zeros_like(x[:, :1]), torch.sigmoid(-x), torch.ones_like(x[:, :1])], 1)
        return below[:, 1:] - below[:, :-1]

    def f(options):
        def likelihood(x, t):
            return -probabilities(x).gather(1, t.long()[:, None])[:, 0].log()

        def cumulative(x, t):
            losses = torch.zeros_like(x[:, 0])
            for k in range(x.shape[1]):
                losses = losses - F.logsigmoid(torch.where(t > k, x[:, k], -x[:, k]))
            return losses

        chosen = likelihood if options.get("form") == "likelihood" else cumulative
        return lambda x, t: reduced(chosen(x, t), options.get("reduction", "mean"))

    def logits(n, thresholds, dtype):
        return r.normal(n, thresholds, dtype=dtype, scale=2).sort(1, descending=True)[0]

    references = {
        "cumulative": "Frank and Hall 2001, in PyTorch's tensors",
        "likelihood": "McCullagh 1980, in PyTorch's tensors",
    }
    for dtype in FLOATS:
        for form, reference in references.items():
            r.reference = reference
            for n, classes in [(5, 4), (3, 2), (4, 6), (1, 3), (0, 3)]:
                for reduction in REDUCTIONS:
                    options = {"form": form, "reduction": reduction}
                    r.case(
                        "ordinalLoss",
                        f(options),
                        [logits(n, classes - 1, dtype), r.integers(0, classes, n)],
                        options,
                        grad=n > 0,
                    )
        r.reference = references["cumulative"]
        x = torch.tensor([[1e30, -1e30], [1e30, -1e30], [NAN, 0.0], [200.0, -200.0]], dtype=dtype)
        r.case(
            "ordinalLoss",
            f({"reduction": "none"}),
            [x, torch.tensor([1, 0, 2, 2], dtype=I32)],
            {"reduction": "none"},
            note="extremes",
        )
        r.reference = references["likelihood"]
        for n, classes in [(4, 3), (1, 5), (3, 2), (2, 6)]:
            r.case("ordinalProbabilities", probabilities, [logits(n, classes - 1, dtype)])
    for form, reference in references.items():
        r.reference = reference
        r.second("ordinalLoss", f({"form": form}), [logits(3, 3, F64), r.integers(0, 4, 3)], {"form": form})
    r.reference = None


def entropy(r):
    def given(options):
        return lambda p: reduced(torch.special.entr(p).sum(options.get("dim", -1)), options.get("reduction", "none"))

    def from_logits(options):
        dim = options.get("dim", -1)
        return lambda x: reduced(
            torch.distributions.Categorical(logits=x.movedim(dim, -1)).entropy(), options.get("reduction", "none")
        )

    for dtype in FLOATS:
        for shape, dim in [((4,), -1), ((3, 4), -1), ((3, 4), 0), ((2, 3, 2), 1), ((1, 5), 1)]:
            for reduction in REDUCTIONS:
                options = {"dim": dim, "reduction": reduction}
                x = r.normal(*shape, dtype=dtype, scale=2)
                r.case("entropy", given(options), [torch.softmax(x, dim)], options)
                r.case("entropyWithLogits", from_logits(options), [x], options)
                chosen = {"weight": 0.3, **options}
                r.case("entropyPenalty", lambda x: -0.3 * from_logits(options)(x), [x], chosen)
        r.case(
            "entropy",
            given({}),
            [torch.tensor([[1.0, 0.0], [0.5, 0.5], [NAN, 1.0]], dtype=dtype)],
            {},
            note="certainties, NaN",
            grad=False,
        )
        r.case(
            "entropyWithLogits",
            from_logits({}),
            [torch.tensor([[1e15, 0.0], [0.0, 0.0], [300.0, -300.0]], dtype=dtype)],
            {},
            note="extremes",
        )
        r.reference = "Shannon 1948: 0·log 0 = 0"
        x = torch.tensor([[-INF, 0.0, 0.0], [1e30, -1e30, -INF]], dtype=dtype)
        r.plain_case(
            "entropyWithLogits",
            [x],
            [torch.tensor([2.0, 1.0], dtype=F64).log().to(dtype)],
            {},
            note="impossible classes",
        )
        r.reference = None
    for options in ({}, {"dim": 0}):
        r.second("entropy", given(options), [r.uniform(0.1, 0.9, 3, 2, dtype=F64)], options)
        r.second("entropyWithLogits", from_logits(options), [r.normal(3, 2, dtype=F64)], options)
        r.second(
            "entropyPenalty",
            lambda x: -0.1 * from_logits({"reduction": "mean", **options})(x),
            [r.normal(3, 2, dtype=F64)],
            options,
        )


def record(r):
    binary(r)
    entropies(r)
    focal(r)
    margins(r)
    labels(r)
    ordinal(r)
    entropy(r)
