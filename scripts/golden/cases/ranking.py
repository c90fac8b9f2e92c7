"""Losses of orders. Those that PyTorch lacks are written as their papers have them, a pair or a place at a time."""

import torch
import torch.nn.functional as F

F32, F64, I32 = torch.float32, torch.float64, torch.int32
FLOATS = (F32, F64)
REDUCTIONS = ("mean", "sum", "none")
INF, NAN = float("inf"), float("nan")


def reduce(losses, reduction):
    return losses if reduction == "none" else losses.sum() if reduction == "sum" else losses.mean()


def margin_ranking(r):
    op, f = "marginRankingLoss", F.margin_ranking_loss
    for dtype in FLOATS:
        for reduction in REDUCTIONS:
            for margin in (0.0, 0.5, -0.25):
                for shape in ((6,), (2, 3)):
                    options = {"margin": margin, "reduction": reduction}
                    y = (r.integers(0, 2, *shape) * 2 - 1).to(dtype)
                    r.case(
                        op,
                        lambda a, b, y: f(a, b, y, **options),
                        [r.normal(*shape, dtype=dtype), r.normal(*shape, dtype=dtype), y],
                        options,
                    )
            empty = [torch.zeros(0, dtype=dtype) for _ in range(3)]
            r.case(
                op, lambda a, b, y: f(a, b, y, reduction=reduction), empty, {"reduction": reduction}, note="empty batch"
            )
        a = torch.tensor([1.0, 2.0, 0.0, 1e30, -1e30, 5.0], dtype=dtype)
        b = torch.tensor([1.0, 1.0, 0.5, -1e30, 1e30, 5.0], dtype=dtype)
        y = torch.tensor([1, -1, 1, 1, 1, -1], dtype=dtype)
        for margin in (0.0, 0.5):
            options = {"margin": margin, "reduction": "none"}
            r.case(op, lambda a, b, y: f(a, b, y, **options), [a, b, y], options, note="ties, bounds and 1e30")
        a = torch.tensor([NAN, INF, -INF, INF], dtype=dtype)
        r.case(
            op,
            lambda a, b, y: f(a, b, y, reduction="none"),
            [a, torch.zeros(4, dtype=dtype), torch.tensor([1, 1, 1, -1], dtype=dtype)],
            {"reduction": "none"},
            note="NaN and inf",
            grad=False,
        )
    for margin in (0.0, 0.5):
        y = torch.tensor([1, -1, 1, -1, 1], dtype=F64)
        inputs = [r.normal(5, dtype=F64), r.normal(5, dtype=F64), y]
        r.second(op, lambda a, b, y: f(a, b, y, margin=margin), inputs, {"margin": margin})
        r.second(op, lambda a, b, y: f(a, b, y, margin=margin), inputs, {"margin": margin}, squared=True)


def rank_net_pair(a, b, y, reduction):
    """Burges et al. 2005, formula 3: C = −P̄·o + log(1 + e^o), for o = s₁ − s₂ of either sign."""
    o = a - b
    return reduce(-y * o + torch.logaddexp(o, torch.zeros_like(o)), reduction)


def rank_net(s, t, mask, sigma, reduction):
    """The same with P̄ = 1 for each pair of a list whose first is more relevant."""
    length = s.shape[-1]
    rows, count = [], 0
    keep = torch.ones_like(t, dtype=torch.bool) if mask is None else mask
    for row, relevance, there in zip(s.reshape(-1, length), t.reshape(-1, length), keep.reshape(-1, length)):
        for i in range(length):
            for j in range(length):
                if bool(there[i] and there[j] and relevance[i] > relevance[j]):
                    count += 1
                    rows.append(torch.logaddexp(-sigma * (row[i] - row[j]), row[i] * 0))
                else:
                    rows.append(row[there].sum() * 0)
    losses = torch.stack(rows).reshape(*s.shape, length) if rows else s.unsqueeze(-1) * torch.zeros(length, dtype=s.dtype)
    return losses.sum() / max(count, 1) if reduction == "mean" else reduce(losses, reduction)


def bpr(p, n, reduction):
    """Rendle et al. 2009, section 4.1: −ln σ(x̂ᵤᵢ − x̂ᵤⱼ), without the penalty."""
    return reduce(-F.logsigmoid(p - n), reduction)


