"""Distances, and the losses of embeddings that are made of them."""

import torch
import torch.nn.functional as F

F32, F64, I32 = torch.float32, torch.float64, torch.int32
FLOATS = (F32, F64)
REDUCTIONS = ("mean", "sum", "none")
INF, NAN = float("inf"), float("nan")


def wild(dtype):
    """Rows that a distance has to get along with."""
    rows = [[1e15, -1e15, 0.0], [NAN, 1.0, 2.0], [INF, 1.0, 2.0], [0.0, 0.0, 0.0], [1e-20, 0.0, 0.0]]
    return torch.tensor(rows, dtype=dtype)


def reduce(losses, reduction):
    return losses if reduction == "none" else losses.sum() if reduction == "sum" else losses.mean()


def distances(r):
    for dtype in FLOATS:
        for a, b, dim in [
            ((4, 3), (4, 3), 1),
            ((4, 3), (4, 3), 0),
            ((2, 3, 4), (2, 3, 4), 1),
            ((2, 3, 4), (2, 3, 4), -1),
            ((3,), (3,), 0),
            ((1, 5), (1, 5), 1),
            ((4, 3), (1, 3), 1),
            ((4, 3), (1, 3), 0),
            ((2, 3, 4), (4,), 1),
            ((2, 1, 3), (1, 4, 3), 2),
            ((0, 3), (0, 3), 1),
        ]:
            for eps in (1e-8, 1e-3):
                inputs = [r.normal(*a, dtype=dtype), r.normal(*b, dtype=dtype)]
                options = {"dim": dim, "eps": eps}
                r.case("cosineSimilarity", lambda x, y: F.cosine_similarity(x, y, dim, eps), inputs, options)
        x = r.normal(3, 4, dtype=dtype)
        zero = x.clone()
        zero[1] = 0
        for u, v, note in [
            (zero, x, "a zero vector"),
            (zero, zero, "equal, one zero"),
            (x, -x, "opposite"),
            (x * 1e12, x, "long"),
            (x * 1e-3, x.roll(1, 0), "short"),
        ]:
            r.case("cosineSimilarity", F.cosine_similarity, [u.clone(), v.clone()], {"dim": 1}, note=note)
        r.case(
            "cosineSimilarity",
            F.cosine_similarity,
            [wild(dtype)[[0, 1, 3, 4]], r.normal(4, 3, dtype=dtype)],
            {"dim": 1},
            note="large, NaN, zero and tiny",
            grad=False,
        )
        # The norm of such a row overflows in float32.
        x, y = r.normal(3, 4, dtype=dtype) * 1e30, r.normal(3, 4, dtype=dtype) * 1e30
        r.reference = "PyTorch in float64"
        r.case(
            "cosineSimilarity",
            lambda u, v: F.cosine_similarity(u.double(), v.double()).to(u.dtype),
            [x, y],
            {"dim": 1},
            note="1e30",
        )
        r.case(
            "pairwiseDistance",
            lambda u, v: F.pairwise_distance(u.double(), v.double()).to(u.dtype),
            [x, y],
            {"p": 2},
            note="1e30",
        )
        r.reference = None

        for p in (1, 2, 3, 1.5, INF):
            for a, b in [((4, 3), (4, 3)), ((3,), (3,)), ((4, 3), (1, 3)), ((0, 3), (0, 3))]:
                inputs = [r.normal(*a, dtype=dtype), r.normal(*b, dtype=dtype)]
                options = {"p": p, "eps": 1e-6}
                r.case("pairwiseDistance", lambda x, y: F.pairwise_distance(x, y, p, 1e-6), inputs, options)
            options = {"p": p, "eps": 1e-2, "keepdim": True}
            inputs = [r.normal(4, 3, dtype=dtype), r.normal(4, 3, dtype=dtype)]
            r.case("pairwiseDistance", lambda x, y: F.pairwise_distance(x, y, p, 1e-2, True), inputs, options)
        same = r.normal(3, 4, dtype=dtype)
        for p in (1, 2, 3):
            for eps in (1e-6, 0.0):
                r.case(
                    "pairwiseDistance",
                    lambda x, y: F.pairwise_distance(x, y, p, eps),
                    [same.clone(), same.clone()],
                    {"p": p, "eps": eps},
                    note="equal points",
                )
        r.case(
            "pairwiseDistance",
            F.pairwise_distance,
            [wild(dtype), torch.zeros(5, 3, dtype=dtype)],
            {"p": 2},
            note="large, NaN, inf, equal and near",
            grad=False,
        )
    for options in ({"dim": 1}, {"dim": 1, "eps": 1e-3}, {"dim": 0}):
        inputs = [r.normal(3, 4, dtype=F64), r.normal(3, 4, dtype=F64)]
        r.second("cosineSimilarity", lambda x, y: F.cosine_similarity(x, y, **options), inputs, options)
    for p in (2, 3, 1.5):
        inputs = [r.normal(3, 4, dtype=F64), r.normal(3, 4, dtype=F64)]
        r.second("pairwiseDistance", lambda x, y: F.pairwise_distance(x, y, p), inputs, {"p": p})


