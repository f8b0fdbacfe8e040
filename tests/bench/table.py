"""The results, as a table to be read and as JSON to be kept."""

import json
import statistics

WIDTHS = (24, 5)
COLUMN = 11


def _figure(value):
    if value is None:
        return "-"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def head(servers):
    names = "".join(f"{s.name:>{COLUMN}}" for s in servers)
    return f"{'':{WIDTHS[0]}}{'':{WIDTHS[1]}}{names}{'ours/best':>{COLUMN}}  target"


def result_of(item, metric, samples, ours, peers):
    """`samples`: of each server's name, the samples it has given."""
    figures = {name: [metric.of(s) for s in taken] for name, taken in samples.items() if taken}
    medians = {name: statistics.median(values) for name, values in figures.items()}
    rivals = [medians[p] for p in peers if p in medians]
    best = metric.best(rivals) if rivals else None
    own = medians.get(ours)
    ratio = own / best if own is not None and best else None
    judged = own is not None and (metric.absolute or best)
    return {"item": item.name, "metric": metric.name, "unit": metric.unit, "medians": medians,
            "samples": figures, "ratio": ratio, "target": metric.target_text(),
            "met": metric.met(own, best) if judged else None}


def row(result, servers):
    names = "".join(f"{_figure(result['medians'].get(s.name)):>{COLUMN}}" for s in servers)
    verdict = {True: "met", False: "MISSED", None: ""}[result["met"]]
    ratio = "-" if result["ratio"] is None else f"{result['ratio']:.3g} x"
    return (f"  {result['metric']:{WIDTHS[0] - 2}}{result['unit']:{WIDTHS[1]}}{names}{ratio:>{COLUMN}}  "
            f"{result['target']:12}{verdict}").rstrip()


def write(path, machine, servers, results):
    about = {s.name: {"version": s.version, "settings": s.settings(0)} for s in servers}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"machine": machine, "servers": about, "results": results}, indent=1) + "\n")
