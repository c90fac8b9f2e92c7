"""Stand-ins for a softmax over many classes, as Mikolov et al. have them."""

import heapq

import torch
import torch.nn.functional as F

F32, F64, I32 = torch.float32, torch.float64, torch.int32
FLOATS = (F32, F64)
REDUCTIONS = ("mean", "sum", "none")
INF, NAN = float("inf"), float("nan")


def reduce(losses, reduction):
    return losses if reduction == "none" else losses.sum() if reduction == "sum" else losses.mean()


def negative_sampling(u, v, negatives, reduction):
    """Formula 4: log σ(v′·v) + Σ log σ(−v′ₖ·v), to be minimised."""
    losses = []
    for a, b, others in zip(u, v, negatives):
        losses.append(-F.logsigmoid(a.dot(b)) - sum(F.logsigmoid(-a.dot(c)) for c in others))
    return reduce(torch.stack(losses) if losses else (u * v).sum(1), reduction)


def negatives(r):
    r.reference = "Mikolov et al. 2013, formula 4, in PyTorch's tensors"
    op = "negativeSamplingLoss"
    for dtype in FLOATS:
        for reduction in REDUCTIONS:
            for n, k, d in ((4, 3, 2), (1, 1, 1), (2, 5, 4), (3, 0, 2), (0, 2, 3)):
                inputs = [r.normal(*shape, dtype=dtype, scale=1.5) for shape in ((n, d), (n, d), (n, k, d))]
                f = lambda u, v, m: negative_sampling(u, v, m, reduction)
                r.case(op, f, inputs, {"reduction": reduction}, grad=True if n * k else [0, 1])
        u = torch.tensor([[1e15, 0.0], [0.0, 0.0], [20.0, -20.0]], dtype=dtype)
        v = torch.tensor([[1e15, 1.0], [1.0, 2.0], [-20.0, 20.0]], dtype=dtype)
        others = torch.tensor([[[-1e15, 3.0]], [[4.0, 5.0]], [[10.0, -30.0]]], dtype=dtype)
        f = lambda u, v, m: negative_sampling(u, v, m, "none")
        r.case(op, f, [u, v, others], {"reduction": "none"}, note="1e30, zero and far out")
        u = torch.tensor([[NAN, 0.0], [INF, 1.0]], dtype=dtype)
        v, others = torch.ones(2, 2, dtype=dtype), torch.ones(2, 1, 2, dtype=dtype)
        r.case(op, f, [u, v, others], {"reduction": "none"}, note="NaN and inf", grad=False)
    for n, k, d in ((4, 3, 2), (2, 1, 3)):
        inputs = [r.normal(*shape, dtype=F64) for shape in ((n, d), (n, d), (n, k, d))]
        r.second(op, lambda u, v, m: negative_sampling(u, v, m, "mean"), inputs, {"reduction": "mean"})
    r.reference = None


def huffman(counts):
    """For each class [(inner node, whether it goes to the rarer child)], from the root; nodes count from the first joined."""
    codes = [[] for _ in counts]
    heap = [(count, i, [i]) for i, count in enumerate(counts)]
    heapq.heapify(heap)
    for node in range(len(counts) - 1):
        rare, other = heapq.heappop(heap), heapq.heappop(heap)
        assert rare[0] < other[0], "a tie: the tree is not the only one"
        for rarer, (_, _, classes) in ((True, rare), (False, other)):
            for c in classes:
                codes[c].insert(0, (node, rarer))
        heapq.heappush(heap, (rare[0] + other[0], len(counts) + node, rare[2] + other[2]))
    return codes


def log_probability(h, w, code):
    return sum((F.logsigmoid(h.dot(w[node]) * (1 if rarer else -1)) for node, rarer in code), (h * 0).sum())


COUNTS = ([5, 1], [1, 2, 4, 8, 16], [40, 3, 17, 9, 1, 100], [7], [30, 31, 33, 36])


def hierarchical(r):
    r.reference = "Mikolov et al. 2013, formula 3, on a tree by heapq, in PyTorch's tensors"
    for dtype in FLOATS:
        for counts in COUNTS:
            codes, inner = huffman(counts), len(counts) - 1
            for n, d in ((3, 2), (1, 4)):
                w = r.normal(inner, d, dtype=dtype)
                for reduction in REDUCTIONS:
                    t = r.integers(0, len(counts), n)

                    def loss(h, t, w):
                        return reduce(torch.stack([-log_probability(a, w, codes[i]) for a, i in zip(h, t)]), reduction)

                    h = r.normal(n, d, dtype=dtype, scale=2)
                    options = {"counts": counts, "reduction": reduction}
                    r.case("HierarchicalSoftmax", loss, [h, t, w], options, grad=[0, 2] if inner else [0])

                def everything(h, w):
                    return torch.stack([torch.stack([log_probability(a, w, code) for code in codes]) for a in h])

                h = r.normal(n, d, dtype=dtype, scale=2)
                options = {"counts": counts, "all": True}
                r.case("HierarchicalSoftmax", everything, [h, w], options, "of all classes", grad=[0, 1] if inner else [0])
        codes = huffman(COUNTS[1])
        h = torch.tensor([[1e15], [-1e15], [0.0], [100.0]], dtype=dtype)
        w = torch.tensor([[1e15], [-1.0], [1.0], [0.5]], dtype=dtype)
        r.case(
            "HierarchicalSoftmax",
            lambda h, t, w: torch.stack([-log_probability(a, w, codes[i]) for a, i in zip(h, t)]),
            [h, torch.tensor([0, 1, 2, 3], dtype=I32), w],
            {"counts": COUNTS[1], "reduction": "none"},
            note="1e30, zero and far out",
        )
    for counts in COUNTS[1:3]:
        codes = huffman(counts)
        r.second(
            "HierarchicalSoftmax",
            lambda h, t, w: torch.stack([-log_probability(a, w, codes[i]) for a, i in zip(h, t)]).mean(),
            [r.normal(3, 2, dtype=F64), r.integers(0, len(counts), 3), r.normal(len(counts) - 1, 2, dtype=F64)],
            {"counts": counts, "reduction": "mean"},
        )
    r.reference = None


def record(r):
    negatives(r)
    hierarchical(r)
