"""What a small network looks at: gradients by pixels, and Grad-CAM from its formula."""

import torch
import torch.nn.functional as F

F32, F64 = torch.float32, torch.float64


def forward(x, w, b, v, c, seen=None):
    """Convolution, tanh, pooling, linear: the tanh's maps are what Grad-CAM looks at."""
    maps = torch.tanh(F.conv2d(x, w, b, padding=1))
    if seen is not None:
        maps.retain_grad()
        seen.append(maps)
    return F.linear(F.avg_pool2d(maps, 2).flatten(1), v, c)


def score(logits, target):
    classes = logits.argmax(1) if target is None else torch.full((len(logits),), target)
    return logits.gather(1, classes[:, None]).sum()


def saliency(x, *weights, target):
    x = x.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(score(forward(x, *weights), target), x)
    return gradient.abs().amax(1)


def grad_cam(x, *weights, target):
    seen = []
    score(forward(x, *(w.detach().requires_grad_() for w in weights), seen), target).backward()
    (maps,) = seen
    alpha = maps.grad.mean((2, 3), keepdim=True)
    small = F.relu((alpha * maps.detach()).sum(1, keepdim=True))
    return F.interpolate(small, size=x.shape[2:], mode="bilinear", align_corners=False)[:, 0]


def record(r):
    for dtype in (F32, F64):
        for n, channels, size in ((1, 1, 6), (2, 3, 6), (3, 2, 4)):
            width = (size // 2) ** 2
            weights = [r.normal(n, channels, size, size, dtype=dtype), r.normal(4, channels, 3, 3, dtype=dtype, scale=0.5)]
            weights += [r.normal(4, dtype=dtype), r.normal(5, 4 * width, dtype=dtype), r.normal(5, dtype=dtype)]
            for target in (None, 0, 3):
                options = {} if target is None else {"target": target}
                r.case("saliency", lambda *xs: saliency(*xs, target=target), weights, options, grad=False)
                r.case("gradCam", lambda *xs: grad_cam(*xs, target=target), weights, options, grad=False)
