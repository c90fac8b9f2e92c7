"""Normalisation of channels, groups, instances and last dimensions, with masks; running statistics; weights."""

import torch
import torch.nn.functional as F
from torch.nn.utils.parametrizations import _SpectralNorm

TORCH = 2

F32, F64 = torch.float32, torch.float64
FLOATS = (F32, F64)
INF, NAN = float("inf"), float("nan")


def masked(normalize, x, mask):
    """What `normalize` makes of the positions (values, C) that the mask (N, …) keeps; 0 elsewhere."""
    rows = x.movedim(1, -1)
    return torch.zeros_like(rows).masked_scatter(mask.unsqueeze(-1), normalize(rows[mask])).movedim(-1, 1)


def some(r, *shape):
    """A mask that keeps at least two positions of every example."""
    mask = r.integers(0, 2, *shape).bool()
    mask[..., 0] = True
    mask[..., -1] = True
    return mask


def affine_of(r, shape, dtype):
    return [r.uniform(0.5, 2, *shape, dtype=dtype), r.normal(*shape, dtype=dtype)]


def batch(r):
    for dtype in FLOATS:
        for shape in [(5, 3), (3, 2, 4), (2, 3, 2, 3)]:
            c = shape[1]
            for training in (True, False):
                mask = some(r, shape[0], *shape[2:])
                x = r.normal(*shape, dtype=dtype) * 2 + 1
                statistics = [r.normal(c, dtype=dtype), r.uniform(0.5, 2, c, dtype=dtype)]
                options = {"training": training, "momentum": 0.3, "eps": 1e-4}

                def f(x, mask, mean, var, w, b):
                    mean, var = mean.clone(), var.clone()
                    y = masked(lambda rows: F.batch_norm(rows, mean, var, w, b, training, 0.3, 1e-4), x, mask)
                    return y, mean, var

                inputs = [x, mask, *statistics, *affine_of(r, (c,), dtype)]
                r.case("batchNorm", f, inputs, options, note="masked", grad=[0, 4, 5])
                wild = x.clone()
                wild.movedim(1, -1)[~mask] = NAN
                r.case("batchNorm", f, [wild, *inputs[1:]], options, note="NaN where the mask is false", grad=[0, 4, 5])
        for shape in [(0, 3), (0, 3, 4), (2, 3, 0)]:
            inputs = [torch.zeros(shape, dtype=dtype), r.normal(3, dtype=dtype), r.uniform(0.5, 2, 3, dtype=dtype)]
            for training in (True, False):

                def f(x, mean, var):
                    return F.batch_norm(x, mean, var, None, None, training, 0.1, 1e-5), mean, var

                options = {"training": training, "momentum": 0.1, "eps": 1e-5}
                r.case("batchNorm", f, inputs, options, note="empty", grad=False)
        one = [r.normal(1, 3, dtype=dtype), r.normal(3, dtype=dtype), r.uniform(0.5, 2, 3, dtype=dtype)]
        r.case(
            "batchNorm",
            lambda x, mean, var: (F.batch_norm(x, mean, var, None, None, False, 0.1, 1e-5), mean, var),
            one,
            {"training": False, "momentum": 0.1, "eps": 1e-5},
            note="a batch of one in evaluation",
            grad=[0],
        )
        r.reference = "Keras' BatchNormalization, in PyTorch's tensors"
        for shape in [(4, 3), (1, 3), (2, 3, 4), (2, 2, 2, 3)]:
            c = shape[1]
            for momentum, eps in ((0.99, 1e-3), (0.8, 1e-5)):

                def f(x, mean, var, w, b):
                    rows = x.movedim(1, -1).flatten(0, -2)
                    m, v = rows.mean(0), rows.pow(2).mean(0) - rows.mean(0) ** 2
                    y = ((rows - m) / torch.sqrt(v + eps) * w + b).reshape(x.movedim(1, -1).shape).movedim(-1, 1)
                    keep = lambda old, new: momentum * old + (1 - momentum) * new.detach()
                    return y, keep(mean, m), keep(var, v)

                inputs = [r.normal(*shape, dtype=F64), r.normal(c, dtype=F64), r.uniform(0.5, 2, c, dtype=F64)]
                inputs = [x.to(dtype) for x in [*inputs, *affine_of(r, (c,), F64)]]
                options = {"training": True, "momentum": momentum, "eps": eps, "form": "keras"}
                r.case("batchNorm", f, inputs, options, grad=[0, 3, 4])
        r.reference = None
    for shape in [(4, 2), (3, 2, 3)]:
        mask = some(r, shape[0], *shape[2:])

        def f(x, mask, w, b):
            return masked(lambda rows: F.batch_norm(rows, None, None, w, b, True, 0.1, 1e-5), x, mask)

        inputs = [r.normal(*shape, dtype=F64), mask, *affine_of(r, (2,), F64)]
        r.second("batchNorm", f, inputs, {"training": True, "eps": 1e-5}, squared=True)


