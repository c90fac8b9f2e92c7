"""Losses of sequences: of each token, and of all alignments with a target."""

import torch
import torch.nn.functional as F

F32, F64, I32 = torch.float32, torch.float64, torch.int32
FLOATS = (F32, F64)
REDUCTIONS = ("mean", "sum", "none")
INF, NAN = float("inf"), float("nan")


def tokens(x, t, counts, ignore=-100, smoothing=0.0, reduction="mean"):
    """PyTorch's cross-entropy of (N, C, T), where what does not count is ignored."""
    t = torch.where(counts, t.long(), torch.full_like(t.long(), ignore))
    how = "sum" if reduction == "batchmean" else reduction
    loss = F.cross_entropy(x.transpose(1, 2), t, ignore_index=ignore, label_smoothing=smoothing, reduction=how)
    return loss / len(x) if reduction == "batchmean" else loss


def token_losses(r):
    op = "sequenceCrossEntropy"
    for dtype in FLOATS:
        for reduction in (*REDUCTIONS, "batchmean"):
            for n, length, c in ((2, 4, 3), (1, 1, 2), (3, 2, 5)):
                for smoothing in (0.0, 0.1) if n == 2 else (0.0,) if n == 1 else (0.3,):
                    x, t = r.normal(n, length, c, dtype=dtype, scale=2), r.integers(0, c, n, length)
                    mask = r.integers(0, 3, n, length) > 0
                    mask[0, 0] = True
                    lengths = r.integers(0, length + 1, n)
                    lengths[0] = length
                    start = torch.arange(length) < lengths[:, None]
                    options = {"reduction": reduction, "labelSmoothing": smoothing}
                    arguments = {"smoothing": smoothing, "reduction": reduction}
                    r.case(op, lambda x, t: tokens(x, t, torch.ones_like(t).bool(), **arguments), [x, t], options)
                    r.case(op, lambda x, t, m: tokens(x, t, m, **arguments), [x, t, mask], options, note="mask")
                    r.case(op, lambda x, t, l: tokens(x, t, start, **arguments), [x, t, lengths], options, note="lengths")
                    r.case(
                        op,
                        lambda x, t, m, l: tokens(x, t, m & start, **arguments),
                        [x, t, mask, lengths],
                        options,
                        note="mask and lengths",
                    )
            x, t = r.normal(2, 3, 3, dtype=dtype), torch.tensor([[1, 2, 0], [2, -7, 1]], dtype=I32)
            for ignore in (1, -7):
                used = torch.where(t == -7, torch.tensor(ignore, dtype=I32), t)
                options = {"reduction": reduction, "ignoreIndex": ignore}
                r.case(
                    op,
                    lambda x, t: tokens(x, t, torch.ones_like(t).bool(), ignore=ignore, reduction=reduction),
                    [x, used],
                    options,
                )
            t = torch.tensor([[1, 2, -100], [2, 0, 77]], dtype=I32)
            mask = torch.tensor([[True, True, False], [True, False, False]])
            wild = x.clone()
            wild[~mask] = NAN
            r.case(
                op,
                lambda x, t, m: tokens(torch.where(m[..., None], x, 0 * x.nan_to_num()), t, m, reduction=reduction),
                [wild, t, mask],
                {"reduction": reduction},
                note="NaN and no class where nothing counts",
            )
            nothing = torch.zeros(2, 3, dtype=torch.bool)
            r.case(
                op,
                lambda x, t, m: tokens(x, t, m, reduction=reduction),
                [x, t.clamp(0), nothing],
                {"reduction": reduction},
                note="nothing counts",
                grad=reduction != "mean",
            )
        large = torch.tensor([[[1e30, -1e30, 0.0], [1000.0, 0.0, -1000.0], [-INF, 0.0, 1.0]]], dtype=dtype)
        r.case(
            op,
            lambda x, t: tokens(x, t, torch.ones_like(t).bool(), reduction="none"),
            [large, torch.tensor([[0, 1, 2]], dtype=I32)],
            {"reduction": "none"},
            note="1e30, large and −inf",
        )
        empty = [torch.zeros(0, 3, 4, dtype=dtype), torch.zeros(0, 3, dtype=I32)]
        for reduction in ("sum", "none"):
            r.case(
                op,
                lambda x, t: tokens(x, t, torch.ones_like(t).bool(), reduction=reduction),
                empty,
                {"reduction": reduction},
                note="empty batch",
            )
    for smoothing in (0.0, 0.2):
        x, t = r.normal(2, 3, 4, dtype=F64), r.integers(0, 4, 2, 3)
        mask = torch.tensor([[True, True, False], [True, False, True]])
        r.second(
            op,
            lambda x, t, m: tokens(x, t, m, smoothing=smoothing),
            [x, t, mask],
            {"reduction": "mean", "labelSmoothing": smoothing},
        )


