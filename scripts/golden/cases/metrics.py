"""Metrics against scikit-learn's; a detector's average precision against its definitions, written out in NumPy."""

import warnings

import numpy as np
import torch
from sklearn.metrics import accuracy_score, average_precision_score, confusion_matrix, jaccard_score

MADE_WITH = ["torch", "scikit-learn"]


def scalar(x):
    return torch.tensor(float(x), dtype=torch.float64)


def ranking(r):
    def one(scores, targets, note=""):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # without positives
            wanted = average_precision_score(targets.numpy(), scores.numpy())
        r.plain_case("averagePrecision", [scores, targets], [scalar(wanted)], {}, note)

    for n in (2, 10, 100):
        one(r.distinct(n), torch.cat([torch.tensor([1]), r.integers(0, 2, n - 1)]))
    one(r.integers(0, 4, 60).float() / 4, r.integers(0, 2, 60), "ties")
    one(torch.zeros(9), r.integers(0, 2, 9), "one score")
    one(r.normal(5), torch.ones(5, dtype=torch.int32), "positives only")
    one(r.normal(5), torch.zeros(5, dtype=torch.int32), "no positives")
    one(r.normal(40, dtype=torch.float64), r.integers(0, 2, 40).bool(), "f64")


def labels(r):
    for classes, shape, ignored in ((2, (20,), None), (5, (4, 6, 5), None), (5, (4, 6, 5), 255), (9, (12,), 3)):
        target = r.integers(0, classes, *shape)
        guess = torch.where(r.integers(0, 2, *shape) == 1, target, r.integers(0, classes, *shape))
        if ignored is not None:
            target[r.integers(0, 4, *shape) == 0] = ignored
        counted = torch.ones(shape, dtype=torch.bool) if ignored is None else target != ignored
        y, p = target[counted].numpy(), guess[counted].numpy()
        options = {} if ignored is None else {"ignoreIndex": ignored}
        sized = {"numClasses": classes} | options
        matrix = confusion_matrix(y, p, labels=range(classes))
        present = sorted(set(y) | set(p))
        r.plain_case("accuracy", [guess, target], [scalar(accuracy_score(y, p))], options)
        r.plain_case("ConfusionMatrix", [guess, target], [torch.tensor(matrix).double()], sized)
        iou = jaccard_score(y, p, labels=present, average="macro")
        r.plain_case("meanIou", [guess, target], [scalar(iou)], sized)
    target, guess = r.integers(0, 3, 30), r.integers(0, 3, 30)
    iou = jaccard_score(target, guess, average="macro")
    r.plain_case("meanIou", [guess, target], [scalar(iou)], {"numClasses": 7}, "absent classes")


def iou(a, b):
    sides = np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0)
    union = np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - np.prod(sides)
    return np.prod(sides) / union if union > 0 else 0.0


def precision_and_recall(found, truth, threshold, coco):
    """One class over all images, detection after detection, as VOC's and COCO's programs go."""
    if coco:  # the 100 surest of each image
        found = np.concatenate([found[found[:, 0] == i][np.argsort(-found[found[:, 0] == i][:, 5], kind="stable")][:100]
                                for i in range(int(found[:, 0].max(initial=-1)) + 1)] or [found])
    order = np.argsort(-found[:, 5], kind="stable")
    claimed, right = np.zeros(len(truth), bool), []
    for row in found[order]:
        here = [k for k in range(len(truth)) if truth[k, 0] == row[0]]
        over = {k: iou(row[1:5], truth[k, 1:5]) for k in here}
        if coco:
            free = [k for k in here if over[k] >= threshold and not truth[k, 6] and not claimed[k]]
            if free:
                claimed[max(free, key=lambda k: (over[k], -k))] = True
                right.append(True)
            elif not any(truth[k, 6] and over[k] >= threshold for k in here):
                right.append(False)
            continue
        best = max(here, key=lambda k: (over[k], -k), default=None)
        if best is None or over[best] < threshold:
            right.append(False)
        elif not truth[best, 6]:
            right.append(not claimed[best])
            claimed[best] = True
    right = np.array(right, dtype=bool)
    positives = int((truth[:, 6] == 0).sum())
    return np.cumsum(right) / np.maximum(np.arange(len(right)) + 1, 1), np.cumsum(right), positives


def average(precision, found, positives, protocol):
    if positives == 0:
        return np.nan
    best = lambda enough: max((p for p, f in zip(precision, found) if enough(f)), default=0.0)
    if protocol == "voc":
        return sum(best(lambda f: f >= k) for k in range(1, positives + 1)) / positives
    steps = {"voc2007": 10, "coco": 100}[protocol]
    return np.mean([best(lambda f: f * steps >= s * positives) for s in range(steps + 1)])


def detection(r):
    r.reference = "VOC's and COCO's definitions, in NumPy"

    def rows(n, images, classes, last):
        corner = r.integers(0, 8, n, 2)
        box = torch.cat([corner, corner + r.integers(1, 5, n, 2)], 1)
        return torch.cat([r.integers(0, images, n, 1), box, last, r.integers(0, classes, n, 1)], 1).double()

    for protocol in ("voc", "voc2007", "coco"):
        for thresholds in ([0.5], [0.3, 0.6, 0.9]):
            for d, k, images, classes, ties, rare in ((30, 15, 3, 1, False, 9), (60, 25, 4, 3, True, 4), (40, 0, 2, 2, False, 4), (0, 8, 2, 2, False, 9), (300, 20, 2, 1, False, 6)):
                score = r.integers(0, 6, d, 1) / 5 if ties else r.distinct(d, 1, gap=0.01)
                found = rows(d, images, classes, score)
                truth = rows(k, images, classes, torch.zeros(k, 1))  # (image, box, -, class)
                truth = torch.cat([truth[:, :5], truth[:, 6:], (r.integers(0, rare, k, 1) == 0).double()], 1)
                if k and d:  # half of the detections lie near a true box
                    near = r.integers(0, k, d, dtype=torch.int64)
                    found[: d // 2, :5] = truth[near[: d // 2], :5]
                    found[: d // 2, 6] = truth[near[: d // 2], 5]
                    found[: d // 2, 3] += r.integers(0, 2, d // 2)
                # In order of images, and there as they come: equal scores keep that order.
                found = found[torch.argsort(found[:, 0], stable=True)]
                f, t = found.numpy(), truth.numpy()
                table = []
                for label in sorted(set(f[:, 6]) | set(t[:, 5])):
                    own = t[t[:, 5] == label]
                    table.append([average(*precision_and_recall(f[f[:, 6] == label], own, threshold, protocol == "coco"), protocol) for threshold in thresholds])
                present = [row for row in table if not np.isnan(row[0])]
                mean = np.mean(present) if present else np.nan
                outputs = [scalar(mean), torch.tensor([np.mean(row) for row in table], dtype=torch.float64)]
                options = {"protocol": protocol, "iouThresholds": thresholds, "images": images}
                r.plain_case("MeanAveragePrecision", [found, truth], outputs, options)
    r.reference = None


def record(r):
    ranking(r)
    labels(r)
    detection(r)
