"""The other side of the benchmark: answers requests, one JSON document a line, until standard input ends.

Times are those of fitting and predicting alone: the process is up, its libraries are imported and the rows are in
memory before a clock starts.
"""

import importlib
import json
import os
import sys
import time
import traceback
import warnings

import numpy as np
from sklearn.metrics import f1_score
from threadpoolctl import threadpool_limits

# Short actions are repeated for at least this long, and their mean is taken; the Rust side does the same.
LEAST_SECONDS = 0.05
# Rows handed to a model in one call.
BLOCK = 1_000_000

splits = {}


def timed(action, least=LEAST_SECONDS):
    runs, start = 0, time.perf_counter()
    while True:
        result = action()
        runs += 1
        spent = time.perf_counter() - start
        if spent >= least:
            return spent / runs, result


def with_threads(estimator, threads):
    return estimator.set_params(n_jobs=threads) if "n_jobs" in estimator.get_params() else estimator


def fastest(threads, action, least=LEAST_SECONDS):
    """The faster of one thread and more: on few rows, or on a busy machine, threads that wait for each other lose."""
    results = []
    for n in range(1, threads + 1):
        with threadpool_limits(n):
            results.append(timed(lambda: action(n), least))
    return min(results, key=lambda result: result[0])


def build(model, threads):
    module, name = model["class"].rsplit(".", 1)
    silent = {"verbose": -1} if module == "lightgbm" else {}
    estimator = getattr(importlib.import_module(module), name)(**model.get("params", {}), **silent)
    if "random_state" in estimator.get_params():
        estimator.set_params(random_state=1)
    return with_threads(estimator, threads)


def positive(probability):
    """Verdicts from the probabilities of the positive class: from one half on, as netsec has it."""
    return (probability >= 0.5).astype(np.uint8)


