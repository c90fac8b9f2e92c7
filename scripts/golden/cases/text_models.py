"""Embedding bags against PyTorch's; classifiers of texts and a tagger against PyTorch's layers put together after the papers."""

import torch
import torch.nn.functional as F
from modules import module_case
from torch import nn

I32 = torch.int32


def bags(r):
    def one(index, weight, offsets=None, factors=None, note="", **options):
        def bag(*tensors):
            table = tensors[1]
            starts = tensors[2].long() if offsets is not None else None
            named = {"mode": "mean"} | options
            return F.embedding_bag(
                tensors[0].long(),
                table,
                starts,
                mode=named["mode"],
                per_sample_weights=tensors[-1] if factors is not None else None,
                include_last_offset=named.get("includeLastOffset", False),
                padding_idx=named.get("paddingIdx"),
            )

        inputs = [index, weight, *([] if offsets is None else [offsets]), *([] if factors is None else [factors])]
        r.case("embeddingBag", bag, inputs, options, note)

    for dtype in (torch.float32, torch.float64):
        table = r.normal(6, 3, dtype=dtype)
        for mode in ("mean", "sum", "max"):
            one(r.integers(0, 6, 4, 5), table, mode=mode)
            one(r.integers(0, 3, 4, 5), table, mode=mode, paddingIdx=1)
            one(torch.tensor([[2, 2, 2], [2, 4, 2]], dtype=I32), table, mode=mode, paddingIdx=2, note="empty bag")
            offsets = torch.tensor([0, 2, 2, 7], dtype=I32)
            one(r.integers(0, 6, 9), table, offsets, mode=mode, note="offsets, an empty bag")
            one(r.integers(0, 3, 9), table, offsets, mode=mode, paddingIdx=1, note="offsets")
            one(r.integers(0, 6, 7), table, offsets, mode=mode, includeLastOffset=True)
        one(r.integers(0, 6, 4, 5), table, factors=r.normal(4, 5, dtype=dtype), mode="sum")
        one(r.integers(0, 3, 9), table, offsets, r.normal(9, dtype=dtype), mode="sum", paddingIdx=1)


class BagClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.EmbeddingBag(7, 3, padding_idx=0)
        self.head = nn.Linear(3, 2)

    def forward(self, tokens):
        return self.head(self.embedding(tokens.long()))


class TextCNN(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.embedding = nn.Embedding(7, 3, padding_idx=0)
        self.convolutions = nn.ModuleList(nn.Conv1d(3, 4, width, padding="same") for width in widths)
        self.head = nn.Linear(4 * len(widths), 2)

    def forward(self, tokens):
        x = self.embedding(tokens.long()).transpose(1, 2)
        within = (tokens != 0)[:, None]
        return self.head(torch.cat([(conv(x).relu() * within).amax(2) for conv in self.convolutions], 1))


def read(lstm, x, tokens):
    """Outputs where tokens are, from packed sequences."""
    lengths = (tokens != 0).sum(1)
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    outputs, _ = nn.utils.rnn.pad_packed_sequence(lstm(packed)[0], batch_first=True, total_length=tokens.shape[1])
    return outputs, lengths


class LSTMClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(7, 3, padding_idx=0)
        self.lstm = nn.LSTM(3, 4, bidirectional=True, batch_first=True)
        self.head = nn.Linear(8, 2)

    def forward(self, tokens):
        outputs, lengths = read(self.lstm, self.embedding(tokens.long()), tokens)
        best = torch.stack([row[:n].amax(0) for row, n in zip(outputs, lengths)])
        return self.head(best)


class TransformerClassifier(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.embedding = nn.Embedding(7, 4, padding_idx=0)
        self.positions = nn.Embedding(8, 4)
        layer = nn.TransformerEncoderLayer(4, 2, 6, dropout=0.0, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, layers, nn.LayerNorm(4), enable_nested_tensor=False)
        self.head = nn.Linear(4, 2)

    def forward(self, tokens):
        padding = tokens == 0
        # An additive mask, for PyTorch 1.13's short cut in evaluation takes a boolean one only without gradients.
        hidden = torch.zeros(tokens.shape, dtype=self.head.weight.dtype).masked_fill(padding, -torch.inf)
        x = self.embedding(tokens.long()) + self.positions(torch.arange(tokens.shape[1]))
        for layer in self.encoder.layers:
            y = layer.norm1(x)
            x = x + layer.self_attn(y, y, y, key_padding_mask=hidden, need_weights=False)[0]
            x = x + layer.linear2(layer.linear1(layer.norm2(x)).relu())
        x = self.encoder.norm(x)
        return self.head(torch.stack([row[:n].mean(0) for row, n in zip(x, (~padding).sum(1))]))


class Tagger(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.words = nn.Embedding(7, 3, padding_idx=0)
        self.characters = nn.Embedding(5, 2, padding_idx=0)
        self.patterns = nn.Conv1d(2, 3, 3, padding=1)
        self.lstm = nn.LSTM(6, 4, layers, bidirectional=True, batch_first=True)
        self.head = nn.Linear(8, 3)

    def forward(self, words, characters):
        n, t, w = characters.shape
        flat = characters.reshape(n * t, w).long()
        fits = self.patterns(self.characters(flat).transpose(1, 2)).relu() * (flat != 0)[:, None]
        x = torch.cat([self.words(words.long()), fits.amax(2).reshape(n, t, -1)], 2)
        return self.head(read(self.lstm, x, words)[0])


def models(r):
    r.reference = "PyTorch's layers, put together after the papers"
    tokens = torch.tensor([[3, 1, 6, 2, 0, 0], [5, 2, 0, 0, 0, 0], [4, 4, 1, 2, 3, 6]], dtype=I32)
    for dtype in (torch.float32, torch.float64):
        for texts in (tokens, tokens[1:2, :2]):
            module_case(r, "BagClassifier", BagClassifier, [texts], dtype=dtype)
            module_case(r, "TextCNN", lambda: TextCNN([2, 3]), [texts], {"widths": [2, 3]}, dtype=dtype)
            module_case(r, "LSTMClassifier", LSTMClassifier, [texts], dtype=dtype)
            module_case(r, "TransformerClassifier", lambda: TransformerClassifier(1), [texts], {"numLayers": 1}, dtype=dtype)
        module_case(r, "TransformerClassifier", lambda: TransformerClassifier(2), [tokens], {"numLayers": 2}, dtype=dtype)
        characters = r.integers(1, 5, 3, 6, 4)
        characters[..., 3][r.integers(0, 2, 3, 6) == 0] = 0
        for layers in (1, 2):
            module_case(r, "Tagger", lambda: Tagger(layers), [tokens, characters], {"numLayers": layers}, dtype=dtype)
    r.reference = None


def record(r):
    bags(r)
    models(r)
