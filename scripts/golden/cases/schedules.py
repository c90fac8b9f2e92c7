"""Sixty steps of each schedule: the learning rates of all groups, and the momenta where they move."""

import itertools
import math

import torch
from torch.optim import lr_scheduler
from torch.optim.swa_utils import SWALR

STEPS = 60

# Functions of the step, under the names that test/golden/adapters/schedules.ts knows.
FUNCTIONS = {
    "0.95^t": lambda t: 0.95**t,
    "1/(1+t)": lambda t: 1 / (1 + t),
    "t/10": lambda t: min(1, t / 10),
    "t mod 7": lambda t: 1 / (1 + t % 7),
    "0.97": lambda t: 0.97,
    "1.02": lambda t: 1.02,
    "wave": lambda t: 1 + 0.5 * math.cos(t),
    "1/x": lambda x: 1 / x,
    "0.9^x": lambda x: 0.9**x,
}

RENAMED = {"tMax": "T_max", "t0": "T_0", "tMult": "T_mult"}


def snake(name):
    return RENAMED.get(name) or "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


def function(value):
    return [FUNCTIONS[name] for name in value] if isinstance(value, list) else FUNCTIONS[value]


def make(op, optimizer, options):
    """The schedule of PyTorch that has chainrule's name and options."""
    if op in ("SequentialLR", "ChainedScheduler"):
        parts = [make(name, optimizer, own) for name, own in options["schedulers"]]
        if op == "ChainedScheduler":
            return lr_scheduler.ChainedScheduler(parts)
        return lr_scheduler.SequentialLR(optimizer, parts, options["milestones"])
    settings = {snake(name): function(x) if name in ("lrLambda", "scaleFn") else x for name, x in options.items()}
    return (SWALR if op == "SWALR" else getattr(lr_scheduler, op))(optimizer, **settings)


def optimizer_of(lrs, kind):
    groups = [{"params": [torch.zeros(1, requires_grad=True)], "lr": lr} for lr in lrs]
    return torch.optim.SGD(groups, lr=1, momentum=0.9) if kind == "SGD" else torch.optim.Adam(groups)


def run(schedule, optimizer, steps, changed, arguments):
    """Rates and momenta in each step; `changed` says what somebody else sets the first group's rate to, and when."""
    rates, momenta = [], []
    for t in range(steps):
        if t > 0:
            optimizer.step()
            schedule.step(*arguments(t - 1))
        if str(t) in changed:
            optimizer.param_groups[0]["lr"] = changed[str(t)]
        rates.append([group["lr"] for group in optimizer.param_groups])
        momenta.append([group["momentum"] if "momentum" in group else group["betas"][0] for group in optimizer.param_groups])
    return torch.tensor(rates, dtype=torch.float64), torch.tensor(momenta, dtype=torch.float64)


def case(r, op, options, lrs=(0.1,), optimizer="SGD", changed={}, steps=STEPS, inputs=(), arguments=lambda t: (), note=""):
    made = optimizer_of(lrs, optimizer)
    rates, momenta = run(make(op, made, options), made, steps, changed, arguments)
    assert torch.isfinite(rates).all() and (rates >= 0).all()
    outputs = [rates, momenta] if (momenta != 0.9).any() else [rates]
    setting = {"lrs": list(lrs), "optimizer": optimizer, **({"changed": changed} if changed else {})}
    r.plain_case(op, list(inputs), outputs, {**options, **setting}, note)


def grid(**values):
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]