def layer(r):
    for dtype in FLOATS:
        for shape, normalized in (((0, 4), [4]), ((2, 0, 3), [3]), ((0, 2, 3), [2, 3])):
            r.case(
                "layerNorm",
                lambda x: F.layer_norm(x, normalized),
                [torch.zeros(shape, dtype=dtype)],
                {"normalizedShape": normalized},
                note="empty",
                grad=False,
            )
        wild = r.normal(4, 5, dtype=dtype)
        wild[0, 1], wild[1, 2], wild[2, 3] = NAN, INF, -INF
        r.case("layerNorm", lambda x: F.layer_norm(x, [5]), [wild], {"normalizedShape": [5]}, note="NaN, infinities")
        large = torch.tensor([[1e30, -1e30, 0, 1e30]], dtype=F64)
        r.case("layerNorm", lambda x: F.layer_norm(x, [4]), [large], {"normalizedShape": [4]}, note="1e30")


GROUPS = [((2, 4, 3), 2), ((1, 6), 2), ((3, 4), 1), ((2, 3, 4), 3), ((2, 6, 2, 2), 3), ((1, 2, 2, 2, 2), 2), ((2, 4), 4)]


def group(r):
    for dtype in FLOATS:
        for shape, groups in GROUPS:
            for eps in (1e-5, 1e-2):
                for affine in (True, False):
                    inputs = [r.normal(*shape, dtype=dtype) * 2 - 1]
                    inputs += affine_of(r, (shape[1],), dtype) if affine else []
                    r.case(
                        "groupNorm",
                        lambda x, w=None, b=None: F.group_norm(x, groups, w, b, eps),
                        inputs,
                        {"numGroups": groups, "eps": eps},
                    )
        for shape, groups in [((2, 4, 5), 2), ((3, 2, 4), 1), ((2, 3, 2, 3), 3)]:
            mask = some(r, shape[0], *shape[2:])
            x = r.normal(*shape, dtype=dtype)
            x.movedim(1, -1)[~mask] = NAN

            def f(x, mask, w, b):
                one = lambda rows: F.group_norm(rows.t().unsqueeze(0), groups, w, b)[0].t()
                return torch.cat([masked(one, x[i : i + 1], mask[i : i + 1]) for i in range(shape[0])])

            r.case("groupNorm", f, [x, mask, *affine_of(r, (shape[1],), dtype)], {"numGroups": groups}, note="masked")
        empty = torch.zeros(0, 4, 3, dtype=dtype)
        r.case("groupNorm", lambda x: F.group_norm(x, 2), [empty], {"numGroups": 2}, note="empty", grad=False)
        wild = r.normal(3, 4, 2, dtype=dtype)
        wild[0, 1, 0], wild[1, 2, 1] = NAN, INF
        r.case("groupNorm", lambda x: F.group_norm(x, 2), [wild], {"numGroups": 2}, note="NaN, infinity")
    large = r.normal(2, 4, 2, dtype=F64) * 1e30
    r.case("groupNorm", lambda x: F.group_norm(x, 2), [large], {"numGroups": 2}, note="1e30")
    for shape, groups in GROUPS[:3]:
        inputs = [r.normal(*shape, dtype=F64), *affine_of(r, (shape[1],), F64)]
        f = lambda x, w, b: F.group_norm(x, groups, w, b)
        r.second("groupNorm", f, inputs, {"numGroups": groups}, squared=True)


