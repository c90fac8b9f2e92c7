"""Schedules that hand over to SWALR: PyTorch 1.13 leaves out SWALR's step 0 there, later versions make it."""

from cases.schedules import case, parts

TORCH = 2


def record(r):
    for names, milestones in (
        (("CosineAnnealingLR", "SWALR"), [10]),
        (("ExponentialLR", "SWALR"), [20]),
        (("LinearLR", "StepLR", "SWALR"), [6, 30]),
    ):
        options = {"schedulers": parts(*names), "milestones": milestones}
        case(r, "SequentialLR", options)
        case(r, "SequentialLR", options, lrs=(0.3, 0.04), changed={"3": 0.7, "33": 0.2})