# Every option in a grid, with one rate, then some of the configurations with groups and with a rate that somebody changes.
SCHEDULES = {
    "LambdaLR": grid(lrLambda=["0.95^t", "1/(1+t)", "t/10", "t mod 7", "wave", ["0.95^t", "1/(1+t)"], ["wave", "t/10"]]),
    "MultiplicativeLR": grid(lrLambda=["0.95^t", "0.97", "1.02", "t mod 7", "wave", ["0.97", "1.02"], ["wave", "0.97"]]),
    "StepLR": grid(stepSize=[1, 3, 7, 30], gamma=[0.1, 0.5, 0.9, 1.1]) + [dict(stepSize=10)],
    "MultiStepLR": grid(milestones=[[5], [3, 10, 20], [20, 10], [4, 4, 9], [0, 30]], gamma=[0.1, 0.5, 0.9])
    + [dict(milestones=[30, 50])],
    "ExponentialLR": grid(gamma=[0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 1.0, 1.01]),
    "ConstantLR": grid(factor=[0.1, 0.25, 0.5, 1.0], totalIters=[1, 4, 10, 80]) + [{}, dict(factor=0.3)],
    "LinearLR": grid(startFactor=[0.01, 0.5, 1.0], endFactor=[0.1, 0.9, 1.0], totalIters=[1, 7, 80]) + [{}],
    "PolynomialLR": grid(totalIters=[1, 4, 20, 55, 100], power=[0.5, 1.0, 2.0, 3.5]) + [{}],
    "CosineAnnealingLR": grid(tMax=[1, 2, 7, 20, 59, 100], etaMin=[0.0, 0.001, 0.05]) + [dict(tMax=10)],
    "CosineAnnealingWarmRestarts": grid(t0=[1, 3, 10, 100], tMult=[1, 2, 3], etaMin=[0.0, 0.01]) + [dict(t0=5)],
    "SWALR": grid(swaLr=[0.05, 0.5], annealEpochs=[0, 1, 5, 40], annealStrategy=["cos", "linear"])
    + [dict(swaLr=0.01), dict(swaLr=[0.05, 0.2])],
}

CYCLES = (
    grid(mode=["triangular", "triangular2", "exp_range"], stepSizeUp=[4, 7, 25], stepSizeDown=[3, 11], gamma=[0.97])
    + grid(mode=["triangular", "triangular2"], stepSizeUp=[1, 10])
    + grid(scaleFn=["1/x"], scaleMode=["cycle"], stepSizeUp=[5])
    + grid(scaleFn=["0.9^x"], scaleMode=["iterations"], stepSizeUp=[5, 9])
    + grid(stepSizeUp=[6], cycleMomentum=[False])
    + [dict(), dict(stepSizeUp=6, baseMomentum=0.5, maxMomentum=0.99)]
)
ONE_CYCLE = (
    grid(totalSteps=[STEPS, 71], annealStrategy=["cos", "linear"], threePhase=[False, True], pctStart=[0.1, 0.3, 0.45])
    + grid(epochs=[8], stepsPerEpoch=[9])
    + grid(totalSteps=[STEPS], divFactor=[2.0, 100.0], finalDivFactor=[10.0, 1e6])
    + grid(totalSteps=[STEPS], pctStart=[0.0, 1.0])
    + grid(totalSteps=[300], cycleMomentum=[False])
    + grid(totalSteps=[STEPS], baseMomentum=[0.5], maxMomentum=[0.99])
)

PARTS = {
    "LinearLR": dict(startFactor=0.1, totalIters=6),
    "ConstantLR": dict(factor=0.5, totalIters=8),
    "ExponentialLR": dict(gamma=0.9),
    "StepLR": dict(stepSize=6, gamma=0.5),
    "MultiStepLR": dict(milestones=[3, 12], gamma=0.3),
    "CosineAnnealingLR": dict(tMax=15),
    "PolynomialLR": dict(totalIters=30, power=2.0),
    "MultiplicativeLR": dict(lrLambda="0.97"),
    "LambdaLR": dict(lrLambda="0.95^t"),
    "CosineAnnealingWarmRestarts": dict(t0=5, tMult=2),
    "SWALR": dict(swaLr=0.03, annealEpochs=8),
    "CyclicLR": dict(baseLr=0.02, maxLr=0.2, stepSizeUp=4),
    "OneCycleLR": dict(maxLr=0.5, totalSteps=70),
}


def parts(*names):
    return [[name, PARTS[name]] for name in names]


