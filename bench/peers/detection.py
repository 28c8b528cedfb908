#!/usr/bin/env python3
"""Labelled tables for anomaly detection (the .npz files of ADBench: arrays X, y), and classical detectors on them.

Protocol: seeds 0, 1, ...; of the normal rows a random half trains (numpy default_rng(seed).permutation of the normal rows'
indices, first half), the other half and all anomalies test; columns are standardised with the training half's mean and
standard deviation. Needs NumPy, and scikit-learn for the detectors (Debian: python3-sklearn).

Usage:
  detection.py splits FILE SEEDS     one JSON line: rows, columns, labels, and for each seed the training and test rows
  detection.py values FILE           the rows as little-endian float32
  detection.py peers FILE SEEDS      one JSON line: the AUROC of each detector, the mean over the seeds
"""
import json
import sys

import numpy as np


def split(y, seed):
    normal = np.random.default_rng(seed).permutation(np.flatnonzero(y == 0))
    half = len(normal) // 2
    return normal[:half], np.concatenate([normal[half:], np.flatnonzero(y == 1)])


def splits(x, y, seeds):
    parts = [split(y, seed) for seed in range(seeds)]
    print(json.dumps({
        "rows": x.shape[0], "columns": x.shape[1], "labels": y.tolist(),
        "splits": [{"train": train.tolist(), "test": test.tolist()} for train, test in parts],
    }))


def peers(x, y, seeds):
    from sklearn.decomposition import PCA
    from sklearn.ensemble import IsolationForest
    from sklearn.metrics import roc_auc_score
    from sklearn.neighbors import NearestNeighbors

    def iforest(train, test, seed):
        return -IsolationForest(n_estimators=200, random_state=seed).fit(train).score_samples(test)

    def pca(train, test, seed):
        p = PCA(n_components=0.9, svd_solver="full").fit(train)
        return ((test - p.inverse_transform(p.transform(test))) ** 2).sum(1)

    def knn(train, test, seed):
        return NearestNeighbors(n_neighbors=5).fit(train).kneighbors(test)[0].mean(1)

    means = {}
    for name, fit in [("iforest", iforest), ("pca", pca), ("knn", knn)]:
        scores = []
        for seed in range(seeds):
            train, test = split(y, seed)
            mean, std = x[train].mean(0), x[train].std(0)
            std[std == 0] = np.inf
            scores.append(roc_auc_score(y[test], fit((x[train] - mean) / std, (x[test] - mean) / std, seed)))
        means[name] = float(np.mean(scores))
    print(json.dumps(means))


def main(command, path, seeds="0"):
    data = np.load(path)
    x, y = data["X"].astype("float64"), data["y"].astype(int)
    if command == "values":
        sys.stdout.buffer.write(x.astype("<f4").tobytes())
    else:
        {"splits": splits, "peers": peers}[command](x, y, int(seeds))


main(*sys.argv[1:])
