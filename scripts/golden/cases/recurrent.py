"""Recurrent cells and layers: stacked, in both directions, of several lengths; and how sequences are packed."""

import torch
from modules import module_case
from torch import nn
from torch.nn.utils.rnn import (
    PackedSequence,
    pack_padded_sequence,
    pack_sequence,
    pad_packed_sequence,
    pad_sequence,
)

F32, F64 = torch.float32, torch.float64
I, H, B, T = 3, 4, 3, 5

SNAKE = {
    "numLayers": "num_layers",
    "batchFirst": "batch_first",
    "projSize": "proj_size",
    "inputSize": "input_size",
    "hiddenSize": "hidden_size",
}


def snake(options):
    return {SNAKE.get(key, key): value for key, value in options.items()}


def flat(base):
    """The layer with the parts of its state as inputs and outputs of their own; `lengths` are packed and padded again."""

    class Flat(base):
        lengths = None

        def forward(self, x, *state):
            hx = (tuple(state) if base is nn.LSTM else state[0]) if state else None
            if self.lengths is None:
                y, last = super().forward(x, hx)
            else:
                how = {"batch_first": self.batch_first}
                packed = pack_padded_sequence(x, self.lengths, enforce_sorted=False, **how)
                y, last = super().forward(packed, hx)
                y, _ = pad_packed_sequence(y, total_length=x.shape[1 if self.batch_first else 0], **how)
            return (y, *last) if base is nn.LSTM else (y, last)

    return Flat


def layer(r, op, base, shape, dtype, options=None, lengths=None, packed=False, mask=False, state=False, note=""):
    options = options or {}
    known = {} if lengths is None else {"lengths": lengths, **({"packed": True} if packed else {}), **({"mask": True} if mask else {})}

    def make():
        module = flat(base)(I, H, **snake(options))
        module.lengths = lengths
        return module

    inputs = [r.normal(*shape, dtype=dtype)]
    if state:
        directions = options.get("numLayers", 1) * (2 if options.get("bidirectional") else 1)
        batch = shape[0 if options.get("batchFirst") else 1 : 1 if options.get("batchFirst") else 2] if len(shape) == 3 else ()
        for size in [options.get("projSize", H), H][: 2 if base is nn.LSTM else 1]:
            inputs.append(r.normal(directions, *batch, size, dtype=dtype, scale=0.5))
    module_case(r, op, make, inputs, {**options, **known}, note)


def layers(r):
    for op, base in (("RNN", nn.RNN), ("GRU", nn.GRU), ("LSTM", nn.LSTM)):
        for dtype in (F32, F64):
            layer(r, op, base, (T, B, I), dtype)
            layer(r, op, base, (T, B, I), dtype, {"numLayers": 2, "bidirectional": True}, lengths=[2, 5, 3], state=True)
        layer(r, op, base, (T, B, I), F64, {"numLayers": 3}, state=True)
        layer(r, op, base, (B, T, I), F64, {"batchFirst": True, "bidirectional": True}, state=True)
        layer(r, op, base, (T, B, I), F64, {"bias": False})
        layer(r, op, base, (T, I), F64, {"numLayers": 2, "bidirectional": True}, state=True, note="one sequence")
        layer(r, op, base, (T, 1, I), F32, note="a batch of one")
        layer(r, op, base, (1, B, I), F64, {"bidirectional": True}, note="one time")
        layer(r, op, base, (B, T, I), F64, {"batchFirst": True}, lengths=[4, 1, 5])
        layer(r, op, base, (T, B, I), F64, {"bidirectional": True}, lengths=[2, 4, 1], mask=True)
        layer(r, op, base, (T, B, I), F64, {"bidirectional": True}, lengths=[2, 5, 3], packed=True, state=True)
        layer(r, op, base, (B, T, I), F32, {"batchFirst": True, "numLayers": 2}, lengths=[5, 3, 2], packed=True)
    layer(r, "RNN", nn.RNN, (T, B, I), F64, {"nonlinearity": "relu", "numLayers": 2})
    for options in ({}, {"numLayers": 2, "bidirectional": True}, {"bias": False, "batchFirst": True}):
        layer(r, "LSTM", nn.LSTM, (T, B, I), F64, {"projSize": 2, **options}, state=True)
    layer(r, "LSTM", nn.LSTM, (T, B, I), F32, {"projSize": 2, "bidirectional": True}, lengths=[2, 5, 3])