SEQUENCES = [
    (("LinearLR", "CosineAnnealingLR"), [6]),
    (("LinearLR", "ExponentialLR"), [6]),
    (("ConstantLR", "ExponentialLR"), [2]),
    (("ConstantLR", "ExponentialLR"), [8]),
    (("LinearLR", "StepLR", "ExponentialLR"), [6, 30]),
    (("LinearLR", "CosineAnnealingLR", "ConstantLR"), [5, 20]),
    (("LinearLR", "PolynomialLR"), [4]),
    (("PolynomialLR", "LinearLR"), [40]),
    (("MultiStepLR", "CosineAnnealingLR"), [20]),
    (("ExponentialLR", "CosineAnnealingLR"), [20]),
    (("SWALR", "ExponentialLR"), [20]),
    (("ExponentialLR", "MultiplicativeLR"), [9]),
    (("MultiplicativeLR", "ExponentialLR"), [9]),
    (("LambdaLR", "MultiplicativeLR"), [12]),
    (("LinearLR", "CosineAnnealingWarmRestarts"), [6]),
    (("CosineAnnealingWarmRestarts", "LambdaLR"), [15]),
    (("LinearLR", "CyclicLR"), [6]),
    (("OneCycleLR", "ExponentialLR"), [50]),
    (("CyclicLR", "ExponentialLR"), [24]),
    (("StepLR", "StepLR"), [20]),
]
CHAINS = [
    ("ConstantLR", "ExponentialLR"),
    ("ExponentialLR", "ConstantLR"),
    ("LinearLR", "ExponentialLR"),
    ("LinearLR", "StepLR"),
    ("LinearLR", "CosineAnnealingLR"),
    ("CosineAnnealingLR", "ExponentialLR"),
    ("StepLR", "MultiStepLR"),
    ("MultiStepLR", "PolynomialLR"),
    ("PolynomialLR", "ConstantLR"),
    ("MultiplicativeLR", "StepLR"),
    ("LambdaLR", "MultiplicativeLR"),
    ("CosineAnnealingWarmRestarts", "ExponentialLR"),
    ("LinearLR", "ConstantLR", "ExponentialLR"),
    ("StepLR", "MultiStepLR", "ExponentialLR", "MultiplicativeLR"),
    ("ExponentialLR",),
    ("StepLR", "SWALR"),
]

# What has no class in PyTorch: the factor of the initial rate as its source states it.
FORMULAS = {
    "WarmupLinearLR": (
        "Devlin et al. 2019, in Python",
        grid(numWarmupSteps=[0, 1, 5, 20], numTrainingSteps=[21, 40, STEPS, 100]),
        lambda o: lambda t: t / o["numWarmupSteps"]
        if t < o["numWarmupSteps"]
        else max(0.0, (o["numTrainingSteps"] - t) / (o["numTrainingSteps"] - o["numWarmupSteps"])),
    ),
    "WarmupCosineLR": (
        "Loshchilov and Hutter 2017, Goyal et al. 2017, in Python",
        grid(numWarmupSteps=[0, 5, 20], numTrainingSteps=[STEPS, 100], numCycles=[0.25, 0.5, 1.5, 2.0])
        + [dict(numWarmupSteps=10, numTrainingSteps=80)],
        lambda o: lambda t: t / o["numWarmupSteps"]
        if t < o["numWarmupSteps"]
        else 0.5
        * (
            1
            + math.cos(
                2
                * math.pi
                * o.get("numCycles", 0.5)
                * (t - o["numWarmupSteps"])
                / (o["numTrainingSteps"] - o["numWarmupSteps"])
            )
        ),
    ),
    "NoamLR": (
        "Vaswani et al. 2017, in Python",
        grid(dModel=[8, 64, 512, 1024], numWarmupSteps=[1, 10, 40, 4000]),
        lambda o: lambda t: 1 / math.sqrt(o["dModel"]) * min(1 / math.sqrt(t + 1), (t + 1) / o["numWarmupSteps"] ** 1.5),
    ),
    "InverseSquareRootLR": (
        "Ott et al. 2019, in Python",
        grid(numWarmupSteps=[1, 2, 3, 5, 8, 10, 15, 20, 30, 40, 55, 100]),
        lambda o: lambda t: t / o["numWarmupSteps"]
        if t < o["numWarmupSteps"]
        else math.sqrt(o["numWarmupSteps"]) / math.sqrt(t),
    ),
}


