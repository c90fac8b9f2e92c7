"""Encoder-decoders, fed the right tokens: recurrent ones written out cell by cell, and a transformer."""

import math

import torch
from modules import module_case
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

F32, F64 = torch.float32, torch.float64
SOURCE, TARGET = 6, 7  # tokens; 0 pads a source


class Additive(nn.Module):
    """vᵀ·tanh(W·q + U·k)."""

    def __init__(self, hidden, width):
        super().__init__()
        self.query_proj = nn.Linear(hidden, hidden, bias=False)
        self.key_proj = nn.Linear(width, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys):
        return self.score(torch.tanh(self.query_proj(query)[:, None] + self.key_proj(keys)))[..., 0]


class Luong(nn.Module):
    """qᵀ·k, qᵀ·W·k, or vᵀ·tanh(W·[q, k])."""

    def __init__(self, kind, hidden, width):
        super().__init__()
        self.kind = kind
        if kind == "general":
            self.key_proj = nn.Linear(width, hidden, bias=False)
        if kind == "concat":
            self.concat_proj = nn.Linear(hidden + width, hidden, bias=False)
            self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys):
        if self.kind == "concat":
            pairs = torch.cat([query[:, None].expand(-1, keys.shape[1], -1), keys], 2)
            return self.score(torch.tanh(self.concat_proj(pairs)))[..., 0]
        keys = self.key_proj(keys) if self.kind == "general" else keys
        return (keys * query[:, None]).sum(2)


class Recurrent(nn.Module):
    def __init__(self, hidden, cell="gru", attention="general", embeddingDim=None, numLayers=1, bidirectional=True):
        super().__init__()
        embedded = embeddingDim or hidden
        width = hidden * (2 if bidirectional else 1)
        layers, unit, parts = (nn.GRU, nn.GRUCell, 1) if cell == "gru" else (nn.LSTM, nn.LSTMCell, 2)
        self.looks = attention != "none"
        self.source_embedding = nn.Embedding(SOURCE, embedded)
        self.encoder = layers(embedded, hidden, num_layers=numLayers, bidirectional=bidirectional, batch_first=True)
        self.bridges = nn.ModuleList(nn.Linear(width, hidden) for _ in range(parts))
        self.target_embedding = nn.Embedding(TARGET, embedded)
        first = embedded + (hidden if self.looks else 0)
        self.cells = nn.ModuleList(unit(hidden if layer else first, hidden) for layer in range(numLayers))
        if self.looks:
            self.attention = Additive(hidden, width) if attention == "additive" else Luong(attention, hidden, width)
            self.combine = nn.Linear(width + hidden, hidden, bias=False)
        self.output = nn.Linear(hidden, TARGET)

    def forward(self, source, target):
        seen = source != 0
        packed = pack_padded_sequence(
            self.source_embedding(source), seen.sum(1).tolist(), batch_first=True, enforce_sorted=False
        )
        encoded, last = self.encoder(packed)
        encoded, _ = pad_packed_sequence(encoded, batch_first=True, total_length=source.shape[1])
        last = last if isinstance(last, tuple) else (last,)
        states = []
        for layer in range(len(self.cells)):
            state = []
            for i, (ends, bridge) in enumerate(zip(last, self.bridges)):
                sides = ends.reshape(len(self.cells), -1, *ends.shape[1:])[layer]  # (directions, B, H)
                start = bridge(torch.cat(list(sides), 1))
                state.append(start if i else torch.tanh(start))
            states.append(state)
        features = torch.zeros_like(states[0][0])
        logits = []
        for tokens in target.T:
            x = self.target_embedding(tokens)
            if self.looks:
                x = torch.cat([x, features], 1)
            for layer, cell in enumerate(self.cells):
                after = cell(x, tuple(states[layer]) if len(states[layer]) > 1 else states[layer][0])
                states[layer] = list(after) if isinstance(after, tuple) else [after]
                x = states[layer][0]
            features = x
            if self.looks:
                weights = self.attention(x, encoded).masked_fill(~seen, -math.inf).softmax(1)
                context = (weights[:, :, None] * encoded).sum(1)
                features = torch.tanh(self.combine(torch.cat([context, x], 1)))
            logits.append(self.output(features))
        return torch.stack(logits, 1)


