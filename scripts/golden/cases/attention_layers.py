"""Attention in heads and from before transformers, positions, and transformers' layers."""

import math

import torch
from modules import module_case
from torch import nn

F32, F64 = torch.float32, torch.float64
TORCH_NAMES = {
    "embedDim": "embed_dim",
    "numHeads": "num_heads",
    "addBiasKv": "add_bias_kv",
    "addZeroAttn": "add_zero_attn",
    "batchFirst": "batch_first",
    "keyPaddingMask": "key_padding_mask",
    "attnMask": "attn_mask",
    "needWeights": "need_weights",
    "averageAttnWeights": "average_attn_weights",
    "dModel": "d_model",
    "dimFeedforward": "dim_feedforward",
    "normFirst": "norm_first",
    "layerNormEps": "layer_norm_eps",
    "numEncoderLayers": "num_encoder_layers",
    "numDecoderLayers": "num_decoder_layers",
    "srcMask": "src_mask",
    "tgtMask": "tgt_mask",
    "memoryMask": "memory_mask",
    "srcKeyPaddingMask": "src_key_padding_mask",
    "tgtKeyPaddingMask": "tgt_key_padding_mask",
    "memoryKeyPaddingMask": "memory_key_padding_mask",
}


def named(options):
    return {TORCH_NAMES.get(name, name): value for name, value in options.items()}


def calling(layer, sources, masks, fixed, repeat=1):
    """The layer, which takes its sources and then masks by name; the last source stands for those that are missing."""
    forward = layer.forward

    def call(*inputs):
        given = list(inputs[:sources])
        given += [given[-1]] * (repeat - sources)
        out = forward(*given, **named(dict(zip(masks, inputs[sources:]))), **fixed)
        return tuple(x for x in out if x is not None) if isinstance(out, tuple) else out

    layer.forward = call
    return layer


def later(length, keys=None):
    return torch.ones(length, keys or length, dtype=torch.bool).triu(1)


def hiding(*rows):
    return torch.tensor(rows, dtype=torch.bool)


def heads(r, dtype, shapes, options=None, call=None, masks=None, causal=False, note=""):
    """A case of MultiheadAttention; `causal` is an option there and a mask in PyTorch."""
    options, call, masks = options or {}, call or {}, masks or {}
    made = {"embedDim": 4, "numHeads": 2, **options}
    sources = [r.normal(*shape, dtype=dtype) for shape in shapes]
    given = dict(masks)
    if causal:
        first = made.get("batchFirst", False)
        length = lambda x: x.shape[-2] if first or x.ndim == 2 else x.shape[0]
        mask = later(length(sources[0]), length(sources[-1]))
        assert "attnMask" not in given

    def make():
        layer = nn.MultiheadAttention(**named(made))
        fixed = named(call)
        if causal:
            fixed["attn_mask"] = mask
        return calling(layer, len(sources), list(given), fixed, 3)

    recorded = {**made, **call, "sources": len(sources), "masks": list(given)}
    if causal:
        recorded["isCausal"] = True
    module_case(r, "MultiheadAttention", make, [*sources, *given.values()], recorded, note)


