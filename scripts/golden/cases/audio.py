"""Sound: Fourier transforms over time, windows, mel spectra, cepstra and other rates. What torchaudio has, by its formulas."""

import math

import numpy as np
import torch

F32, F64 = torch.float32, torch.float64
FLOATS = (F32, F64)
WINDOWS = {"hannWindow": torch.hann_window, "hammingWindow": torch.hamming_window, "blackmanWindow": torch.blackman_window}


def windows(r):
    for name, fn in WINDOWS.items():
        for size in (0, 1, 2, 5, 8):
            for periodic in (True, False):
                w = fn(size, periodic=periodic, dtype=F64)
                r.plain_case(name, [], [w], {"size": size, "periodic": periodic, "dtype": "f64"})
        r.plain_case(name, [], [fn(400, dtype=F64).float()], {"size": 400})
    w = torch.hamming_window(7, periodic=False, alpha=0.6, beta=0.3, dtype=F64)
    r.plain_case("hammingWindow", [], [w], {"size": 7, "periodic": False, "alpha": 0.6, "beta": 0.3, "dtype": "f64"})


STFT = (
    ((40,), 8, {}),
    ((2, 33), 8, {"hopLength": 3, "winLength": 5}),
    ((3, 30), 9, {"hopLength": 4, "normalized": True}),
    ((1, 30), 7, {"center": False, "onesided": False}),
    ((29,), 12, {"hopLength": 5, "padMode": "constant"}),
    ((2, 21), 10, {"padMode": "replicate", "winLength": 9, "normalized": True, "onesided": False}),
    ((17,), 16, {"padMode": "circular", "hopLength": 16}),
    ((16,), 16, {"center": False}),
    ((200,), 64, {"hopLength": 20}),
)


def stft(x, w, nfft, o):
    y = torch.stft(
        x,
        nfft,
        hop_length=o.get("hopLength"),
        win_length=o.get("winLength"),
        window=w,
        center=o.get("center", True),
        pad_mode=o.get("padMode", "reflect"),
        normalized=o.get("normalized", False),
        onesided=o.get("onesided", True),
        return_complex=True,
    )
    return torch.view_as_real(y)


def istft(y, w, nfft, o):
    return torch.istft(
        torch.view_as_complex(y.contiguous()),
        nfft,
        hop_length=o.get("hopLength"),
        win_length=o.get("winLength"),
        window=w,
        center=o.get("center", True),
        normalized=o.get("normalized", False),
        onesided=o.get("onesided", True),
        length=o.get("length"),
    )


def spectra(r):
    for dtype in FLOATS:
        for shape, nfft, options in STFT:
            size = options.get("winLength", nfft)
            x, w = r.normal(*shape, dtype=dtype), torch.hann_window(size, dtype=F64).to(dtype) + 0.25
            given = {"nFft": nfft, **options}
            r.case("stft", lambda x, w: stft(x, w, nfft, options), [x, w], given)
            if options.get("padMode") == "circular":
                continue
            back = {key: value for key, value in options.items() if key != "padMode"}
            z = r.normal(*stft(x, w, nfft, options).shape, dtype=dtype)  # not what any signal has
            for length in (None, shape[-1] - 5) if dtype == F64 else (shape[-1],):
                chosen = back | ({} if length is None else {"length": length})
                r.case("istft", lambda z, w: istft(z, w, nfft, chosen), [z, w], {"nFft": nfft, **chosen})
        r.case("stft", lambda x: stft(x, None, 8, {}), [r.normal(2, 20, dtype=dtype)], {"nFft": 8}, note="no window")
        z = r.normal(5, 6, 2, dtype=dtype)
        r.case("istft", lambda z: istft(z, None, 8, {}), [z], {"nFft": 8}, note="no window")
        r.case("istft", lambda z: istft(z, None, 8, {"length": 30}), [z], {"nFft": 8, "length": 30}, note="longer than known", grad=False)


# torchaudio's definitions, which Debian has no package of.


def to_mel(hz, scale):
    if scale == "htk":
        return 2595 * math.log10(1 + hz / 700)
    return 3 * hz / 200 if hz < 1000 else 15 + 27 * math.log(hz / 1000) / math.log(6.4)


