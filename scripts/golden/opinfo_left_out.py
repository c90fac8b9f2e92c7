"""What of PyTorch's samples chainrule leaves out on purpose, and why."""

import torch

# Operators that only a newer PyTorch has.
NEWER = {"nn.functional.scaled_dot_product_attention", "nn.functional.rms_norm", "nn.functional.conv3d"}

# Why chainrule lacks operators, by a pattern of their names.
LACKING = {
    "complex numbers": r"complex|view_as_complex|view_as_real|real|imag|angle|polar|conj.*|resolve_.*|isreal|H|mH"
    r"|fft\..*|stft|istft|chalf",
    "dtypes that chainrule lacks": r"half|bfloat16|char|short",
    "CUDA only": r"jiterator.*",
    "random: the numbers have no reference": r"bernoulli|uniform|normal|multinomial|rand.*|nn\.functional\..*dropout.*"
    r"|nn\.functional\.rrelu|nn\.functional\.fractional_max_pool.*|empty.*|new_empty.*",
    "sparse tensors": r"sparse.*|to_sparse",
    "strides and memory, which tensors do not show": r"as_strided.*|contiguous|resize_.*|new_empty_strided",
    "counted in floats, over a range that the numbers give": r"histc|histogram.*",
    "an internal function": r"nn\.functional\._.*|native_.*",
    "in place, while tensors never change": r"zero_|fill",
    "masked reductions, a prototype in PyTorch": r"masked\..*",
    "decompositions and solvers": r"linalg\.(?!vector_norm).*|lu.*|cholesky.*|qr|svd.*|pca.*|geqrf|ormqr|symeig|pinverse"
    r"|triangular_solve|logdet|matrix_exp",
    "special functions": r"special\..*|i0|igamma.*|polygamma|mvlgamma|digamma|lgamma|nextafter|frexp",
}

# Cases in which rounding dominates: PyTorch's own float32 misses its float64 result by as much as chainrule's does.
ROUNDING = {
    '__rdiv__ f32(10,1,5) f32(10,5) args=["@0","@1"] kwargs={} #2',
    'erfinv f32(20,20) args=["@0"] kwargs={}',
    'erfinv f32(812) args=["@0"] kwargs={}',
    'erfinv f32(1026) args=["@0"] kwargs={}',
    'nn.functional.conv2d f32(4,6,6) f32(8,1,3,3) args=["@0","@1",null] kwargs={"groups":4}',
    'nn.functional.conv2d f32(1,4,5,5) f32(3,4,3,3) args=["@0","@1",null] kwargs={}',
    'nn.functional.conv_transpose2d f32(1,4,5,5) f32(4,8,3,3) args=["@0","@1",null] kwargs={}',
    'nn.functional.conv_transpose2d f32(4,5,5) f32(4,8,3,3) args=["@0","@1",null] kwargs={}',
    'nn.functional.conv_transpose3d f32(1,3,4,4,4) f32(3,3,3,3,3) f32(3) args=["@0","@1","@2"]'
    ' kwargs={"stride":[2,2,2],"padding":2,"output_padding":[1,1,1],"groups":1}',
    'nn.functional.conv_transpose3d f32(3,4,4,4) f32(3,3,3,3,3) f32(3) args=["@0","@1","@2"]'
    ' kwargs={"stride":[2,2,2],"padding":2,"output_padding":[1,1,1],"groups":1}',
    'bmm f32(10,5,10) f32(10,10,5) args=["@0","@1"] kwargs={}',
    'logsumexp f32(5,5) args=["@0",[0,1],false] kwargs={} #2',
    'round.decimals_3 f32(1026) args=["@0"] kwargs={"decimals":3}',
    'pow f32(10,1,5) f32(1,10,5) args=["@0","@1"] kwargs={}',
    'pow f32(256) f32(256) args=["@0","@1"] kwargs={}',
    'pow f32(10,1,5) f32(10,5) args=["@0","@1"] kwargs={} #2',
    'pow f32(256) f32(256) args=["@0","@1"] kwargs={} #2',
    'ldexp f32(10,1,5) f32(1,10,5) args=["@0","@1"] kwargs={} #2',
    'logcumsumexp f32(5,5,5) args=["@0",1] kwargs={}',
    'sinc f32(256) args=["@0"] kwargs={}',
    'sinc f32(256) args=["@0"] kwargs={} #2',
}