def instance(r):
    for dtype in FLOATS:
        for shape in [(2, 3, 4), (1, 2, 5), (2, 2, 2, 3), (1, 2, 2, 2, 2)]:
            c = shape[1]
            for affine in (True, False):
                for momentum, eps in ((0.1, 1e-5), (0.4, 1e-2)):
                    for use_input in (True, False):

                        def f(x, mean, var, w=None, b=None):
                            mean, var = mean.clone(), var.clone()
                            return F.instance_norm(x, mean, var, w, b, use_input, momentum, eps), mean, var

                        inputs = [r.normal(*shape, dtype=dtype) * 2 + 1]
                        inputs += [r.normal(c, dtype=dtype), r.uniform(0.5, 2, c, dtype=dtype)]
                        inputs += affine_of(r, (c,), dtype) if affine else []
                        options = {"useInputStats": use_input, "momentum": momentum, "eps": eps}
                        r.case("instanceNorm", f, inputs, options, grad=[0, 3, 4][: 3 if affine else 1])
            x = r.normal(*shape, dtype=dtype)
            r.case("instanceNorm", lambda x: F.instance_norm(x), [x], note="without statistics")
        for shape in [(2, 3, 5), (2, 2, 2, 3)]:
            mask = some(r, shape[0], *shape[2:])
            x = r.normal(*shape, dtype=dtype)
            x.movedim(1, -1)[~mask] = NAN

            def f(x, mask, mean, var, w, b):
                mean, var = mean.clone(), var.clone()
                seen = []

                def one(rows):
                    m, v = torch.zeros(shape[1], dtype=rows.dtype), torch.zeros(shape[1], dtype=rows.dtype)
                    y = F.instance_norm(rows.t().unsqueeze(0), m, v, w, b, True, 1.0)[0].t()
                    seen.append((m, v))
                    return y

                y = torch.cat([masked(one, x[i : i + 1], mask[i : i + 1]) for i in range(shape[0])])
                blend = lambda old, k: 0.9 * old + 0.1 * torch.stack([s[k] for s in seen]).mean(0)
                return y, blend(mean, 0), blend(var, 1)

            inputs = [x, mask, r.normal(shape[1], dtype=dtype), r.uniform(0.5, 2, shape[1], dtype=dtype)]
            inputs += affine_of(r, (shape[1],), dtype)
            r.case("instanceNorm", f, inputs, {"momentum": 0.1}, note="masked", grad=[0, 4, 5])
        empty = torch.zeros(0, 4, 3, dtype=dtype)
        r.case("instanceNorm", lambda x: F.instance_norm(x), [empty], note="empty", grad=False)
        wild = r.normal(2, 2, 4, dtype=dtype)
        wild[0, 1, 0], wild[1, 0, 1] = NAN, -INF
        r.case("instanceNorm", lambda x: F.instance_norm(x), [wild], note="NaN, infinity")
    large = r.normal(2, 2, 3, dtype=F64) * 1e30
    r.case("instanceNorm", lambda x: F.instance_norm(x), [large], note="1e30")
    for shape in [(2, 2, 3), (1, 2, 2, 2)]:
        inputs = [r.normal(*shape, dtype=F64), *affine_of(r, (2,), F64)]
        r.second("instanceNorm", lambda x, w, b: F.instance_norm(x, None, None, w, b), inputs, squared=True)


def rms(r):
    for dtype in FLOATS:
        for shape, normalized in [((4, 6), [6]), ((2, 3, 5), [5]), ((2, 3, 5), [3, 5]), ((7,), [7]), ((3, 40), [40]), ((1, 1), [1])]:
            for affine in (True, False):
                for eps in (None, 1e-5, 1e-2):
                    inputs = [r.normal(*shape, dtype=dtype) * 2 - 1]
                    inputs += [r.normal(*normalized, dtype=dtype)] if affine else []
                    options = {"normalizedShape": normalized} if eps is None else {"normalizedShape": normalized, "eps": eps}
                    # A default epsilon is that of the case's dtype, also where float64 checks float32.
                    at = torch.finfo(dtype).eps if eps is None else eps
                    r.case("rmsNorm", lambda x, w=None: F.rms_norm(x, normalized, w, at), inputs, options)
        zero = torch.zeros(2, 3, dtype=dtype)
        r.case("rmsNorm", lambda x: F.rms_norm(x, [3], None, torch.finfo(dtype).eps), [zero], {"normalizedShape": [3]}, note="zeros")
        empty = torch.zeros(0, 3, dtype=dtype)
        r.case("rmsNorm", lambda x: F.rms_norm(x, [3]), [empty], {"normalizedShape": [3]}, note="empty", grad=False)
        wild = r.normal(3, 4, dtype=dtype)
        wild[0, 1], wild[1, 2] = NAN, INF
        r.case("rmsNorm", lambda x: F.rms_norm(x, [4]), [wild], {"normalizedShape": [4]}, note="NaN, infinity")
    large = r.normal(2, 4, dtype=F64) * 1e30
    r.case("rmsNorm", lambda x: F.rms_norm(x, [4]), [large], {"normalizedShape": [4]}, note="1e30")
    for shape, normalized in [((3, 4), [4]), ((2, 2, 3), [2, 3])]:
        inputs = [r.normal(*shape, dtype=F64), r.normal(*normalized, dtype=F64)]
        options = {"normalizedShape": normalized, "eps": 1e-5}
        r.second("rmsNorm", lambda x, w: F.rms_norm(x, normalized, w, 1e-5), inputs, options, squared=True)


