"""PyTorch's side of `bench -- parity` and `bench -- quick`: Burda et al.'s one-layer network on MNIST.

    pytorch_nll.py train     trains a VAE or IWAE, and leaves the last epoch's parameters
    pytorch_nll.py estimate  -log p(x) of binary test images by importance sampling (Burda et al. 2016, equation 8)

Parameters pass between the two frameworks as safetensors under Latentkit's names, weights as [inputs, outputs]. What
is printed last is JSON; progress goes to the standard error.
"""

import argparse
import json
import math
import os
import struct
import sys
import time

import numpy
import torch
from torch import nn
from torch.nn import functional as F

PIXELS, HIDDEN, LATENT, TRAIN_IMAGES = 784, 200, 50, 55_000


class Vae(nn.Module):
    """784-200-200-50-200-200-784, tanh, Bernoulli logits."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleDict({
            "encoder_1": nn.Linear(PIXELS, HIDDEN),
            "encoder_3": nn.Linear(HIDDEN, HIDDEN),
            "posterior": nn.Linear(HIDDEN, 2 * LATENT),
            "decoder_0": nn.Linear(LATENT, HIDDEN),
            "decoder_2": nn.Linear(HIDDEN, HIDDEN),
            "decoder_4": nn.Linear(HIDDEN, PIXELS),
        })
        for name, layer in self.layers.items():
            # Glorot and Bengio 2010; the two heads each as if it stood alone.
            outputs = LATENT if name == "posterior" else layer.out_features
            bound = math.sqrt(6 / (layer.in_features + outputs))
            nn.init.uniform_(layer.weight, -bound, bound)
            nn.init.zeros_(layer.bias)

    def encode(self, x):
        """Mean and log-variance of q(z|x)."""
        h = torch.tanh(self.layers["encoder_1"](x))
        h = torch.tanh(self.layers["encoder_3"](h))
        return self.layers["posterior"](h).chunk(2, -1)

    def decode(self, z):
        """Logits of the pixels."""
        h = torch.tanh(self.layers["decoder_0"](z))
        h = torch.tanh(self.layers["decoder_2"](h))
        return self.layers["decoder_4"](h)


def kl_to_standard_normal(mean, log_var):
    return 0.5 * (mean * mean + log_var.exp() - 1 - log_var).sum(-1)


def negative_elbo(vae, x):
    """One draw of z a row, the KL in closed form: [rows]."""
    mean, log_var = vae.encode(x)
    z = mean + torch.exp(0.5 * log_var) * torch.randn_like(mean)
    reconstruction = F.binary_cross_entropy_with_logits(vae.decode(z), x, reduction="none").sum(-1)
    return reconstruction + kl_to_standard_normal(mean, log_var)


def negative_iwae(vae, x, samples):
    """The importance-weighted bound of so many draws: [rows]."""
    mean, log_var = (head.unsqueeze(1) for head in vae.encode(x))
    noise = torch.randn(len(x), samples, LATENT)
    z = mean + torch.exp(0.5 * log_var) * noise
    logits = vae.decode(z.flatten(0, 1)).view(len(x), samples, PIXELS)
    target = x.unsqueeze(1).expand_as(logits)
    log_likelihood = -F.binary_cross_entropy_with_logits(logits, target, reduction="none").sum(-1)
    # The constants log 2 pi of p(z) and q(z|x) cancel.
    log_ratio = -0.5 * (z * z - noise * noise - log_var).sum(-1)
    return math.log(samples) - torch.logsumexp(log_likelihood + log_ratio, 1)


def grey_images(path):
    """The training file's pixels in [0, 1]: [60000, 784]."""
    with open(path, "rb") as file:
        data = bytearray(file.read()[16:])
    return torch.frombuffer(data, dtype=torch.uint8).view(-1, PIXELS).float() / 255