def decays(r):
    for op, configurations in SCHEDULES.items():
        for i, options in enumerate(configurations):
            lists = any(isinstance(x, list) for key, x in options.items() if key != "milestones")
            case(r, op, options, lrs=(0.1, 0.7) if lists else (0.1,))
            if i % 2 == 0:
                case(r, op, options, lrs=(0.3, 0.02), optimizer="Adam")
            if i % 2 == 1:
                case(r, op, options, lrs=(0.5, 0.1), changed={"6": 0.25, "21": 0.06})
        extra = itertools.product([(1.0, 1e-3), (2.0, 0.5), (0.04, 3.0)], configurations)
        count = sum(c["op"] == op for c in r.cases)
        for lrs, options in itertools.islice(extra, max(0, 30 - count)):
            case(r, op, options, lrs=lrs)


def cycles(r):
    for i, options in enumerate(CYCLES):
        case(r, "CyclicLR", {"baseLr": 0.01, "maxLr": 0.3, **options})
        if i % 3 == 0:
            case(r, "CyclicLR", {"baseLr": [0.01, 0.1], "maxLr": [0.3, 0.2], **options}, lrs=(0.5, 0.6))
    for options in grid(baseMomentum=[[0.7, 0.8]], maxMomentum=[[0.9, 0.85]], stepSizeUp=[3]):
        case(r, "CyclicLR", {"baseLr": 0.01, "maxLr": [0.3, 0.2], **options}, lrs=(0.5, 0.6))
    for i, options in enumerate(ONE_CYCLE):
        case(r, "OneCycleLR", {"maxLr": 0.3, **options})
        if i % 3 == 0:
            case(r, "OneCycleLR", {"maxLr": [0.3, 0.01], **options}, lrs=(0.5, 0.6), optimizer="Adam")


def plateaus(r):
    n = 80
    falling = [2 * 0.9**t + 0.3 for t in range(n)]
    wavy = [1 / (1 + t) + 0.05 * math.sin(3 * t) for t in range(n)]
    broken = [math.nan if t % 5 == 3 else 0.99**t for t in range(n)]
    negative = [-math.log(1 + t // 4) + 0.1 * math.cos(t) for t in range(n)]
    worse = [math.inf if t == 9 else 1 + t / 10 for t in range(n)]
    curves = {"falls": falling, "waves": wavy, "NaN": broken, "negative": negative, "worse": worse}
    settings = grid(mode=["min", "max"], thresholdMode=["rel", "abs"]) + [
        dict(patience=2, factor=0.5),
        dict(patience=0, cooldown=3, factor=0.7),
        dict(patience=3, minLr=0.01),
        dict(patience=1, minLr=[0.05, 0.001], factor=0.3),
        dict(patience=4, threshold=0.05, cooldown=2),
        dict(patience=2, eps=0.02, factor=0.5),
    ]
    for (note, metrics), options in itertools.product(curves.items(), settings):
        inputs = [torch.tensor(metrics, dtype=torch.float64)]
        case(
            r, "ReduceLROnPlateau", options, lrs=(0.1, 0.4), steps=n, inputs=inputs, arguments=lambda t: (metrics[t],), note=note
        )


def combinations(r):
    for i, (names, milestones) in enumerate(SEQUENCES):
        options = {"schedulers": parts(*names), "milestones": milestones}
        case(r, "SequentialLR", options)
        if i % 2 == 0:
            case(r, "SequentialLR", options, lrs=(0.3, 0.04))
        if i % 5 == 0:
            case(r, "SequentialLR", options, changed={"3": 0.7, "25": 0.2})
    for names in CHAINS:
        options = {"schedulers": parts(*names)}
        case(r, "ChainedScheduler", options)
        case(r, "ChainedScheduler", options, lrs=(0.3, 0.04), changed={"7": 0.9})


def formulas(r):
    for op, (reference, configurations, factor) in FORMULAS.items():
        r.reference = reference
        for lrs, options in itertools.product([(0.1,), (1.0, 0.02), (3e-4,)], configurations):
            made = optimizer_of(lrs, "SGD")
            rates, _ = run(lr_scheduler.LambdaLR(made, factor(options)), made, STEPS, {}, lambda t: ())
            r.plain_case(op, [], [rates], {**options, "lrs": list(lrs), "optimizer": "SGD"})
    r.reference = None


def record(r):
    decays(r)
    cycles(r)
    plateaus(r)
    combinations(r)
    formulas(r)
