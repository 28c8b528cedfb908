"""PyTorch on the CPU: the networks `mlp` (the article's) and `conv`, as bench/README.md describes them.

Arguments and the line that it prints are those of the JavaScript peers (harness.mjs).
"""

import argparse
import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

BATCH, LATENT, TRAIN_IMAGES, WARM_UP_STEPS = 128, 32, 55_000, 10


def encoder(model):
    """Images [N, 1, 28, 28] to mean and log-variance, side by side."""
    if model == "mlp":
        return nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 2 * LATENT))
    return nn.Sequential(
        nn.Conv2d(1, 32, 4, 2, 1), nn.ReLU(),
        nn.Conv2d(32, 64, 4, 2, 1), nn.ReLU(),
        nn.Flatten(), nn.Linear(3136, 2 * LATENT),
    )


def decoder(model):
    """Latent vectors to the logits of the pixels."""
    if model == "mlp":
        return nn.Sequential(nn.Linear(LATENT, 256), nn.ReLU(), nn.Linear(256, 784), nn.Unflatten(1, (1, 28, 28)))
    return nn.Sequential(
        nn.Linear(LATENT, 3136), nn.ReLU(), nn.Unflatten(1, (64, 7, 7)),
        nn.ConvTranspose2d(64, 32, 4, 2, 1), nn.ReLU(),
        nn.ConvTranspose2d(32, 1, 4, 2, 1),
    )


def batches(path):
    """Shuffled batches of pixels in [0, 1], epoch after epoch."""
    with open(path, "rb") as file:
        data = bytearray(file.read()[16 : 16 + TRAIN_IMAGES * 784])
    images = torch.frombuffer(data, dtype=torch.uint8).reshape(-1, 1, 28, 28).float() / 255
    while True:
        order = torch.randperm(len(images))
        for start in range(0, len(images) - BATCH + 1, BATCH):
            yield images[order[start : start + BATCH]]


def peak_rss_mb():
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", choices=["mlp", "conv"], default="mlp")
    parser.add_argument("--images", type=int, required=True)
    parser.add_argument("--data", required=True)
    options = parser.parse_args()
    torch.set_flush_denormal(True)

    encode, decode = encoder(options.model), decoder(options.model)
    optimizer = torch.optim.Adam([*encode.parameters(), *decode.parameters()], 1e-3)

    def step(x):
        mean, log_var = encode(x).chunk(2, 1)
        z = mean + torch.exp(0.5 * log_var) * torch.randn_like(mean)
        reconstruction = F.binary_cross_entropy_with_logits(decode(z), x, reduction="sum")
        kl = 0.5 * torch.sum(mean * mean + log_var.exp() - 1 - log_var)
        loss = (reconstruction + kl) / BATCH
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        return loss.item()

    source = batches(options.data)
    for _ in range(WARM_UP_STEPS):
        step(next(source))
    steps = max(1, round(options.images / BATCH))
    start = time.perf_counter()
    losses = [step(next(source)) for _ in range(steps)]
    seconds = time.perf_counter() - start

    last = losses[-max(1, -(-steps // 5)) :]
    print(json.dumps({
        "peer": f"pytorch {torch.__version__}",
        "images_per_s": steps * BATCH / seconds,
        "step_ms": 1000 * seconds / steps,
        "loss": sum(last) / len(last),
        "peak_rss_mb": peak_rss_mb(),
    }))


main()