def train(options):
    images = grey_images(options.images)
    training, validation = images[:TRAIN_IMAGES], images[TRAIN_IMAGES:]
    torch.manual_seed(options.seed)
    vae = Vae()
    optimizer = torch.optim.Adam(vae.parameters(), options.rate, (0.9, 0.999), options.epsilon)
    epoch, seconds = 0, 0.0
    if os.path.exists(options.state):
        state = torch.load(options.state)
        vae.load_state_dict(state["vae"])
        optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["random"])
        epoch, seconds = state["epoch"], state["seconds"]
    while epoch < options.epochs:
        start = time.perf_counter()
        order = torch.randperm(TRAIN_IMAGES)
        for rows in order.split(options.batch):
            x = torch.bernoulli(training[rows])
            bound = negative_elbo(vae, x) if options.samples == 1 else negative_iwae(vae, x, options.samples)
            loss = bound.mean()
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
        seconds += time.perf_counter() - start
        epoch += 1
        with torch.no_grad():
            score = negative_elbo(vae, torch.bernoulli(validation)).mean().item()
        print(f"pytorch: epoch {epoch}/{options.epochs}, validation {score:.2f}", file=sys.stderr, flush=True)
        save({
            "epoch": epoch, "seconds": seconds,
            "vae": vae.state_dict(), "optimizer": optimizer.state_dict(), "random": torch.get_rng_state(),
        }, options.state)
    write_parameters(options.parameters, vae.state_dict())
    print(json.dumps({"peer": f"pytorch {torch.__version__}", "images_per_s": epoch * TRAIN_IMAGES / seconds}))


def save(state, path):
    """Leaves either the old file or the new one."""
    torch.save(state, path + ".new")
    os.replace(path + ".new", path)


def latentkit_name(name):
    """layers.encoder_1.weight -> encoder.1.weight"""
    return name.replace("layers.", "").replace("_", ".")


def write_parameters(path, parameters):
    header, chunks, end = {}, [], 0
    for name, value in parameters.items():
        array = value.t().contiguous().numpy()
        header[latentkit_name(name)] = {
            "dtype": "F32", "shape": list(array.shape), "data_offsets": [end, end + array.nbytes],
        }
        chunks.append(array.tobytes())
        end += array.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(chunks))


def read_parameters(path, vae):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        values = file.read()
    state = {}
    for name in vae.state_dict():
        entry = header[latentkit_name(name)]
        start, end = entry["data_offsets"]
        array = numpy.frombuffer(values[start:end], numpy.float32).reshape(entry["shape"])
        state[name] = torch.from_numpy(array.T.copy())
    vae.load_state_dict(state)


def estimate(options):
    with open(options.images, "rb") as file:
        images = torch.frombuffer(bytearray(file.read()), dtype=torch.uint8).view(-1, PIXELS).float()
    images = images[options.first :][: options.rows]
    vae = Vae()
    read_parameters(options.parameters, vae)
    torch.manual_seed(options.seed)
    nlls = []
    start = time.perf_counter()
    with torch.no_grad():
        for x in images.split(options.chunk):
            mean, log_var = vae.encode(x)
            deviation, half_log_det = torch.exp(0.5 * log_var), 0.5 * log_var.sum(-1)
            terms = torch.empty(options.samples, len(x))
            for sample in range(options.samples):
                noise = torch.randn_like(mean)
                z = mean + deviation * noise
                logits = vae.decode(z)
                log_likelihood = (x * logits).sum(-1) - F.softplus(logits).sum(-1)
                terms[sample] = log_likelihood - 0.5 * (z * z - noise * noise).sum(-1) + half_log_det
            nlls.append(math.log(options.samples) - torch.logsumexp(terms, 0))
    seconds = time.perf_counter() - start
    nlls = torch.cat(nlls).double()
    print(json.dumps({
        "peer": f"pytorch {torch.__version__}",
        "nll": nlls.mean().item(),
        "standard_error": nlls.std().item() / math.sqrt(len(nlls)),
        "seconds": seconds,
        "draws_per_s": len(nlls) * options.samples / seconds,
    }))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["train", "estimate"])
    parser.add_argument("--images", required=True, help="the training file, or binary test images as bytes 0 and 1")
    parser.add_argument("--parameters", required=True, help="where parameters are written to or read from")
    parser.add_argument("--samples", type=int, required=True, help="K; training with 1 is the VAE")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--state", help="where training keeps what it needs to go on")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--batch", type=int)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--epsilon", type=float)
    parser.add_argument("--first", type=int, default=0, help="estimate: the image to begin with")
    parser.add_argument("--rows", type=int, help="estimate: so many images; default: all")
    parser.add_argument("--chunk", type=int, default=500, help="estimate: images at a time")
    options = parser.parse_args()
    torch.set_flush_denormal(True)
    (train if options.what == "train" else estimate)(options)


main()
