"""What make compare prints: means of the ledger's results over splits, and tables of them."""
import itertools
import math
import os
import platform
import statistics
import typing

from experiments import spread, write_table
from methods import GROUPS, PEER_METHODS
from peers import GMM_ROWS, LOF_ROWS, OCSVM_ROWS
from trials import LAB, runs_of_cell, runs_of_lab


class Line(typing.NamedTuple):
    """Of the table: means over splits of each split's mean over seeds, and their deviations. The
    lab has seeds in place of splits."""
    set: str
    pollution: int
    method: str
    splits: int
    auc: float
    auc_sd: float
    auc_seed_sd: float # deviation over the seeds of a split, mean over splits
    ap: float
    ap_sd: float
    recall_1: float
    recall_1_sd: float
    recall_01: float
    recall_01_sd: float
    train_seconds: float
    score_us: float
    anomalous_share: float # of the training rows


def over_splits(groups, field):
    """groups: lists of results, one of each split."""
    means = [statistics.mean(getattr(r, field) for r in group) for group in groups]
    return statistics.mean(means), spread(means)


def line_of(options, ledger, name, pollution, method):
    """None where the ledger has no such run."""
    runs = (runs_of_lab(options) if name == LAB else
            [r for split in options.splits for r in runs_of_cell(options, name, pollution, split)])
    groups = {}
    for run in runs:
        if run.method == method and run in ledger.results:
            group = run.seed if name == LAB else run.split
            groups.setdefault(group, []).append(ledger.results[run])
    groups = list(groups.values())
    if not groups:
        return None
    first = groups[0][0]
    return Line(name, pollution, method, len(groups), *over_splits(groups, "auc"),
                statistics.mean(spread([r.auc for r in group]) for group in groups),
                *over_splits(groups, "ap"), *over_splits(groups, "recall_1"),
                *over_splits(groups, "recall_01"), over_splits(groups, "train_seconds")[0],
                over_splits(groups, "score_us")[0],
                first.anomalous_rows / first.train_rows if first.train_rows else 0.0)


def lines_of(options, ledger):
    places = [(name, pollution) for pollution in options.pollution for name in options.sets]
    lines = [line_of(options, ledger, name, pollution, method)
             for name, pollution in [*places, (LAB, 0)] for method in options.methods]
    return [line for line in lines if line is not None]


def with_sd(mean, deviation):
    return f"{mean:.3f}±{deviation:.3f}"


def print_lines(lines):
    print(f"{'set':13}{'dirt':>6} {'method':21}{'AUC':>12}{'seed sd':>8}{'AP':>12}"
          f"{'recall 1 %':>12}{'0.1 %':>12}{'train s':>9}{'us/row':>8}{'splits':>7}")
    for l in lines:
        pairs = ((l.ap, l.ap_sd), (l.recall_1, l.recall_1_sd), (l.recall_01, l.recall_01_sd))
        print(f"{l.set:13}{l.anomalous_share:>6.1%} {l.method:21}{with_sd(l.auc, l.auc_sd):>12}"
              f"{l.auc_seed_sd:>8.3f}" + "".join(f"{with_sd(*pair):>12}" for pair in pairs) +
              f"{l.train_seconds:>9.1f}{l.score_us:>8.1f}{l.splits:>7}")


def print_means(options, lines):
    """Of AUC and AP over the sets, where the ledger has the method on all of them."""
    table = {(l.method, l.pollution, l.set): l for l in lines if l.set != LAB}
    heads = "".join(f"{f'AUC {p} %':>10}{f'AP {p} %':>10}" for p in options.pollution)
    print(f"\nMean over {len(options.sets)} sets: {', '.join(options.sets)}\n{'method':21}{heads}")
    for method in options.methods:
        text = ""
        for p in options.pollution:
            found = [table.get((method, p, name)) for name in options.sets]
            if all(found):
                text += (f"{statistics.mean(l.auc for l in found):>10.4f}"
                         f"{statistics.mean(l.ap for l in found):>10.4f}")
            else:
                text += f"{'-':>10}{'-':>10}"
        print(f"{method:21}{text}")