def ctc(r):
    """PyTorch's derivative is right for logits, not for log-probabilities that are none: log_softmax is part of the case."""

    def case(x, t, inputs, targets, note="", grad=True, **options):
        r.case(
            "ctcLoss",
            lambda x, t: F.ctc_loss(
                x.log_softmax(2),
                t.long(),
                inputs,
                targets,
                blank=options.get("blank", 0),
                reduction=options.get("reduction", "mean"),
                zero_infinity=options.get("zeroInfinity", False),
            ),
            [x, t],
            {"inputLengths": list(inputs), "targetLengths": list(targets), **options},
            note=note,
            grad=grad,
        )

    for dtype in FLOATS:
        for i, reduction in enumerate(REDUCTIONS):
            for length, n, c, s in ((6, 2, 4, 3), (5, 1, 3, 2), (9, 3, 5, 4), (1, 2, 2, 1)):
                for blank in (0, c - 1, 1)[i : i + 1]:
                    labels = [k for k in range(c) if k != blank]
                    t = torch.tensor(labels, dtype=I32)[r.integers(0, len(labels), n, s).long()]
                    full = [length] * n
                    lengths = [min(s, length // 2) or 1] * n
                    x = r.normal(length, n, c, dtype=dtype, scale=1.5)
                    case(x, t, full, lengths, blank=blank, reduction=reduction, zeroInfinity=True)
                    ragged = [max(1, length - 2 * k) for k in range(n)]
                    fewer = [min(s, max(0, (k - 1) // 2)) for k in ragged]
                    case(x, t, ragged, fewer, "ragged", blank=blank, reduction=reduction)
                    joined = torch.cat([row[:k] for row, k in zip(t, fewer)])
                    if len(joined):
                        case(x, joined, ragged, fewer, "one after the other", blank=blank, reduction=reduction)
            x = r.normal(7, 2, 3, dtype=dtype)
            same = torch.tensor([[1, 1, 1], [2, 2, 1]], dtype=I32)
            case(x, same, [7, 7], [3, 3], "repeated labels", reduction=reduction)
            case(x, same, [5, 4], [3, 3], "just long enough", reduction=reduction)
            case(x, same, [7, 5], [0, 0], "empty targets", reduction=reduction)
            for zero in (False, True):
                case(x, same, [4, 7], [3, 3], "impossible", grad=zero, reduction=reduction, zeroInfinity=zero)
        x = r.normal(12, 1, 3, dtype=dtype, scale=30)
        case(x, torch.tensor([[2, 1, 2]], dtype=I32), [12], [3], "sharp logits", reduction="sum")
        x = r.normal(4, 2, 3, dtype=dtype)
        x[1, 0, 2] = -1e4
        case(x, torch.tensor([[1, 2], [2, 1]], dtype=I32), [4, 4], [2, 2], "a class without odds", reduction="none")


def record(r):
    token_losses(r)
    ctc(r)
