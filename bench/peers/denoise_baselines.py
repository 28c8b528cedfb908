# Classical denoisers of grey images, each at the setting that is best on validation images: PSNR on test images, averaged
# over images, outputs held in [0, 1]. Reads a folder of .npy: {validation,test}-{clean,NAME}.npy, float32 [n, h, w].
# Prints one JSON object: {NAME: {method: {psnr, setting}}}.
#
#   python3 denoise_baselines.py FOLDER NAME...
import json
import sys
import warnings

import numpy as np
from scipy import ndimage
from skimage.restoration import denoise_nl_means, denoise_tv_chambolle, denoise_wavelet

warnings.filterwarnings("ignore")

METHODS = {
    "none": ([{}], lambda y: y),
    "gaussian": ([{"sigma": s} for s in (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5)], ndimage.gaussian_filter),
    "median": ([{"size": s} for s in (2, 3, 4, 5)], ndimage.median_filter),
    "wavelet": (
        [
            {"sigma": s, "wavelet": w, "mode": m, "method": t}
            for s in (0.1, 0.2, 0.3, 0.4, 0.6, 0.8)
            for w in ("haar", "db2", "sym4")
            for m in ("soft", "hard")
            for t in ("BayesShrink", "VisuShrink")
        ],
        denoise_wavelet,
    ),
    "non-local means": (
        [
            {"h": h, "sigma": s, "patch_size": p, "patch_distance": d, "fast_mode": False}
            for h in (0.2, 0.3, 0.5, 0.8, 1.2)
            for s in (0.0, 0.3, 0.6)
            for p in (3, 5)
            for d in (5, 9)
        ],
        denoise_nl_means,
    ),
    "total variation": ([{"weight": w} for w in (0.1, 0.2, 0.3, 0.5, 0.8, 1.2)], denoise_tv_chambolle),
}


def psnr(clean, restored):
    error = np.mean((clean - np.clip(restored, 0, 1)) ** 2, axis=(1, 2))
    return float(np.mean(-10 * np.log10(np.maximum(error, 1e-10))))


def apply(method, images, setting):
    return np.stack([np.nan_to_num(method(image, **setting)) for image in images])


def main(folder, names):
    load = lambda name: np.load(f"{folder}/{name}.npy").astype(np.float64)
    results = {}
    for name in names:
        clean, noisy = load("validation-clean"), load(f"validation-{name}")
        results[name] = {}
        for label, (settings, method) in METHODS.items():
            best = max(settings, key=lambda setting: psnr(clean, apply(method, noisy, setting)))
            score = psnr(load("test-clean"), apply(method, load(f"test-{name}"), best))
            results[name][label] = {"psnr": score, "setting": best}
    print(json.dumps(results))


main(sys.argv[1], sys.argv[2:])