def triplets(r):
    for dtype in FLOATS:
        for reduction in REDUCTIONS:
            for swap in (False, True):
                for p, margin in ((2, 1.0), (1, 0.5), (3, 2.0)):
                    inputs = [r.normal(4, 3, dtype=dtype) for _ in range(3)]
                    options = {"p": p, "margin": margin, "swap": swap, "reduction": reduction}
                    r.case("tripletMarginLoss", lambda a, b, c: F.triplet_margin_loss(a, b, c, **options), inputs, options)
        for shape in [(3,), (1, 5), (0, 3)]:
            inputs = [r.normal(*shape, dtype=dtype) for _ in range(3)]
            r.case(
                "tripletMarginLoss",
                lambda a, b, c: F.triplet_margin_loss(a, b, c, reduction="sum"),
                inputs,
                {"reduction": "sum"},
            )
        x = r.normal(3, 4, dtype=dtype)
        far = x + 10
        for a, b, c, note in [
            (x, x, x, "all equal"),
            (x, x, far, "no loss"),
            (x, far, x, "the negative is the anchor"),
            (x, far, far, "positive and negative are one"),
        ]:
            for swap in (False, True):
                r.case(
                    "tripletMarginLoss",
                    lambda a, b, c: F.triplet_margin_loss(a, b, c, swap=swap, reduction="none"),
                    [a.clone(), b.clone(), c.clone()],
                    {"swap": swap, "reduction": "none"},
                    note=note,
                )
        r.case(
            "tripletMarginLoss",
            lambda a, b, c: F.triplet_margin_loss(a, b, c, reduction="none"),
            [wild(dtype)[[1, 2, 3]], torch.zeros(3, 3, dtype=dtype), torch.ones(3, 3, dtype=dtype)],
            {"reduction": "none"},
            note="NaN, inf and zero",
            grad=False,
        )
        for name, distance in DISTANCES.items():
            for reduction in REDUCTIONS:
                for swap in (False, True):
                    inputs = [r.normal(5, 3, dtype=dtype) for _ in range(3)]
                    options = {"margin": 0.8, "swap": swap, "reduction": reduction}
                    r.case(
                        "tripletMarginWithDistanceLoss",
                        lambda a, b, c: F.triplet_margin_with_distance_loss(
                            a, b, c, distance_function=distance, **options
                        ),
                        inputs,
                        {"distance": name, **options},
                    )
    for swap in (False, True):
        inputs = [r.normal(4, 3, dtype=F64) for _ in range(3)]
        r.second(
            "tripletMarginLoss",
            lambda a, b, c: F.triplet_margin_loss(a, b, c, swap=swap, margin=2.0),
            inputs,
            {"swap": swap, "margin": 2.0},
        )
        r.second(
            "tripletMarginWithDistanceLoss",
            lambda a, b, c: F.triplet_margin_with_distance_loss(
                a, b, c, distance_function=DISTANCES["cosine"], swap=swap, margin=2.0
            ),
            inputs,
            {"distance": "cosine", "swap": swap, "margin": 2.0},
        )