def multihead(r):
    L, S, N = 3, 5, 2
    own = [(L, N, 4)]
    cross = [(L, N, 4), (S, N, 4)]
    apart = [(L, N, 4), (S, N, 4), (S, N, 4)]
    padding = hiding([False] * 3, [False, True, True])
    key_padding = hiding([False, False, False, False, True], [False, True, False, True, True])
    pairs = hiding([False, True, False], [False, False, True], [True, False, False])
    wide = r.integers(0, 2, L, S).bool()
    wide[:, 0] = False
    for dtype in (F32, F64):
        heads(r, dtype, own)
        heads(r, dtype, apart, {"kdim": 4}, masks={"keyPaddingMask": key_padding, "attnMask": wide})
    floats = r.normal(L, L, dtype=F64)
    each = r.integers(0, 2, 2 * N, L, S).bool()
    each[:, :, 2] = False
    for shapes, options, call, masks, causal, note in [
        (own, {}, {}, {"attnMask": pairs}, False, "pairs"),
        (own, {}, {}, {"attnMask": floats}, False, "a float mask"),
        (own, {}, {}, {"keyPaddingMask": padding}, False, "padding"),
        (own, {}, {}, {"keyPaddingMask": r.normal(N, L, dtype=F64)}, False, "float padding"),
        (own, {}, {}, {"keyPaddingMask": padding, "attnMask": floats}, False, "padding and a float mask"),
        (cross, {}, {}, {"attnMask": each}, False, "each head's mask"),
        (cross, {}, {}, {"keyPaddingMask": key_padding, "attnMask": each}, False, "padding and each head's mask"),
        (own, {}, {}, {}, True, ""),
        (own, {}, {}, {"keyPaddingMask": padding}, True, "padding"),
        (cross, {"batchFirst": False}, {}, {}, True, "other lengths"),
        ([(L, N, 4), (S, N, 3), (S, N, 6)], {"kdim": 3, "vdim": 6}, {}, {"keyPaddingMask": key_padding}, False, ""),
        ([(L, N, 4), (S, N, 3), (S, N, 4)], {"kdim": 3, "bias": False}, {}, {}, False, ""),
        (cross, {"addBiasKv": True}, {}, {"keyPaddingMask": key_padding}, False, ""),
        (cross, {"addZeroAttn": True}, {}, {"attnMask": wide}, False, ""),
        (own, {"addBiasKv": True, "addZeroAttn": True}, {}, {"keyPaddingMask": padding}, True, ""),
        (own, {"addBiasKv": True, "addZeroAttn": True}, {"needWeights": False}, {}, False, ""),
        ([(N, L, 4), (N, S, 4)], {"batchFirst": True}, {}, {"keyPaddingMask": key_padding}, False, ""),
        ([(N, L, 4)], {"batchFirst": True, "bias": False}, {"needWeights": False}, {}, True, ""),
        ([(L, 4), (S, 4)], {}, {}, {"keyPaddingMask": key_padding[1], "attnMask": wide}, False, "without a batch"),
        ([(L, 4), (S, 4)], {"batchFirst": True}, {"averageAttnWeights": False}, {}, False, "without a batch"),
        ([(L, 4)], {}, {"needWeights": False}, {}, True, "without a batch"),
        (own, {}, {"averageAttnWeights": False}, {"keyPaddingMask": padding}, False, ""),
        (own, {}, {"needWeights": False}, {}, False, ""),
        (own, {}, {"needWeights": False}, {"keyPaddingMask": padding}, True, "padding"),
        (cross, {}, {"needWeights": False}, {"keyPaddingMask": key_padding, "attnMask": wide}, False, ""),
        (cross, {}, {"needWeights": False}, {"attnMask": each}, False, "each head's mask"),
        (own, {}, {"needWeights": False}, {"attnMask": floats}, False, "a float mask"),
        ([(1, 1, 4)], {"numHeads": 4}, {}, {}, False, "one token"),
        ([(7, 1, 4)], {"numHeads": 1}, {"needWeights": False}, {}, True, "one head"),
    ]:
        heads(r, F64, shapes, options, call, masks, causal, note)
    heads(r, F32, own, {}, {"needWeights": False}, {"keyPaddingMask": padding}, True)