def local_response(r):
    for dtype in FLOATS:
        for shape in [(2, 5, 3), (1, 7, 2, 2), (2, 3, 2, 1, 2), (1, 1, 4)]:
            for size in (1, 2, 3, 4, 5):
                options = [{}, {"alpha": 0.5, "beta": 0.5, "k": 2}][size % 2]
                r.case(
                    "localResponseNorm",
                    lambda x: F.local_response_norm(x, size, **options),
                    [r.normal(*shape, dtype=dtype) * 2],
                    {"size": size, **options},
                )
        empty = torch.zeros(0, 4, 3, dtype=dtype)
        r.case("localResponseNorm", lambda x: F.local_response_norm(x, 3), [empty], {"size": 3}, note="empty", grad=False)
        zero = torch.zeros(1, 4, 3, dtype=dtype)
        r.case("localResponseNorm", lambda x: F.local_response_norm(x, 3), [zero], {"size": 3}, note="zeros")
        wild = r.normal(2, 4, 2, dtype=dtype)
        wild[0, 1, 0], wild[1, 2, 1] = NAN, NAN
        r.case("localResponseNorm", lambda x: F.local_response_norm(x, 3), [wild], {"size": 3}, note="NaN")
        r.reference = "Krizhevsky et al. 2012, in PyTorch's tensors"
        for size, alpha, beta, k in ((5, 1e-4, 0.75, 2), (3, 0.5, 0.75, 1), (1, 0.3, 0.5, 1)):

            def f(a):
                n = a.shape[1]
                rows = []
                for i in range(n):
                    total = sum(a[:, j] ** 2 for j in range(max(0, i - size // 2), min(n - 1, i + size // 2) + 1))
                    rows.append(a[:, i] / (k + alpha * total) ** beta)
                return torch.stack(rows, 1)

            options = {"size": size, "alpha": alpha, "beta": beta, "k": k, "form": "sum"}
            r.case("localResponseNorm", f, [r.normal(2, 6, 3, dtype=dtype) * 2], options)
        r.reference = None
    large = r.normal(1, 4, 2, dtype=F64) * 1e30
    r.case("localResponseNorm", lambda x: F.local_response_norm(x, 3), [large], {"size": 3}, note="1e30")
    for size in (2, 3):
        f = lambda x: F.local_response_norm(x, size, 0.5)
        r.second("localResponseNorm", f, [r.normal(2, 4, 2, dtype=F64)], {"size": size, "alpha": 0.5})


def normalize(r):
    for dtype in FLOATS:
        for shape, dim in [((3, 4), 1), ((2, 3, 2), 1), ((2, 3, 2), -1), ((3, 4), 0)]:
            for p in (1.0, 2.0, 3.0, INF):
                for eps in (1e-12, 1.5):
                    x = r.distinct(*shape, dtype=dtype) * 0.1 + 0.03
                    f = lambda x: F.normalize(x, p, dim, eps)
                    r.case("normalize", f, [x], {"p": p, "dim": dim, "eps": eps})
        zero = torch.zeros(2, 3, dtype=dtype)
        zero[0] = 1
        r.case("normalize", lambda x: F.normalize(x), [zero], note="a row of zeros")
        r.case("normalize", lambda x: F.normalize(x), [torch.zeros(0, 3, dtype=dtype)], note="empty", grad=False)
        wild = r.normal(3, 3, dtype=dtype)
        wild[0, 1], wild[1, 2] = NAN, INF
        r.case("normalize", lambda x: F.normalize(x), [wild], note="NaN, infinity")
    r.case("normalize", lambda x: F.normalize(x), [r.normal(2, 3, dtype=F64) * 1e30], note="1e30")
    for p in (2.0, 3.0):
        r.second("normalize", lambda x: F.normalize(x, p), [r.normal(3, 3, dtype=F64)], {"p": p})


def steps(module):
    """Outputs of batches one after the other, of the first in evaluation, and what is kept: all of a fresh module."""

    def run(batches):
        layer = module().to(batches.dtype)
        seen = torch.stack([layer(x) for x in batches])
        layer.eval()
        kept = [] if layer.running_mean is None else [layer.running_mean.clone(), layer.running_var.clone()]
        return (seen, layer(batches[0]), *kept)

    return run


def running(r):
    sizes = {1: [(4, 3), (2, 3, 4)], 2: [(2, 3, 2, 2)], 3: [(2, 2, 2, 1, 2)]}
    for dtype in FLOATS:
        for d, shapes in sizes.items():
            for shape in shapes:
                for options in ({}, {"momentum": 0.4, "eps": 1e-3}, {"momentum": None}, {"trackRunningStats": False}):
                    snake = {"track_running_stats" if k == "trackRunningStats" else k: v for k, v in options.items()}
                    make = lambda: getattr(torch.nn, f"BatchNorm{d}d")(shape[1], **snake)
                    r.case(f"BatchNorm{d}d", steps(make), [r.normal(5, *shape, dtype=dtype) * 2 + 1], options)
                for options in ({}, {"trackRunningStats": True}, {"trackRunningStats": True, "momentum": 0.4}):
                    if len(shape) == 2:
                        continue
                    snake = {"track_running_stats" if k == "trackRunningStats" else k: v for k, v in options.items()}
                    make = lambda: getattr(torch.nn, f"InstanceNorm{d}d")(shape[1], **snake)
                    r.case(f"InstanceNorm{d}d", steps(make), [r.normal(5, *shape, dtype=dtype) * 2 + 1], options)


def weights(r):
    for dtype in FLOATS:
        for shape in [(3, 4), (2, 3, 2), (2, 2, 2, 3), (4,)]:
            for dim in (0, len(shape) - 1, -1, None):
                v = r.normal(*shape, dtype=dtype)
                at = -1 if dim is None else dim % len(shape)
                g = torch.norm_except_dim(v, 2, at) * r.uniform(0.5, 2, 1, dtype=dtype)[0]
                # torch._weight_norm takes −1 for all dimensions together
                r.case("weightNorm", lambda g, v: torch._weight_norm(v, g, at), [g, v], {"dim": dim})
        for shape, dim in [((3, 4), 0), ((4, 3), 1), ((2, 3, 2), 0), ((2, 3, 2), 1), ((3, 2, 2, 2), 0), ((5,), 0)]:
            for iterations, eps in ((1, 1e-12), (4, 1e-12), (1, 1e-2)):
                for training in (True, False):
                    rows = shape[dim]
                    weight = r.normal(*shape, dtype=dtype)
                    u = F.normalize(r.normal(rows, dtype=dtype), dim=0)
                    v = F.normalize(r.normal(weight.numel() // rows, dtype=dtype), dim=0)

                    def f(weight, u, v):
                        norm = _SpectralNorm(weight, iterations, dim, eps).train(training)
                        if weight.ndim < 2:
                            return norm(weight), u, v
                        norm._u.data, norm._v.data = u.clone(), v.clone()
                        return norm(weight), norm._u.clone(), norm._v.clone()

                    options = {"nPowerIterations": iterations, "dim": dim, "eps": eps, "training": training}
                    r.case("spectralNorm", f, [weight, u, v], options, grad=[0])
    for shape, dim in [((3, 2), 0), ((2, 2, 2), 1)]:
        v = r.normal(*shape, dtype=F64)
        g = torch.norm_except_dim(v, 2, dim)
        r.second("weightNorm", lambda g, v: v * (g / torch.norm_except_dim(v, 2, dim)), [g, v], {"dim": dim})


def record(r):
    for part in (batch, layer, group, instance, rms, local_response, normalize, running, weights):
        part(r)