DISTANCES = {
    "default": None,
    "cosine": lambda x, y: 1 - F.cosine_similarity(x, y),
    "squared": lambda x, y: (x - y).pow(2).sum(1),
}

LABELS = [
    ([0, 0, 1, 1], "two of each"),
    ([0, 1, 0, 1, 2], "one alone"),
    ([0, 0, 0], "one class only"),
    ([0, 1, 2], "no positive pair"),
    ([4], "one embedding"),
    ([], "nothing"),
    ([2, 2, 7, 7, 7, 2], "three of each"),
]


def triplet_loss(x, triplet, options):
    """PyTorch's loss of one triplet of rows."""
    a, p, n = (x[i] for i in triplet)
    return F.triplet_margin_loss(a, p, n, options["margin"], options["p"], reduction="sum")


def distance(x, i, j, p):
    return float(F.pairwise_distance(x[i].detach(), x[j].detach(), p))


def batch_hard(x, labels, options):
    """Hermans et al. 2017, formula 5: for each anchor the furthest positive and the nearest negative."""
    n, p, losses, count = len(labels), options["p"], [], 0
    for a in range(n):
        positive = [i for i in range(n) if i != a and labels[i] == labels[a]]
        negative = [i for i in range(n) if labels[i] != labels[a]]
        if not positive or not negative:
            losses.append((x * 0).sum())
            continue
        count += 1
        hardest = max(positive, key=lambda i: distance(x, a, i, p)), min(negative, key=lambda i: distance(x, a, i, p))
        losses.append(triplet_loss(x, (a, *hardest), options))
    losses = torch.stack(losses) if losses else (x * 0).sum(1)
    return losses.sum() / max(count, 1) if options["reduction"] == "mean" else reduce(losses, options["reduction"])


def semi_hard(x, labels, options):
    """Schroff et al. 2015, section 3.2: the nearest negative further than the positive; else the furthest."""
    n, p, count, rows = len(labels), options["p"], 0, []
    for a in range(n):
        negative = [i for i in range(n) if labels[i] != labels[a]]
        for b in range(n):
            if a == b or labels[a] != labels[b] or not negative:
                rows.append((x * 0).sum())
                continue
            count += 1
            near = distance(x, a, b, p)
            further = [i for i in negative if distance(x, a, i, p) > near]
            chosen = min(further, key=lambda i: distance(x, a, i, p)) if further else None
            if chosen is None:
                chosen = max(negative, key=lambda i: distance(x, a, i, p))
            rows.append(triplet_loss(x, (a, b, chosen), options))
    losses = torch.stack(rows).reshape(n, n) if rows else torch.zeros(n, n, dtype=x.dtype) + (x * 0).sum()
    return losses.sum() / max(count, 1) if options["reduction"] == "mean" else reduce(losses, options["reduction"])


def mining(r):
    for op, f, paper in (
        ("batchHardTripletLoss", batch_hard, "Hermans et al. 2017, triplets chosen in Python, PyTorch's loss"),
        ("semiHardTripletLoss", semi_hard, "Schroff et al. 2015, triplets chosen in Python, PyTorch's loss"),
    ):
        r.reference = paper
        for dtype in FLOATS:
            for labels, note in LABELS:
                for reduction in REDUCTIONS:
                    for p, margin in ((2, 1.0), (1, 0.5)):
                        if p == 1 and reduction != "mean":
                            continue
                        options = {"margin": margin, "p": p, "reduction": reduction}
                        r.case(
                            op,
                            lambda x, t: f(x, t.tolist(), options),
                            [r.normal(len(labels), 3, dtype=dtype), torch.tensor(labels, dtype=I32)],
                            options,
                            note=note,
                        )
        options = {"margin": 1.0, "p": 2, "reduction": "mean"}
        for labels, note in (LABELS[0], LABELS[1], LABELS[6]):
            inputs = [r.normal(len(labels), 3, dtype=F64), torch.tensor(labels, dtype=I32)]
            r.second(op, lambda x, t: f(x, t.tolist(), options), inputs, options)
    r.reference = None