def to_hz(mel, scale):
    if scale == "htk":
        return 700 * (10 ** (mel / 2595) - 1)
    return 200 * mel / 3 if mel < 15 else 1000 * math.exp(math.log(6.4) / 27 * (mel - 15))


def banks(n_freqs, f_min, f_max, n_mels, rate, scale="htk", norm=None):
    freqs = np.linspace(0, rate // 2, n_freqs)
    points = np.array([to_hz(m, scale) for m in np.linspace(to_mel(f_min, scale), to_mel(f_max, scale), n_mels + 2)])
    slopes = points[None, :] - freqs[:, None]
    gaps = np.diff(points)
    down, up = -slopes[:, :-2] / gaps[:-1], slopes[:, 2:] / gaps[1:]
    table = np.maximum(0, np.minimum(down, up))
    if norm == "slaney":
        table = table * (2 / (points[2:] - points[:-2]))[None, :]
    return torch.from_numpy(table)


def spectrogram(x, o):
    nfft = o.get("nFft", 400)
    size = o.get("winLength", nfft)
    w = WINDOWS[o.get("windowFn", "hannWindow")](size, dtype=F64).to(x.dtype)
    rows = x.reshape(-1, x.shape[-1])
    y = stft(rows, w, nfft, {"center": o.get("center", True), "hopLength": o.get("hopLength", size // 2), "winLength": size})
    if o.get("normalized"):
        y = y / w.pow(2).sum().sqrt()
    y = y.reshape(*x.shape[:-1], *y.shape[1:])
    power = o.get("power", 2)
    if power is None:
        return y
    square = y[..., 0] ** 2 + y[..., 1] ** 2
    return square if power == 2 else square ** (power / 2)


def mel(x, o):
    y = spectrogram(x, o)
    rate = o.get("sampleRate", 16000)
    top = o.get("fMax", rate // 2)
    table = banks(y.shape[-2], o.get("fMin", 0), top, o.get("nMels", 128), rate, o.get("melScale", "htk"), o.get("norm"))
    return torch.einsum("...ft,fm->...mt", y, table.to(x.dtype))


def decibels(x, o):
    factor = 20 if o.get("stype") == "magnitude" else 10
    y = factor * torch.log10(torch.clamp(x, min=o.get("amin", 1e-10)))
    if o.get("topDb") is None:
        return y
    packed = y.reshape(-1, y.shape[-3] if y.dim() > 2 else 1, y.shape[-2], y.shape[-1])
    return torch.max(packed, packed.amax(dim=(-3, -2, -1)).view(-1, 1, 1, 1) - o["topDb"]).reshape(x.shape)


def dct(n_mfcc, n_mels, ortho=True):
    n, k = np.arange(n_mels), np.arange(n_mfcc)[:, None]
    table = np.cos(np.pi / n_mels * (n + 0.5) * k)
    if ortho:
        table[0] /= np.sqrt(2)
        table *= np.sqrt(2 / n_mels)
    else:
        table *= 2
    return torch.from_numpy(table.T.copy())


def mfcc(x, o):
    y = mel(x, {**o["mel"], "sampleRate": o.get("sampleRate", 16000)})
    y = torch.log(y + 1e-6) if o.get("logMels") else decibels(y, {"topDb": 80})
    table = dct(o["nMfcc"], y.shape[-2], o.get("ortho", True)).to(x.dtype)
    return torch.einsum("...mt,mk->...kt", y, table)


def resample(x, before, after, width=6, rolloff=0.99):
    """Σ over all samples, one output at a time: no polyphase kernel."""
    divisor = math.gcd(before, after)
    before, after = before // divisor, after // divisor
    cutoff = min(before, after) * rolloff
    reach = math.ceil(width * before / cutoff)
    length = x.shape[-1]
    count = math.ceil(after * length / before)
    table = np.zeros((count, length))
    for j in range(count):
        block, phase = divmod(j, after)
        first = block * before
        # A kernel sees samples first − reach up to first + reach + before, and no others.
        for i in range(max(0, first - reach), min(length, first + reach + before)):
            t = np.clip(((i - first) / before - phase / after) * cutoff, -width, width)
            table[j, i] = np.sinc(t) * np.cos(np.pi * t / width / 2) ** 2 * cutoff / before
    return x @ torch.from_numpy(table).to(x.dtype).T


def formulas(r):
    r.reference = "torchaudio's formula, in NumPy and PyTorch"
    for options in (
        {},
        {"melScale": "slaney"},
        {"norm": "slaney"},
        {"melScale": "slaney", "norm": "slaney"},
    ):
        for sizes in ((9, 0, 4000, 4, 8000), (33, 50, 3000, 7, 8000), (5, 100, 500, 6, 11025), (65, 20, 8000, 12, 16000)):
            table = banks(*sizes, options.get("melScale", "htk"), options.get("norm"))
            r.plain_case("melscaleFbanks", [], [table], {"sizes": sizes, "dtype": "f64", **options})
    for ortho in (True, False):
        for sizes in ((3, 5), (4, 4), (1, 1)):
            r.plain_case("createDct", [], [dct(*sizes, ortho)], {"sizes": sizes, "ortho": ortho, "dtype": "f64"})
    for dtype in FLOATS:
        for shape, options in (
            ((30,), {"nFft": 8}),
            ((2, 30), {"nFft": 8, "power": 1, "normalized": True}),
            ((2, 1, 30), {"nFft": 9, "winLength": 6, "hopLength": 4, "power": None}),
            ((1, 25), {"nFft": 8, "windowFn": "hammingWindow", "power": 3, "center": False}),
        ):
            r.case("Spectrogram", lambda x: spectrogram(x, options), [r.normal(*shape, dtype=dtype)], options)
        for shape, options in (
            ((60,), {"nFft": 16, "nMels": 4, "sampleRate": 8000}),
            ((2, 40), {"nFft": 16, "nMels": 3, "fMin": 100, "fMax": 7000, "norm": "slaney", "melScale": "slaney"}),
            ((2, 2, 40), {"nFft": 16, "nMels": 3, "hopLength": 5, "power": 1}),
        ):
            r.case("MelSpectrogram", lambda x: mel(x, options), [r.normal(*shape, dtype=dtype)], options)
        for shape, options in (
            ((60,), {"nMfcc": 3, "sampleRate": 8000, "mel": {"nFft": 16, "nMels": 4}}),
            ((2, 40), {"nMfcc": 3, "ortho": False, "mel": {"nFft": 16, "nMels": 3}}),
            ((2, 2, 40), {"nMfcc": 2, "logMels": True, "mel": {"nFft": 16, "nMels": 3, "hopLength": 5}}),
        ):
            r.case("MFCC", lambda x: mfcc(x, options), [r.normal(*shape, dtype=dtype)], options)
        for shape, options in (
            ((3, 4), {}),
            ((2, 3, 4), {"topDb": 10}),
            ((2, 2, 3, 4), {"topDb": 6, "stype": "magnitude"}),
            ((2, 3), {"amin": 0.5, "stype": "magnitude"}),
        ):
            x = r.uniform(0.01, 9, *shape, dtype=dtype)
            r.case("amplitudeToDb", lambda x: decibels(x, options), [x], options)
        x = torch.zeros(2, 2, dtype=dtype)
        r.case("amplitudeToDb", lambda x: decibels(x, {}), [x], note="silence")
        for shape, before, after, options in (
            ((23,), 3, 2, {}),
            ((2, 16), 16000, 8000, {}),
            ((2, 1, 9), 8000, 11025, {"lowpassFilterWidth": 3, "rolloff": 0.9}),
            ((1, 7), 2, 5, {}),
            ((1,), 2, 3, {}),
        ):
            run = lambda x: resample(x, before, after, options.get("lowpassFilterWidth", 6), options.get("rolloff", 0.99))
            r.case("resample", run, [r.normal(*shape, dtype=dtype)], {"rates": [before, after], **options})
    r.reference = None


def record(r):
    windows(r)
    spectra(r)
    formulas(r)