class Additive(nn.Module):
    """Bahdanau et al. 2015, appendix A.1.2: e = v^T tanh(W q + U k), softmax over the keys, the mean of the values."""

    def __init__(self, query, key, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query, hidden, bias=False)
        self.key_proj = nn.Linear(key, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def scores(self, q, k):
        pairs = self.query_proj(q)[..., :, None, :] + self.key_proj(k)[..., None, :, :]
        return torch.einsum("...h,h->...", torch.tanh(pairs), self.score.weight[0])

    def attend(self, q, k, v, mask):
        scores = self.scores(q, k)
        if mask is not None:
            scores = scores.masked_fill(~mask, -math.inf) if mask.dtype == torch.bool else scores + mask
        weights = torch.softmax(scores, -1)
        return weights @ v, weights

    def forward(self, q, k, v, mask=None):
        if q.ndim == k.ndim:
            return self.attend(q, k, v, mask)
        context, weights = self.attend(q[..., None, :], k, v, None if mask is None else mask[..., None, :])
        return context[..., 0, :], weights[..., 0, :]


class Luong(Additive):
    """Luong et al. 2015, equation 8."""

    def __init__(self, query, key, kind, hidden):
        nn.Module.__init__(self)
        self.kind = kind
        if kind == "general":
            self.key_proj = nn.Linear(key, query, bias=False)
        if kind == "concat":
            self.concat_proj = nn.Linear(query + key, hidden, bias=False)
            self.score = nn.Linear(hidden, 1, bias=False)

    def scores(self, q, k):
        if self.kind == "dot":
            return torch.einsum("...ld,...sd->...ls", q, k)
        if self.kind == "general":
            return torch.einsum("...lq,qk,...sk->...ls", q, self.key_proj.weight, k)
        L, S = q.shape[-2], k.shape[-2]
        pairs = torch.cat([q[..., :, None, :].expand(*q.shape[:-1], S, -1), k[..., None, :, :].expand(*k.shape[:-2], L, S, -1)], -1)
        return self.score(torch.tanh(self.concat_proj(pairs)))[..., 0]


def scored(r):
    seen = ~hiding([False] * 4, [False, False, True, True])
    single = ([(2, 3), (2, 4, 5)], "one time")
    many = ([(2, 3, 3), (2, 4, 5)], "")
    values = ([(2, 3, 3), (2, 4, 5), (2, 4, 2)], "values")
    square = ([(2, 3, 5), (2, 4, 5)], "")
    for op, kinds in (("AdditiveAttention", [None]), ("LuongAttention", ["dot", "general", "concat"])):
        r.reference = "Bahdanau et al. 2015, in PyTorch" if kinds == [None] else "Luong et al. 2015, in PyTorch"
        for kind in kinds:
            for dtype, (shapes, note), mask in [
                (F32, square if kind == "dot" else many, None),
                (F64, square if kind == "dot" else many, seen[:, None]),
                (F64, square if kind == "dot" else values, r.normal(3, 4, dtype=F64)),
                (F64, ([(2, 5), (2, 4, 5)], "one time") if kind == "dot" else single, seen),
            ]:
                tensors = [r.normal(*shape, dtype=dtype) for shape in shapes]
                query, key = shapes[0][-1], shapes[1][-1]
                options = {"queryDim": query, "keyDim": key, "sources": len(shapes)}
                if kind != "dot":
                    options["hiddenDim"] = 6
                if kind:
                    options["score"] = kind

                def make(query=query, key=key, sources=len(shapes)):
                    layer = Luong(query, key, kind, 6) if kind else Additive(query, key, 6)
                    return calling(layer, sources, ["mask"], {}, 3)

                if kind == "dot":  # has no weights to train
                    layer = make()
                    given = [*tensors, *([] if mask is None else [mask])]
                    r.case("LuongAttention.dot", layer.forward, given, options, note)
                else:
                    module_case(r, op, make, [*tensors, *([] if mask is None else [mask])], options, note)
    r.reference = None


def rotary(x, positions, base, interleaved):
    """Su et al. 2021, equation 15: a matrix of rotations by t θ on the diagonal."""
    d = x.shape[-1]
    angles = positions.double()[..., None] * torch.tensor([base ** (-2 * i / d) for i in range(d // 2)], dtype=F64)
    turn = torch.stack([angles.cos(), -angles.sin(), angles.sin(), angles.cos()], -1).unflatten(-1, (2, 2))
    pairs = x.double().unflatten(-1, (d // 2, 2)) if interleaved else x.double().unflatten(-1, (2, d // 2)).transpose(-2, -1)
    turned = torch.einsum("...ij,...j->...i", turn.expand(*pairs.shape, 2), pairs)
    return (turned if interleaved else turned.transpose(-2, -1)).flatten(-2).to(x.dtype)


def sinusoidal(length, d, base):
    """Vaswani et al. 2017, section 3.5."""
    table = torch.zeros(length, d, dtype=F64)
    for t in range(length):
        for i in range(0, d, 2):
            table[t, i] = math.sin(t / base ** (i / d))
            if i + 1 < d:
                table[t, i + 1] = math.cos(t / base ** (i / d))
    return table


def slopes(n):
    """Press et al. 2022, as their get_slopes says it in words."""
    power = 2 ** int(math.log2(n))
    own = [(2 ** (-8 / power)) ** (i + 1) for i in range(power)]
    return own if power == n else own + slopes(2 * power)[0::2][: n - power]


class Learned(nn.Module):
    def __init__(self, length, d):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(length, d))

    def forward(self, x, positions=None):
        return x + (self.weight[: x.shape[-2]] if positions is None else self.weight[positions.long()])


def positions(r):
    places = torch.tensor([[4, 0, 2], [1, 1, 5]], dtype=torch.int32)
    for dtype, name in ((F32, "f32"), (F64, "f64")):
        r.reference = "Su et al. 2021, equation 15, in PyTorch"
        for shape, options in [
            ((5, 4), {}),
            ((2, 3, 4, 6), {"interleaved": True}),
            ((2, 2, 3, 8), {"base": 500}),
            ((0, 3, 2), {}),
        ]:
            call = lambda x, base=options.get("base", 10000), pairs=options.get("interleaved", False): rotary(
                x, torch.arange(x.shape[-2]), base, pairs
            )
            r.case("RotaryEmbedding", call, [r.normal(*shape, dtype=dtype)], {"dim": shape[-1], "dtype": name, **options})
        for pairs in (False, True):
            call = lambda x, at, pairs=pairs: rotary(x, at, 10000, pairs)
            inputs = [r.normal(2, 2, 3, 4, dtype=dtype), places[:, None]]
            r.case("RotaryEmbedding", call, inputs, {"dim": 4, "dtype": name, "interleaved": pairs}, "positions")
        r.reference = "Vaswani et al. 2017, section 3.5, in PyTorch"
        x = r.normal(2, 3, 5, dtype=dtype)
        for at in (None, places):
            call = lambda x, at=None: x + (sinusoidal(6, 5, 10000)[:3] if at is None else sinusoidal(6, 5, 10000)[at.long()]).to(x.dtype)
            options = {"maxLength": 6, "dim": 5, "dtype": name}
            r.case("SinusoidalPositions", call, [x] if at is None else [x, at], options)
        for length, d, base in [(4, 6, 10000), (7, 3, 100)]:
            table = sinusoidal(length, d, base).to(dtype)
            r.plain_case("sinusoidalPositions", [], [table], {"length": length, "dim": d, "base": base, "dtype": name})
        r.reference = "Press et al. 2022, in PyTorch"
        for n, L, S in [(4, 3, 3), (6, 2, 5), (1, 1, 4)]:
            far = (torch.arange(L)[:, None] + S - L - torch.arange(S)).abs()
            bias = -torch.tensor(slopes(n), dtype=F64)[:, None, None] * far
            r.plain_case("alibi", [], [bias.to(dtype) + 0.0], {"numHeads": n, "queries": L, "keys": S, "dtype": name})
        r.reference = None
        for inputs in ([r.normal(2, 3, 4, dtype=dtype)], [r.normal(2, 3, 4, dtype=dtype), places]):
            options = {"maxLength": 6, "dim": 4}
            r.reference = "x + weight[position], in PyTorch"
            module_case(r, "LearnedPositions", lambda: Learned(6, 4), inputs, options)
        r.reference = None
    r.reference = "Press et al. 2022, in PyTorch"
    for n in (1, 2, 8, 12, 16, 3):
        r.plain_case("alibiSlopes", [], [torch.tensor(slopes(n), dtype=F64)], {"numHeads": n})
    r.reference = None


def masked(r):
    """Rows that a mask leaves nothing of are zeros, here and in torch.nn.functional.scaled_dot_product_attention since 2.5."""

    def softmax(x, mask, dim=-1):
        left = x.masked_fill(~mask, -math.inf) if mask.dtype == torch.bool else x + mask
        return torch.nan_to_num(torch.softmax(left, dim)) * (left > -math.inf).any(dim, keepdim=True)

    r.reference = "PyTorch's softmax, with zeros for NaN"
    for dtype in (F32, F64):
        x = r.normal(2, 3, 4, dtype=dtype, scale=5)
        some = r.integers(0, 2, 2, 3, 4).bool()
        for mask in (some, some[:, :1], r.normal(3, 4, dtype=dtype)):
            r.case("maskedSoftmax", softmax, [x, mask])
        r.case("maskedSoftmax", lambda x, m: softmax(x, m, 1), [x, some | True], {"dim": 1})
        none = some.clone()
        none[0, 1] = False
        r.case("maskedSoftmax", softmax, [x, none], note="a row of nothing", grad=False)
    r.reference = None


def layer(r, op, cls, dtype, shapes, options=None, masks=None, causal=(), note="", stack=None):
    """A case of a transformer's layer or stack; `causal` names masks that are options there."""
    options, masks = {"dModel": 4, "nhead": 2, "dimFeedforward": 6, "dropout": 0, **(options or {})}, masks or {}
    sources = [r.normal(*shape, dtype=dtype) for shape in shapes]
    first = options.get("batchFirst", False)
    length = lambda x: x.shape[-2] if first or x.ndim == 2 else x.shape[0]
    fixed = {name: later(length(sources[1 if op == "Transformer" else 0])) for name in causal}

    def make():
        kept = {k: v for k, v in options.items() if k != "numLayers"}
        module = cls(**named(kept))
        if stack:
            norm = nn.LayerNorm(4) if options["numLayers"] == 2 else None
            module = stack(module, options["numLayers"], norm)
        masked = named(fixed)
        if op == "TransformerEncoder" and causal:
            masked = {"mask": masked["src_mask"]}
        return calling(module, len(sources), list(masks), masked, len(sources))

    encodes = op.startswith("TransformerEncoder")
    flags = {"isCausal" if encodes else name.replace("Mask", "IsCausal"): True for name in causal}
    recorded = {**options, **flags, "sources": len(sources), "masks": list(masks)}
    module_case(r, op, make, [*sources, *masks.values()], recorded, note)


def transformers(r):
    L, S, N = 3, 4, 2
    src_padding = hiding([False] * 4, [False, False, True, True])
    tgt_padding = hiding([False, False, True], [False] * 3)
    pairs = hiding([False, True, False, False], *[[False] * 4] * 3)
    encoder = nn.TransformerEncoderLayer
    decoder = nn.TransformerDecoderLayer
    for dtype in (F64, F32):
        for first in (False, True):
            layer(r, "TransformerEncoderLayer", encoder, dtype, [(S, N, 4)], {"normFirst": first})
            layer(r, "TransformerDecoderLayer", decoder, dtype, [(L, N, 4), (S, N, 4)], {"normFirst": first})
    batch_first = {"batchFirst": True}
    one = "TransformerEncoderLayer"
    layer(r, one, encoder, F64, [(N, S, 4)], {**batch_first, "activation": "gelu"}, {"srcKeyPaddingMask": src_padding})
    layer(r, one, encoder, F64, [(S, N, 4)], {"layerNormEps": 0.1}, {"srcMask": pairs}, note="pairs")
    layer(r, one, encoder, F64, [(S, N, 4)], {"normFirst": True}, {}, ["srcMask"])
    layer(r, one, encoder, F64, [(N, S, 4)], batch_first, {"srcKeyPaddingMask": src_padding}, ["srcMask"])
    layer(r, one, encoder, F64, [(S, 4)], {}, {"srcMask": r.normal(S, S, dtype=F64)}, note="without a batch")
    two = "TransformerDecoderLayer"
    both = [(L, N, 4), (S, N, 4)]
    every = {"tgtKeyPaddingMask": tgt_padding, "memoryKeyPaddingMask": src_padding}
    layer(r, two, decoder, F64, both, {"activation": "gelu"}, every, ["tgtMask"])
    layer(r, two, decoder, F64, both, {}, {"tgtMask": r.normal(L, L, dtype=F64), "memoryMask": r.normal(L, S, dtype=F64)})
    layer(r, two, decoder, F64, [(N, L, 4), (N, S, 4)], {**batch_first, "normFirst": True}, every)
    layer(r, two, decoder, F64, [(L, 4), (S, 4)], {}, {}, ["tgtMask"], note="without a batch")
    for count in (1, 2):
        options = {"numLayers": count, "normFirst": count == 2}
        layer(r, "TransformerEncoder", encoder, F64, [(S, N, 4)], options, {"srcKeyPaddingMask": src_padding}, ["srcMask"], stack=nn.TransformerEncoder)
        layer(r, "TransformerDecoder", decoder, F64, both, options, every, ["tgtMask"], stack=nn.TransformerDecoder)
    both = [(S, N, 4), (L, N, 4)]
    small = {"numEncoderLayers": 1, "numDecoderLayers": 1}
    whole = {"srcKeyPaddingMask": src_padding, **every}
    layer(r, "Transformer", nn.Transformer, F64, both, {**small, "activation": "gelu"}, whole, ["tgtMask"])
    layer(r, "Transformer", nn.Transformer, F64, [(N, S, 4), (N, L, 4)], {**small, **batch_first, "normFirst": True, "numEncoderLayers": 2})
    layer(r, "Transformer", nn.Transformer, F32, both, small, {}, ["tgtMask"])


def record(r):
    masked(r)
    positions(r)
    scored(r)
    multihead(r)
    transformers(r)