def differences(options, ledger, name, pollution, method):
    """AUC less the default's on the same split by the same seed: each split's mean over seeds."""
    found = []
    for split in options.splits:
        runs = [r for r in runs_of_cell(options, name, pollution, split) if r.method == method]
        pairs = [(ledger.results.get(run), ledger.results.get(run._replace(method="default")))
                 for run in runs]
        values = [ours.auc - default.auc for ours, default in pairs if ours and default]
        if values:
            found.append(statistics.mean(values))
    return found


def print_differences(options, ledger):
    """What each ablation changes, where the ledger has it on all sets: the mean of each set, their
    mean, and its standard error by each set's scatter over splits."""
    lines = []
    ablations = [m for m in options.methods if m in GROUPS["ablations"]]
    for pollution, method in itertools.product(options.pollution, ablations):
        by_set = [differences(options, ledger, name, pollution, method) for name in options.sets]
        if all(len(values) > 1 for values in by_set):
            means = [statistics.mean(values) for values in by_set]
            error = math.sqrt(sum(spread(v) ** 2 / len(v) for v in by_set)) / len(by_set)
            lines.append(f"{method:21}{pollution:>3} %" + "".join(f"{m:>+13.4f}" for m in means) +
                         f"{statistics.mean(means):>+10.4f}±{error:.4f}")
    if lines:
        heads = "".join(f"{name:>13}" for name in options.sets)
        print(f"\nAUC less the default's on the same splits, and the mean's standard error\n"
              f"{'method':21}{'dirt':>5}{heads}{'mean':>10}", *lines, sep="\n")


def print_hindsight(options, lines):
    """The best simple method of each set, as nobody could have chosen it before, and the mean."""
    for pollution in options.pollution:
        best = []
        for name in options.sets:
            peers = [l for l in lines if l.method in PEER_METHODS and
                     (l.set, l.pollution) == (name, pollution)]
            if peers:
                best.append(max(peers, key=lambda l: l.auc))
        if best:
            found = ", ".join(f"{l.set} {l.auc:.3f} ({l.method})" for l in best)
            print(f"\nBest single simple method in hindsight, {pollution} % asked for: {found}; "
                  f"mean AUC {statistics.mean(l.auc for l in best):.4f}")


def print_kinds(options, ledger):
    """Recall at 1 % false alarms of each kind of attack in the lab, over seeds."""
    shown = [m for m in options.methods if m in GROUPS["default"] + GROUPS["views"]]
    found = {}
    for run in runs_of_lab(options):
        if run.method in shown and run in ledger.results:
            for word in ledger.results[run].kinds.split():
                kind, recall = word.split("=")
                found.setdefault(kind, {}).setdefault(run.method, []).append(float(recall))
    if found:
        print("\nThe lab's attacks, recall at 1 % false alarms, over seeds\n"
              f"{'kind':21}" + "".join(f"{m:>17}" for m in shown))
    for kind, by_method in found.items():
        values = [by_method.get(m) for m in shown]
        print(f"{kind:21}" + "".join(
            f"{with_sd(statistics.mean(v), spread(v)) if v else '-':>17}" for v in values))


def report(options, ledger):
    lines = lines_of(options, ledger)
    write_table(options.out / "table.csv", Line._fields, lines)
    print(f"{platform.machine()}, {os.cpu_count()} CPUs; splits {options.splits}, seeds "
          f"{options.seeds}; mean±sd over splits, the lab's over seeds; "
          "dirt: anomalies among the training rows; of more rows a random sample is learned by "
          f"lof ({LOF_ROWS}), gmm ({GMM_ROWS}) and ocsvm ({OCSVM_ROWS})")
    print_lines(lines)
    if options.sets:
        print_means(options, lines)
        print_differences(options, ledger)
        print_hindsight(options, lines)
    print_kinds(options, ledger)