# What PyTorch gives as derivatives of NaN: a number here, NaN there.
AT_NAN = ("clamp_max", "clamp_min", "celu", "elu", "selu", "hardsigmoid")
# Whose limits at infinity PyTorch's formula turns into NaN.
AT_INFINITY = ("mish", "silu", "softsign")
# Losses of a target of the input's shape.
ALIKE = ("gaussian_nll_loss", "hinge_embedding_loss", "l1_loss", "margin_ranking_loss", "mse_loss", "smooth_l1_loss")

OF_INTEGERS = (torch.int32, torch.int64, torch.uint8)


def tensors_of(value):
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [x for item in value for x in tensors_of(item)] if isinstance(value, (list, tuple)) else []


def differs(op, sample, dtype):
    """The reason for which this sample is no case; None if it is one."""
    x, args, kwargs = sample.input, sample.args, sample.kwargs
    everything = tensors_of([x, args, kwargs])
    name = op.name
    asked = kwargs.get("dtype")
    if not everything and name in ("add", "sub", "mul", "div", "true_divide", "floor_divide", "pow"):
        return "numbers only: JavaScript's have no dtype to promote"
    if name == "where" and len(everything) == 1:
        return "numbers only: JavaScript's have no dtype to promote"
    if name in ("all", "any") and dtype == torch.uint8:
        return "of uint8 PyTorch gives uint8, chainrule bool as of every dtype"
    if name == "arange" and asked is None:
        return "without a dtype PyTorch looks whether Python's numbers are whole; chainrule gives f32"
    if name in ("arange", "linspace", "logspace") and asked in OF_INTEGERS:
        if name == "linspace" or not all(float(v).is_integer() for v in [x, *args]):
            return "PyTorch rounds ends and steps to integers before it steps; chainrule rounds the elements"
    if name in ("byte", "int", "long") and dtype == torch.float32:
        if not bool((x.abs() < (2**31 if name != "byte" else 2**8)).all()):
            return "a float beyond the integer dtype, of which C leaves open what comes: chainrule saturates"
    if name == "cat" and any(y.shape == (0,) for y in everything) and any(y.ndim > 1 for y in everything):
        return "an empty vector between matrices, which PyTorch skips for compatibility with its past"
    if name == "acosh" and dtype == torch.float32 and bool((x < -1).any()):
        return "below −1 acosh is NaN, and so is chainrule's derivative; PyTorch gives one"
    if name == "tan" and dtype == torch.float32 and bool((x.abs() > 1e6).any()):
        return "beyond 10⁶ turns chainrule's float32 sine of an angle counts as sin 0"
    if name == "narrow" and tensors_of(args):
        return "a tensor as a position: chainrule takes numbers"
    if name == "nn.functional.batch_norm" and x.ndim < 2:
        return "an input without channels"
    if "pool" in name and any(isinstance(v, (list, tuple)) and len(v) == 1 for v in args) and "1d" not in name:
        return "a list of one number for two dimensions"
    if kwargs.get("dropout_p"):
        return "dropout: the numbers have no reference"
    function = name.removeprefix("nn.functional.")
    if function in AT_NAN and dtype == torch.float32 and any(bool(y.isnan().any()) for y in everything):
        return "the derivative at NaN, which is NaN in chainrule or goes on beside it"
    if function in AT_INFINITY and dtype == torch.float32 and bool(x.isinf().any()):
        return "±∞, where chainrule gives the limit and PyTorch NaN"
    if function in ALIKE and any(y.shape != x.shape for y in tensors_of(args[:1])):
        return "a target of another shape: chainrule throws instead of broadcasting"
    if function in ("multi_margin_loss", "multilabel_margin_loss") and (x.ndim == 0 or args[0].shape == (1,)):
        return "a number, or a target (1) for one input: chainrule takes a target () there"
    if name in ("cov", "corrcoef") and dtype != torch.float32:
        return "covariances of integers"
    if name in ("kthvalue", "topk") and dtype != torch.float32:
        return "which of equal elements comes first, which PyTorch leaves open"
    if name == "nn.functional.softmin" and dtype == torch.uint8:
        return "of uint8 PyTorch negates around 0: chainrule converts first"
    if name in ("addmm", "addmv", "addbmm", "baddbmm", "addr", "addcmul") and dtype != torch.float32:
        if any(isinstance(v, float) for v in kwargs.values()) or (dtype == torch.bool and kwargs):
            return "fractional factors of integers, which PyTorch cuts, and factors of bools"
    if function in ("cdist", "pdist") and 0 in (kwargs.get("p"), *(v for v in args if not isinstance(v, torch.Tensor))):
        return "a count of differences, of which PyTorch has a derivative of zeros and chainrule none"
    if function == "grid_sample" and kwargs.get("mode") == "nearest":
        return "the nearest element, of which PyTorch has a derivative of zeros by the grid and chainrule none"
    if name == "copysign" and dtype == torch.float32 and bool(x.isinf().any()):
        return "±∞, where chainrule gives the limit and PyTorch NaN"
    if name == "aminmax" and x.ndim == 0 and kwargs.get("keepdim"):
        return "a dimension that is kept where there was none"
    if name == "mT" and x.ndim < 2:
        return "a number: chainrule's mT takes matrices, as newer PyTorch does"
    if name == "mode" and x.numel() > 1000:
        return "which of many equal elements the index names, which PyTorch leaves open"
    if name == "put" and args[0].numel() == 0:
        return "nothing that is written"
    if name == "sum_to_size" and x.ndim == 0 and dtype in (torch.uint8, torch.bool):
        return "of nothing to sum PyTorch makes int64"
    if name in ("quantile", "nanquantile") and not kwargs and any(y.requires_grad for y in tensors_of(args)):
        return "derivatives by the q of a quantile"
    if name == "repeat_interleave" and tensors_of([args, kwargs]):
        return "sizes that a tensor's numbers give"
    if name == "scatter" and kwargs.get("reduce"):
        return "scatter that adds or multiplies: chainrule has scatterAdd"
    if name in ("unique", "unique_consecutive") and (kwargs.get("dim") is not None or kwargs.get("sorted") is False):
        return "unique slices, or without order"
    if function == "cosine_similarity" and x.ndim == 0:
        return "a number: chainrule takes vectors"
    if function == "cosine_embedding_loss" and dtype == torch.bool:
        return "lengths of bool vectors"
    if function == "pairwise_distance" and kwargs.get("p", 2) <= 0:
        return "a norm of p ≤ 0"
    if function == "hardtanh" and kwargs.get("min_val", -1) > kwargs.get("max_val", 1):
        return "a least value above the largest"
    if function == "hardtanh" and dtype in OF_INTEGERS and kwargs:
        return "fractional bounds of integers, which PyTorch cuts"
    if name == "nonzero" and kwargs.get("as_tuple"):
        return "as_tuple: chainrule gives the indices as one tensor"
    if name == "norm" and any(p in ("fro", "nuc") for p in args):
        return "matrix norms by name"
    if name in ("pow", "__rpow__") and dtype in (torch.int32, torch.uint8):
        base, exponent = map(torch.as_tensor, (x, args[0]) if name == "pow" else (args[0], x))
        power = base.double() ** exponent.double()
        if bool((power.abs() >= (2**31 if dtype == torch.int32 else 2**8)).any()) or bool((exponent < 0).any()):
            return "powers beyond the integer dtype: PyTorch wraps, chainrule saturates"
    return None