def cells(r):
    class FlatLSTMCell(nn.LSTMCell):
        def forward(self, x, *state):
            return super().forward(x, state or None)

    for op, base, options in (
        ("RNNCell", nn.RNNCell, [{}, {"bias": False}, {"nonlinearity": "relu"}]),
        ("GRUCell", nn.GRUCell, [{}, {"bias": False}]),
        ("LSTMCell", FlatLSTMCell, [{}, {"bias": False}]),
    ):
        parts = 2 if op == "LSTMCell" else 1
        for chosen in options:
            for batch, dtype, given in (((B,), F32, True), ((B,), F64, True), ((), F64, True), ((B,), F64, False)):
                state = [r.normal(*batch, H, dtype=dtype) for _ in range(parts if given else 0)]
                make = lambda: base(I, H, **chosen)  # noqa: E731
                module_case(r, op, make, [r.normal(*batch, I, dtype=dtype), *state], chosen)


class Written(nn.Module):
    """A layer that PyTorch lacks, from its equations, one time and one sequence after another."""

    def __init__(self, gates, options, peepholes=False):
        super().__init__()
        self.layers = options.get("numLayers", 1)
        self.ends = ["", "_reverse"] if options.get("bidirectional") else [""]
        self.merge = options.get("merge", "concat")
        self.lengths = options.get("lengths")
        self.peepholes = peepholes
        for n in range(self.layers):
            for end in self.ends:
                size = I if n == 0 else H * (2 if len(self.ends) == 2 and self.merge == "concat" else 1)
                shapes = {"weight_ih": (gates * H, size), "weight_hh": (gates * H, H), "bias_ih": (gates * H,), "bias_hh": (gates * H,)}
                if peepholes:
                    shapes["weight_ch"] = (3, H)
                for name, shape in shapes.items():
                    setattr(self, f"{name}_l{n}{end}", nn.Parameter(torch.zeros(shape)))

    def forward(self, x):
        """(T, B, I)"""
        finals = [[] for _ in range(self.parts)]
        for n in range(self.layers):
            directions = []
            for end in self.ends:
                w = {k: getattr(self, f"{k}_l{n}{end}") for k in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
                w["weight_ch"] = getattr(self, f"weight_ch_l{n}{end}", None)
                columns, lasts = [], []
                for b in range(x.shape[1]):
                    length = self.lengths[b] if self.lengths else x.shape[0]
                    state = [x.new_zeros(H) for _ in range(self.parts)]
                    rows = [x.new_zeros(H)] * x.shape[0]
                    for t in range(length) if end == "" else reversed(range(length)):
                        state = self.next(w, x[t, b], state)
                        rows[t] = state[0]
                    columns.append(torch.stack(rows))
                    lasts.append(state)
                directions.append(torch.stack(columns, 1))
                for i in range(self.parts):
                    finals[i].append(torch.stack([state[i] for state in lasts]))
            if len(directions) == 1 or self.merge == "concat":
                x = torch.cat(directions, 2)
            else:
                x = (directions[0] + directions[1]) * (1 if self.merge == "sum" else 0.5)
        return (x, *(torch.stack(part) for part in finals))


class PeepholeLSTM(Written):
    """Gers, Schraudolph and Schmidhuber, 2002: i and f see the cell before, o the cell after."""

    parts = 2

    def next(self, w, x, state):
        h, c = state
        i, f, g, o = (w["weight_ih"] @ x + w["bias_ih"] + w["weight_hh"] @ h + w["bias_hh"]).split(H)
        pi, pf, po = w["weight_ch"] if self.peepholes else torch.zeros(3, H, dtype=x.dtype)
        after = torch.sigmoid(f + pf * c) * c + torch.sigmoid(i + pi * c) * torch.tanh(g)
        return [torch.sigmoid(o + po * after) * torch.tanh(after), after]


class ResetBeforeGRU(Written):
    """Cho et al., 2014: the state is reset before it is multiplied. Their z is 1 − z here, as in PyTorch."""

    parts = 1

    def next(self, w, x, state):
        [h] = state
        xr, xz, xn = (w["weight_ih"] @ x + w["bias_ih"]).split(H)
        (wr, wz, wn), (br, bz, bn) = w["weight_hh"].split(H), w["bias_hh"].split(H)
        r = torch.sigmoid(xr + wr @ h + br)
        z = torch.sigmoid(xz + wz @ h + bz)
        return [(1 - z) * torch.tanh(xn + wn @ (r * h) + bn) + z * h]


def written(r):
    r.reference = "Gers et al. 2002, in PyTorch"
    for dtype, options in ((F32, {}), (F64, {"numLayers": 2, "bidirectional": True}), (F64, {"lengths": [2, 5, 3]})):
        module_case(r, "LSTM", lambda: PeepholeLSTM(4, options, True), [r.normal(T, B, I, dtype=dtype)], {**options, "peepholes": True})
    r.reference = "Cho et al. 2014, in PyTorch"
    for dtype, options in ((F32, {}), (F64, {"numLayers": 2, "bidirectional": True}), (F64, {"lengths": [2, 5, 3]})):
        module_case(r, "GRU", lambda: ResetBeforeGRU(3, options), [r.normal(T, B, I, dtype=dtype)], {**options, "resetAfter": False})
    r.reference = "Schuster and Paliwal 1997, in PyTorch"
    for merge in ("sum", "average"):
        for dtype, options in ((F32, {}), (F64, {"numLayers": 2}), (F64, {"lengths": [2, 5, 3]})):
            options = {"bidirectional": True, "merge": merge, **options}
            module_case(r, "LSTM", lambda: PeepholeLSTM(4, options), [r.normal(T, B, I, dtype=dtype)], options)
            module_case(r, "GRU", lambda: ResetBeforeGRU(3, options), [r.normal(T, B, I, dtype=dtype)], {**options, "resetAfter": False})
    r.reference = None


def order(packed):
    """A PackedSequence as tensors."""
    batch = packed.batch_sizes[0].item()
    sorted_, unsorted = packed.sorted_indices, packed.unsorted_indices
    same = torch.arange(batch)
    return packed.data, packed.batch_sizes, same if sorted_ is None else sorted_, same if unsorted is None else unsorted


def packing(r):
    for batch_first, lengths, inner, dtype in (
        (False, [5, 3, 1], (2,), F32),
        (True, [5, 3, 1], (), F64),
        (False, [2, 4, 1], (2,), F64),
        (True, [2, 4, 1, 3], (2, 3), F32),
        (True, [3], (2,), F64),
    ):
        ordered = lengths == sorted(lengths, reverse=True)
        shape = (len(lengths), 5, *inner) if batch_first else (5, len(lengths), *inner)
        options = {"lengths": lengths, "batchFirst": batch_first, **({} if ordered else {"enforceSorted": False})}
        how = {"batch_first": batch_first, "enforce_sorted": ordered}
        r.case("packPaddedSequence", lambda x: order(pack_padded_sequence(x, lengths, **how)), [r.normal(*shape, dtype=dtype)], options)

        for padding, total in ((0, None), (-1.5, 6)):
            def there_and_back(x):
                packed = pack_padded_sequence(x, lengths, **how)
                doubled = PackedSequence(packed.data * 2, *packed[1:])
                return pad_packed_sequence(doubled, batch_first, padding, total)

            more = {**options, "paddingValue": padding, **({"totalLength": total} if total else {})}
            r.case("padPackedSequence", there_and_back, [r.normal(*shape, dtype=dtype)], more)

        sequences = [r.normal(n, *inner, dtype=dtype) for n in lengths]
        r.case("padSequence", lambda *xs: pad_sequence(xs, batch_first, 0.5), sequences, {"batchFirst": batch_first, "paddingValue": 0.5})
        r.case("packSequence", lambda *xs: order(pack_sequence(xs, ordered)), sequences, {} if ordered else {"enforceSorted": False})
        # torch.nn.utils.rnn.unpad_sequence came with PyTorch 2: each sequence up to its length
        rows = (lambda x: x) if batch_first else (lambda x: x.transpose(0, 1))
        options = {"lengths": lengths, "batchFirst": batch_first}
        r.case("unpadSequence", lambda x: tuple(row[:n] for row, n in zip(rows(x), lengths)), [r.normal(*shape, dtype=dtype)], options)


def record(r):
    layers(r)
    cells(r)
    written(r)
    packing(r)