def by_list(f):
    """A loss of each list, of the items that its mask leaves."""

    def loss(s, t, mask, reduction):
        length = s.shape[-1]
        keep = torch.ones_like(t, dtype=torch.bool) if mask is None else mask
        lists = zip(s.reshape(-1, length), t.reshape(-1, length), keep.reshape(-1, length))
        losses = [f(row[there], wanted[there]) if bool(there.any()) else (row[there] * 0).sum() for row, wanted, there in lists]
        return reduce(torch.stack(losses).reshape(s.shape[:-1]) if losses else (s * t).sum(-1), reduction)

    return loss


@by_list
def list_net(s, t):
    """Cao et al. 2007, formula 3 and section 4.3: the cross-entropy of the top-one probabilities."""
    return -(torch.softmax(t, 0) * torch.log_softmax(s, 0)).sum()


@by_list
def list_mle(s, t):
    """Xia et al. 2008, formula 9: −log Π exp(s_y(i)) / Σ_{k ≥ i} exp(s_y(k))."""
    order = sorted(range(len(t)), key=lambda i: -float(t[i]))  # stable
    total = 0
    for place in range(len(order)):
        total = total + torch.logsumexp(s[order[place:]], 0) - s[order[place]]
    return total


def pairs(r):
    for dtype in FLOATS:
        r.reference = "Burges et al. 2005, in PyTorch's tensors"
        for reduction in REDUCTIONS:
            for shape in ((6,), (2, 3), (1,), (0,)):
                y = r.uniform(0, 1, *shape, dtype=dtype)
                for wanted in (y, y.round()):
                    r.case(
                        "rankNetPairLoss",
                        lambda a, b, y: rank_net_pair(a, b, y, reduction),
                        [r.normal(*shape, dtype=dtype, scale=3), r.normal(*shape, dtype=dtype, scale=3), wanted],
                        {"reduction": reduction},
                    )
        r.case(
            "rankNetPairLoss",
            lambda a, b, y: rank_net_pair(a, b, y, "none"),
            [
                torch.tensor([1e30, -1e30, 1.0, 200.0, NAN], dtype=dtype),
                torch.tensor([-1e30, 1e30, 1.0, 0.0, 0.0], dtype=dtype),
                torch.tensor([1.0, 1.0, 0.5, 0.0, 1.0], dtype=dtype),
            ],
            {"reduction": "none"},
            note="1e30, a tie and NaN",
            grad=False,
        )
        for reduction in REDUCTIONS:
            for sigma in (1.0, 2.5):
                for shape in ((2, 4), (3,), (1, 2, 3)):
                    options = {"sigma": sigma, "reduction": reduction}
                    relevances = r.integers(0, 3, *shape).to(dtype)
                    s = r.normal(*shape, dtype=dtype, scale=2)
                    r.case(
                        "rankNetLoss", lambda s, t: rank_net(s, t, None, sigma, reduction), [s, relevances], options, grad=[0]
                    )
        lists(r, "rankNetLoss", lambda s, t, m, reduction: rank_net(s, t, m, 1.0, reduction), dtype)
        r.reference = "Rendle et al. 2009, in PyTorch's tensors"
        for reduction in REDUCTIONS:
            for shape in ((6,), (2, 3), (1,), (0,), ()):
                r.case(
                    "bprLoss",
                    lambda p, n: bpr(p, n, reduction),
                    [r.normal(*shape, dtype=dtype, scale=3), r.normal(*shape, dtype=dtype, scale=3)],
                    {"reduction": reduction},
                )
        r.case(
            "bprLoss",
            lambda p, n: bpr(p, n, "none"),
            [
                torch.tensor([1e30, -1e30, 200.0, -200.0, 1.0], dtype=dtype),
                torch.tensor([-1e30, 1e30, 0.0, 0.0, 1.0], dtype=dtype),
            ],
            {"reduction": "none"},
            note="1e30 and a tie",
        )
        r.case(
            "bprLoss",
            lambda p, n: bpr(p, n, "none"),
            [torch.tensor([NAN, INF, -INF], dtype=dtype), torch.zeros(3, dtype=dtype)],
            {"reduction": "none"},
            note="NaN and inf",
            grad=False,
        )
        r.reference = None