def sinusoids(length, dim):
    """sin and cos of t / 10000^(2i/d), in turn."""
    table = torch.zeros(length, dim, dtype=F64)
    for t in range(length):
        for i in range(0, dim, 2):
            angle = t / 10000 ** (i / dim)
            table[t, i], table[t, i + 1] = math.sin(angle), math.cos(angle)
    return table


class Transformer(nn.Module):
    def __init__(self, d, heads, **options):
        super().__init__()
        self.d = d
        self.source_embedding = nn.Embedding(SOURCE, d)
        self.target_embedding = nn.Embedding(TARGET, d)
        self.transformer = nn.Transformer(d, heads, dropout=0, batch_first=True, **options)
        self.output = nn.Linear(d, TARGET)

    def embed(self, embedding, tokens):
        x = embedding(tokens)
        return x * math.sqrt(self.d) + sinusoids(tokens.shape[1], self.d).to(x.dtype)

    def forward(self, source, target):
        padding = source == 0
        later = torch.ones(target.shape[1], target.shape[1], dtype=torch.bool).triu(1)
        made = self.transformer(
            self.embed(self.source_embedding, source),
            self.embed(self.target_embedding, target),
            tgt_mask=later,
            src_key_padding_mask=padding,
            memory_key_padding_mask=padding,
        )
        return self.output(made)


class Scaled(nn.Module):
    """With a number of the dtype that the case is of as the first input, since tokens have none."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, scale, source, target):
        return self.model(source, target) * scale


def record(r):
    source = torch.tensor([[2, 3, 4, 5], [4, 2, 0, 0], [5, 1, 1, 0]], dtype=torch.int32)
    target = torch.tensor([[1, 3, 4, 2, 6], [1, 5, 2, 0, 0], [1, 6, 0, 3, 3]], dtype=torch.int32)

    def case(op, make, options, dtype, tokens=(source, target), note=""):
        module_case(r, op, lambda: Scaled(make()), [r.normal(1, dtype=dtype), *tokens], options, note=note)

    for options, dtype in (
        ({}, F32),
        ({}, F64),
        ({"cell": "lstm", "attention": "additive", "numLayers": 2}, F64),
        ({"cell": "lstm", "attention": "dot", "bidirectional": False}, F64),
        ({"attention": "concat", "embeddingDim": 3}, F64),
        ({"attention": "none", "numLayers": 2, "bidirectional": False}, F64),
        ({"cell": "lstm", "attention": "none"}, F32),
    ):
        case("RecurrentEncoderDecoder", lambda: Recurrent(4, **options), {"hiddenSize": 4, **options}, dtype)
    one = (source[:1], target[:1, :1])
    case("RecurrentEncoderDecoder", lambda: Recurrent(4), {"hiddenSize": 4}, F64, one, "one token")

    names = {"numEncoderLayers": "num_encoder_layers", "numDecoderLayers": "num_decoder_layers"}
    names |= {"dimFeedforward": "dim_feedforward", "normFirst": "norm_first"}
    small = {"numEncoderLayers": 1, "numDecoderLayers": 1, "dimFeedforward": 6}
    for more, dtype in (({"normFirst": True}, F32), ({}, F64), ({"numDecoderLayers": 2, "normFirst": True}, F64)):
        options = {**small, **more}
        named = {"dModel": 4, "nhead": 2, **options, "dtype": "f32" if dtype == F32 else "f64"}  # the positions' too
        make = lambda: Transformer(4, 2, **{names[key]: value for key, value in options.items()})
        case("TransformerEncoderDecoder", make, named, dtype)