def peak_mib():
    """Peak memory of this process. Not `ru_maxrss`: that starts from the process which started this one."""
    try:
        with open("/proc/self/status") as status:
            line = next(line for line in status if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    except OSError:
        return None


def versions():
    from importlib.metadata import version

    names = ["scikit-learn", "lightgbm", "onnxruntime", "skl2onnx", "numpy"]
    return {"python": sys.version.split()[0], **{name: version(name) for name in names}}


def load(split, directory, width):
    """Reads a training part with its folds and its hold-out, all of it as observed rows."""

    def read(name, dtype):
        return np.fromfile(os.path.join(directory, name), dtype)

    splits[split] = {
        "train": (read("train.f64", np.float64).reshape(-1, width), read("train_label.u8", np.uint8)),
        "fold": read("train_fold.u8", np.uint8),
        "test": (read("test.f64", np.float64).reshape(-1, width), read("test_label.u8", np.uint8)),
    }
    return {"train": len(splits[split]["fold"]), "test": len(splits[split]["test"][1])}


def fit(split, model, threads):
    """One fit on the training part and one prediction of the hold-out."""
    (x, y), (test_x, test_y) = splits[split]["train"], splits[split]["test"]
    fit_s, fitted = fastest(threads, lambda n: build(model, n).fit(x, y))
    predict_s, p = fastest(threads, lambda n: with_threads(fitted, n).predict_proba(test_x)[:, 1])
    return {"fit_s": fit_s, "predict_s": predict_s, "f1": f1_score(test_y, positive(p))}


def cross_validate(split, model, threads):
    """Mean F1 over the folds."""
    (x, y), fold = splits[split]["train"], splits[split]["fold"]
    scores = []
    with threadpool_limits(threads):
        for k in np.unique(fold):
            fitted = build(model, threads).fit(x[fold != k], y[fold != k])
            scores.append(f1_score(y[fold == k], positive(fitted.predict_proba(x[fold == k])[:, 1])))
    return {"f1": float(np.mean(scores))}


def grid(split, model, grid, threads):
    """A grid search over the same folds, with the final fit that GridSearchCV does by itself."""
    from sklearn.model_selection import GridSearchCV, PredefinedSplit

    (x, y), (test_x, test_y) = splits[split]["train"], splits[split]["test"]
    folds = PredefinedSplit(splits[split]["fold"].astype(int))
    search = GridSearchCV(build(model, threads), grid, scoring="f1", cv=folds, n_jobs=threads)
    with threadpool_limits(threads):
        seconds, _ = timed(lambda: search.fit(x, y), least=0)
    p = search.predict_proba(test_x)[:, 1]
    return {
        "seconds": seconds,
        "trials": len(search.cv_results_["params"]),
        "f1": float(search.best_score_),
        "test_f1": f1_score(test_y, positive(p)),
    }


def decode(codes, start, stop, values, dtype):
    """Rows of a file of codes as numbers, filled in block by block so that nothing else counts in the peak memory."""
    width = len(values)
    table = np.zeros((width, 256), dtype)
    for feature, levels in enumerate(values):
        table[feature, : len(levels)] = levels
    x = np.empty((stop - start, width), dtype)
    for at in range(start, stop, BLOCK):
        rows = min(BLOCK, stop - at)
        block = np.fromfile(codes, np.uint8, rows * width, offset=at * width).reshape(rows, width)
        for feature in range(width):
            x[at - start : at - start + rows, feature] = table[feature][block[:, feature]]
    return x


def scale(codes, labels, values, train, scored, model, dtype, threads):
    """Fits on the first rows of a file of codes and scores the ones behind them. Asked once in a process."""
    x = decode(codes, 0, train, values, dtype)
    y = np.fromfile(labels, np.uint8, train)
    with threadpool_limits(threads):
        fit_s, fitted = timed(lambda: build(model, threads).fit(x, y), least=0)
    peak = peak_mib()
    del x
    test_x = decode(codes, train, train + scored, values, dtype)
    test_y = np.fromfile(labels, np.uint8, scored, offset=train)
    with threadpool_limits(threads):
        p = fitted.predict_proba(test_x)[:, 1]
    return {"fit_s": fit_s, "f1": f1_score(test_y, positive(p)), "peak_mib": peak}


class Batch:
    """A fitted model, the rows to predict, and the same model in ONNX."""

    def __init__(self, split, model, codes, labels, values, rows):
        from skl2onnx import to_onnx

        self.fitted = build(model, 1).fit(*splits[split]["train"])
        # Single precision: what trees of scikit-learn convert their input to, and what ONNX asks for.
        self.x = decode(codes, 0, rows, values, np.float32)
        self.y = np.fromfile(labels, np.uint8, rows)
        self.graph = to_onnx(self.fitted, self.x[:1], options={"zipmap": False}).SerializeToString()
        self.sessions = {}

    def session(self, threads):
        import onnxruntime

        if threads not in self.sessions:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = threads
            self.sessions[threads] = onnxruntime.InferenceSession(
                self.graph, options, providers=["CPUExecutionProvider"]
            )
        return self.sessions[threads]

    def block(self, engine, x, threads):
        if engine == "onnxruntime":
            return self.session(threads).run(["probabilities"], {"X": x})[0][:, 1]
        return with_threads(self.fitted, threads).predict_proba(x)[:, 1]

    def predict(self, engine, threads):
        blocks = range(0, len(self.x), BLOCK)
        return np.concatenate([self.block(engine, self.x[at : at + BLOCK], threads) for at in blocks])


batch = None


def batch_prepare(**request):
    global batch
    batch = Batch(**request)
    return {}


def batch_predict(engine, threads, verdicts):
    """Predicts all rows; the verdicts go to a file."""
    # Sessions are made before the clock starts.
    for n in range(1, threads + 1):
        batch.block(engine, batch.x[:1], n)
    seconds, p = fastest(threads, lambda n: batch.predict(engine, n), least=0)
    positive(p).tofile(verdicts)
    return {"seconds": seconds, "f1": f1_score(batch.y, positive(p))}


def drift(codes, labels, rows, levels):
    """Profiles the first rows and as many behind them, and tests each column, as numpy and scipy have it."""
    from scipy.spatial.distance import jensenshannon
    from scipy.stats import chi2_contingency

    width = len(levels) - 1
    sides = []
    for side in range(2):
        x = np.fromfile(codes, np.uint8, rows * width, offset=side * rows * width).reshape(rows, width)
        y = np.fromfile(labels, np.uint8, rows, offset=side * rows)
        sides.append(np.column_stack([x, y]))

    def distinct(rows):
        rows = np.ascontiguousarray(rows)
        return len(np.unique(rows.view([("", f"V{rows.shape[1]}")])))

    def work():
        counts, vectors, conflicting = [], [], []
        for side in sides:
            counts.append([np.bincount(side[:, at], minlength=n) for at, n in enumerate(levels)])
            vectors.append(distinct(side[:, :width]))
            # A vector with both labels is two rows where labels count.
            conflicting.append(distinct(side) - vectors[-1])
        columns = []
        for old, new in zip(*counts):
            seen = (old + new) > 0
            table = np.array([old[seen], new[seen]])
            p = chi2_contingency(table, correction=False).pvalue if seen.sum() > 1 else 1.0
            columns.append({"p": p, "js": jensenshannon(old / old.sum(), new / new.sum(), base=2)})
        return {"vectors": vectors, "conflicting": conflicting, "columns": columns}

    seconds, found = timed(work, least=0)
    return {"seconds": seconds, **found}


COMMANDS = {
    command.__name__: command
    for command in [versions, load, fit, cross_validate, grid, scale, batch_prepare, batch_predict, drift]
}


def main():
    # Libraries print to standard output, also from C: it is kept for answers by moving theirs to standard error.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"ok": COMMANDS[request.pop("do")](**request)}
        except Exception:
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