def contrastive(x, y, t, margin, reduction):
    """Hadsell et al. 2006, formula 4, without its halves and with the labels' meaning turned round."""
    losses = []
    for a, b, label in zip(x, y, t):
        d = torch.linalg.vector_norm(a - b)
        losses.append(label * d**2 + (1 - label) * torch.clamp(margin - d, min=0) ** 2)
    return reduce(torch.stack(losses) if losses else (x - y).sum(1), reduction)


def info_nce(q, k, tau, negatives, reduction):
    """van den Oord et al. 2018, formula 4, with exp(cos / τ) for the density ratio."""
    losses = []
    for i in range(len(q)):
        others = negatives[i] if negatives is not None and negatives.dim() == 3 else negatives
        candidates = k if others is None else torch.cat([k[i : i + 1], others])
        scores = F.cosine_similarity(q[i : i + 1].expand_as(candidates), candidates, dim=1) / tau
        losses.append(torch.logsumexp(scores, 0) - scores[i if others is None else 0])
    return reduce(torch.stack(losses), reduction)


def embeddings(r):
    for dtype in FLOATS:
        r.reference = "Hadsell et al. 2006, in PyTorch's tensors"
        for reduction in REDUCTIONS:
            for margin in (1.0, 2.5):
                for shape in ((5, 3), (1, 2)):
                    t = r.integers(0, 2, shape[0]).to(dtype)
                    options = {"margin": margin, "reduction": reduction}
                    r.case(
                        "contrastiveLoss",
                        lambda x, y, t: contrastive(x, y, t, margin, reduction),
                        [r.normal(*shape, dtype=dtype), r.normal(*shape, dtype=dtype), t],
                        options,
                    )
        x = r.normal(4, 3, dtype=dtype)
        t = torch.tensor([1, 0, 1, 0], dtype=dtype)
        for a, b, note in [
            (x, x.clone(), "equal points"),
            (x, x + 10, "far apart"),
            (x * 1e12, x, "long"),
        ]:
            r.case(
                "contrastiveLoss",
                lambda x, y, t: contrastive(x, y, t, 1.0, "none"),
                [a, b, t],
                {"reduction": "none"},
                note=note,
            )
        r.case(
            "contrastiveLoss",
            lambda x, y, t: contrastive(x, y, t, 1.0, "sum"),
            [torch.zeros(0, 3, dtype=dtype), torch.zeros(0, 3, dtype=dtype), torch.zeros(0, dtype=dtype)],
            {"reduction": "sum"},
            note="empty batch",
        )
        r.case(
            "contrastiveLoss",
            lambda x, y, t: contrastive(x, y, t, 1.0, "none"),
            [wild(dtype), torch.zeros(5, 3, dtype=dtype), torch.tensor([0.0, 1, 1, 0, 1], dtype=dtype)],
            {"reduction": "none"},
            note="large, NaN, inf, equal and near",
            grad=False,
        )
        r.reference = None

        for reduction in REDUCTIONS:
            for margin in (0.0, 0.3, -0.5):
                t = r.integers(0, 2, 5) * 2 - 1
                options = {"margin": margin, "reduction": reduction}
                r.case(
                    "cosineEmbeddingLoss",
                    lambda x, y, t: F.cosine_embedding_loss(x, y, t, **options),
                    [r.normal(5, 3, dtype=dtype), r.normal(5, 3, dtype=dtype), t],
                    options,
                )
            one = [r.normal(4, dtype=dtype), r.normal(4, dtype=dtype), torch.tensor(1, dtype=I32)]
            r.case(
                "cosineEmbeddingLoss",
                lambda x, y, t: F.cosine_embedding_loss(x, y, t, reduction=reduction),
                one,
                {"reduction": reduction},
            )
        x = r.normal(4, 3, dtype=dtype)
        zero = x.clone()
        zero[:2] = 0
        t = torch.tensor([1, -1, 1, -1], dtype=I32)
        for a, b, note in [
            (zero, x, "zero vectors"),
            (zero, zero.clone(), "equal, some zero"),
            (x, -x, "opposite"),
            (x * 1e9, x, "long"),
        ]:
            r.case(
                "cosineEmbeddingLoss",
                lambda x, y, t: F.cosine_embedding_loss(x, y, t, reduction="none"),
                [a, b, t],
                {"reduction": "none"},
                note=note,
            )
        empty = [torch.zeros(0, 3, dtype=dtype), torch.zeros(0, 3, dtype=dtype), torch.zeros(0, dtype=I32)]
        for reduction in REDUCTIONS:
            r.case(
                "cosineEmbeddingLoss",
                lambda x, y, t: F.cosine_embedding_loss(x, y, t, reduction=reduction),
                empty,
                {"reduction": reduction},
                note="empty batch",
            )

        r.reference = "van den Oord et al. 2018, in PyTorch's tensors"
        for reduction in REDUCTIONS:
            for tau in (0.1, 1.0):
                options = {"temperature": tau, "reduction": reduction}
                for n, d in ((4, 3), (1, 2)):
                    r.case(
                        "infoNceLoss",
                        lambda q, k: info_nce(q, k, tau, None, reduction),
                        [r.normal(n, d, dtype=dtype), r.normal(n, d, dtype=dtype)],
                        options,
                    )
                for shape in ((5, 3), (4, 2, 3)):
                    r.case(
                        "infoNceLoss",
                        lambda q, k, m: info_nce(q, k, tau, m, reduction),
                        [r.normal(4, 3, dtype=dtype), r.normal(4, 3, dtype=dtype), r.normal(*shape, dtype=dtype)],
                        options,
                    )
        x = r.normal(3, 4, dtype=dtype)
        zero = x.clone()
        zero[1] = 0
        for a, b, note in [(zero, x, "a zero query"), (x, x.clone(), "equal"), (x * 1e9, x, "long")]:
            if dtype == F32 and a is zero:
                continue  # a gradient of 1e8, of which float32 has lost as much as the tolerance
            r.case(
                "infoNceLoss",
                lambda q, k: info_nce(q, k, 0.5, None, "none"),
                [a, b],
                {"temperature": 0.5, "reduction": "none"},
                note=note,
            )
        r.reference = None
    for margin in (0.0, 0.3):
        inputs = [r.normal(5, 3, dtype=F64), r.normal(5, 3, dtype=F64)]
        t = torch.tensor([1, -1, 1, -1, -1], dtype=I32)
        r.second(
            "cosineEmbeddingLoss",
            lambda x, y, t: F.cosine_embedding_loss(x, y, t, margin),
            [*inputs, t],
            {"margin": margin},
        )
    r.reference = "Hadsell et al. 2006, in PyTorch's tensors"
    for margin in (1.0, 3.0):
        inputs = [r.normal(4, 3, dtype=F64), r.normal(4, 3, dtype=F64), torch.tensor([1, 0, 1, 0], dtype=F64)]
        r.second(
            "contrastiveLoss", lambda x, y, t: contrastive(x, y, t, margin, "mean"), inputs, {"margin": margin}
        )
    r.reference = "van den Oord et al. 2018, in PyTorch's tensors"
    for m in (None, r.normal(5, 3, dtype=F64)):
        inputs = [r.normal(4, 3, dtype=F64), r.normal(4, 3, dtype=F64), *([] if m is None else [m])]
        r.second(
            "infoNceLoss",
            lambda q, k, m=None: info_nce(q, k, 0.5, m, "mean"),
            inputs,
            {"temperature": 0.5},
        )
    r.reference = None


def record(r):
    distances(r)
    triplets(r)
    mining(r)
    embeddings(r)