def lists(r, op, f, dtype, grad=(0,)):
    """Masked lists, and what may happen to a list."""
    for reduction in REDUCTIONS:
        for shape in ((3, 4), (5,), (2, 2, 3)):
            s, t = r.normal(*shape, dtype=dtype, scale=2), r.integers(0, 3, *shape).to(dtype)
            mask = r.integers(0, 3, *shape) > 0
            r.case(op, lambda s, t, m: f(s, t, m, reduction), [s, t, mask], {"reduction": reduction}, grad=list(grad))
        s, t = r.normal(3, 4, dtype=dtype), r.integers(0, 3, 3, 4).to(dtype)
        mask = torch.tensor([[1, 1, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0]]).bool()
        options = {"reduction": reduction}
        r.case(
            op,
            lambda s, t, m: f(s, t, m, reduction),
            [s, t, mask],
            options,
            note="a list without items, and one of one",
            grad=list(grad),
        )
        empty = torch.zeros(0, 3, dtype=dtype)
        r.case(
            op, lambda s, t: f(s, t, None, reduction), [empty, empty], options, note="no lists", grad=list(grad)
        )
        s[~mask], t[~mask] = NAN, NAN
        r.case(
            op,
            lambda s, t, m: f(s, t, m, reduction),
            [s, t, mask],
            options,
            note="NaN where it is padded",
            grad=list(grad),
        )
    s = torch.tensor([[1e30, -1e30, 0.0], [-1e30, 1e30, 0.0], [1000.0, 0.0, -1000.0]], dtype=dtype)
    t = torch.tensor([[2, 0, 1], [2, 0, 1], [0, 1, 2]], dtype=dtype)
    r.case(op, lambda s, t: f(s, t, None, "none"), [s, t], {"reduction": "none"}, note="scores of 1e30", grad=[0])
    same = torch.ones(2, 3, dtype=dtype)
    r.case(op, lambda s, t: f(s, t, None, "none"), [s[2:].clone(), same[:1]], {"reduction": "none"}, note="all tied")


def whole_lists(r):
    for op, f, paper in (
        ("listNetLoss", list_net, "Cao et al. 2007, in PyTorch's tensors"),
        ("listMleLoss", list_mle, "Xia et al. 2008, in PyTorch's tensors"),
    ):
        r.reference = paper
        grad = [0, 1] if op == "listNetLoss" else [0]
        for dtype in FLOATS:
            for reduction in REDUCTIONS:
                for shape in ((3, 4), (5,), (2, 2, 3), (2, 1)):
                    s, t = r.normal(*shape, dtype=dtype, scale=2), r.distinct(*shape, dtype=dtype, gap=0.5)
                    r.case(op, lambda s, t: f(s, t, None, reduction), [s, t], {"reduction": reduction}, grad=grad)
            lists(r, op, f, dtype, grad=grad)
        for shape in ((2, 3), (4,)):
            s, t = r.normal(*shape, dtype=F64), r.integers(0, 3, *shape)
            r.second(op, lambda s, t: f(s, t.double(), None, "mean"), [s, t], {"reduction": "mean"})
    r.reference = None


def seconds(r):
    r.reference = "Burges et al. 2005, in PyTorch's tensors"
    for shape in ((4,), (2, 3)):
        y = r.uniform(0, 1, *shape, dtype=F64)
        inputs = [r.normal(*shape, dtype=F64), r.normal(*shape, dtype=F64), y]
        r.second("rankNetPairLoss", lambda a, b, y: rank_net_pair(a, b, y, "mean"), inputs)
        s, t = r.normal(*shape, dtype=F64), r.integers(0, 3, *shape)
        r.second("rankNetLoss", lambda s, t: rank_net(s, t, None, 1.0, "mean"), [s, t])
    r.reference = "Rendle et al. 2009, in PyTorch's tensors"
    for shape in ((4,), (2, 3)):
        r.second("bprLoss", lambda p, n: bpr(p, n, "mean"), [r.normal(*shape, dtype=F64), r.normal(*shape, dtype=F64)])
    r.reference = None


def record(r):
    margin_ranking(r)
    pairs(r)
    whole_lists(r)
    seconds(r)
