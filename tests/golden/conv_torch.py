#!/usr/bin/python3
"""Writes conv_values.h: what PyTorch computes for the training steps over a convolutional
autoencoder of images.

Independent of the C code: autograd in float64. Parameters, images and noise are not written but
follow from pattern(), which the test has too, exact in float32. Needs python3-torch. Run in this
folder: ./conv_torch.py
"""
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)

ROWS, SIDE, NOISE, RATE, CLIP = 4, 28, 4, 0.01, 0.01
CHANNELS, CODE = [3, 2, 4], 3
CRITIC, GENERATOR, ALARM = [5, 4], [6, 5], [5, 4]
LAMBDA = 2.0
BIG = 2**32


def pattern(stream, n):
    """n numbers in [-.5, .5)."""
    values = []
    for k in range(n):
        h = ((k + 1) * 2654435761 + stream * 2246822519) % BIG
        h ^= h >> 15
        h = h * 2246822519 % BIG
        h ^= h >> 13
        values.append((h >> 8) / 2**24 - 0.5)
    return torch.tensor(values)


def drawn(stream, rows, columns, scale, shift=0.0):
    return (scale * pattern(stream, rows * columns) + shift).reshape(rows, columns)


class Dense:
    def __init__(self, a, b, leaky):
        self.shape, self.leaky = (a, b), leaky
        self.n = a * b + b

    def run(self, p, x, _training):
        a, b = self.shape
        y = x @ p[: a * b].reshape(a, b) + p[a * b :]
        return F.leaky_relu(y, 0.01) if self.leaky else y


class Conv:
    """x, y: (rows, channels, height, width). Weights as (kernel, kernel, large, small channels), the
    large image being what a convolution reads and a transposed one writes."""

    def __init__(self, kernel, large, small, same, leaky, transposed=False):
        self.shape = (kernel, kernel, large, small)
        self.same, self.leaky, self.transposed = same, leaky, transposed
        self.n_weights = kernel * kernel * large * small
        self.n = self.n_weights + (large if transposed else small)

    def run(self, p, x, _training):
        weights = p[: self.n_weights].reshape(self.shape).permute(3, 2, 0, 1)
        bias = p[self.n_weights :]
        if self.transposed:
            y = F.conv_transpose2d(x, weights, bias, stride=2, padding=1 if self.same else 0)
        else:
            if self.same:
                height, kernel = x.shape[2], self.shape[0]
                total = max((-(-height // 2) - 1) * 2 + kernel - height, 0)
                before = total // 2
                x = F.pad(x, (before, total - before, before, total - before))
            y = F.conv2d(x, weights, bias, stride=2)
        return F.leaky_relu(y, 0.01) if self.leaky else y


class BatchNorm:
    """Parameters: gamma, running mean, running variance, beta."""

    leaky = False

    def __init__(self, channels):
        self.channels, self.n = channels, 4 * channels

    def run(self, p, x, training):
        gamma, mean, variance, beta = p.reshape(4, self.channels)
        self.running = [mean.detach().clone(), variance.detach().clone()]
        return F.batch_norm(x, *self.running, gamma, beta, training, 0.01, 1e-3)


class Net:
    def __init__(self, stream, layers):
        self.layers = layers
        self.p = 0.5 * pattern(stream, sum(layer.n for layer in layers))
        for layer, part in self.parts():
            if isinstance(layer, BatchNorm):  # gamma around 1, variances positive
                part[: layer.channels] += 1.0
                part[2 * layer.channels : 3 * layer.channels] += 0.5
        self.p.requires_grad_()

    def parts(self):
        at = 0
        for layer in self.layers:
            yield layer, self.p[at : at + layer.n]
            at += layer.n

    def run(self, x, training=False):
        hidden = []
        for layer, part in self.parts():
            x = layer.run(part, x, training)
            if layer.leaky:
                hidden.append(flat_image(x))
        return x, hidden

    def track(self):
        for layer, part in self.parts():
            if isinstance(layer, BatchNorm):
                part.data[layer.channels : 3 * layer.channels] = torch.cat(layer.running)


def flat_image(x):
    """Pixel by pixel, each with its channels."""
    return x.permute(0, 2, 3, 1).reshape(len(x), -1) if x.dim() == 4 else x


def dense(stream, widths):
    last = len(widths) - 2
    return Net(stream, [Dense(a, b, i < last)
                        for i, (a, b) in enumerate(zip(widths, widths[1:]))])


def encoder():
    layers, before = [], 1
    for channels in CHANNELS:
        layers += [Conv(3, before, channels, True, True), BatchNorm(channels)]
        before = channels
    return Net(1, layers + [Conv(3, before, CODE, False, False)])


def decoder():
    layers, before = [], CODE
    for channels, same in zip(CHANNELS[::-1], (True, False, False)):
        layers += [Conv(4, channels, before, same, True, True), BatchNorm(channels)]
        before = channels
    return Net(2, layers + [Conv(4, 1, before, True, False, True)])


HIDDEN = CHANNELS[2] * 4 + CHANNELS[1] * 36 + CHANNELS[0] * 196
nets = {
    "encoder": encoder(),
    "decoder": decoder(),
    "discriminator": dense(3, [CODE, *CRITIC, 1]),
    "generator": dense(4, [NOISE, *GENERATOR, CODE]),
    "critic": dense(5, [CODE, *CRITIC, 1]),
    "alarm": dense(6, [HIDDEN, *ALARM, 1]),
}
x = drawn(10, ROWS, SIDE * SIDE, 1.0, 0.5)
prior = drawn(11, ROWS, CODE, 4.0)
trivial = drawn(12, ROWS, SIDE * SIDE, 2.0, 0.5)
alarm_noise = drawn(13, ROWS, NOISE, 4.0)
generator_noise = drawn(14, 2 * ROWS, NOISE, 4.0)
wide = drawn(15, ROWS, CODE, 8.0)
critic_noise = drawn(16, ROWS, NOISE, 4.0)


def encode(rows, training=False):
    images = rows.reshape(len(rows), 1, SIDE, SIDE)
    return nets["encoder"].run(images, training)[0].reshape(len(rows), CODE)


def decode(codes, training=False):
    return nets["decoder"].run(codes.reshape(len(codes), CODE, 1, 1), training)


def verdict(name, rows):
    return torch.sigmoid(nets[name].run(rows)[0])


def alarm_logit(codes):
    return nets["alarm"].run(torch.cat(decode(codes)[1], 1))[0]


def reconstruction():
    logits = flat_image(decode(encode(x, True), True)[0])
    return F.binary_cross_entropy_with_logits(logits, x)


def discrimination():
    codes = encode(x).detach()
    return verdict("discriminator", codes).mean() - verdict("discriminator", prior).mean()


def deception():
    return -verdict("discriminator", encode(x, True)).mean()


def cross_entropy(logits, label):
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))


def alarm():
    made = nets["generator"].run(alarm_noise)[0]
    return (cross_entropy(alarm_logit(normal_codes), 0.0)
            + cross_entropy(alarm_logit(encode(trivial)), 1.0)
            + cross_entropy(alarm_logit(made), 1.0))


def generator():
    codes = nets["generator"].run(generator_noise)[0]
    return (torch.sigmoid(alarm_logit(codes[:ROWS])).mean()
            + verdict("critic", codes[ROWS:]).mean())


def critic():
    made = nets["generator"].run(critic_noise)[0].detach()
    return (verdict("critic", wide).mean() - LAMBDA * verdict("critic", made).mean()
            - LAMBDA * verdict("critic", normal_codes).mean())


# Each step: its loss, the networks it trains, whether the gradient's norm is bounded.
STAGES = [
    [(reconstruction, ["encoder", "decoder"], False), (discrimination, ["discriminator"], True),
     (deception, ["encoder"], True)],
    [(alarm, ["alarm"], False), (generator, ["generator"], True), (critic, ["critic"], True)],
]


def gradients(loss, names):
    """Of the trained parameters; running averages have none."""
    grads = torch.autograd.grad(loss, [nets[name].p for name in names])
    for name, grad in zip(names, grads):
        at = 0
        for layer in nets[name].layers:
            if isinstance(layer, BatchNorm):
                grad[at + layer.channels : at + 3 * layer.channels] = 0.0
            at += layer.n
    return grads


def adam(params, grads, state):
    """Adam as Keras writes it: epsilon is added to the uncorrected root."""
    state["t"] = state.get("t", 0) + 1
    t = state["t"]
    rate = RATE * (1 - 0.999**t) ** 0.5 / (1 - 0.9**t)
    for i, (p, g) in enumerate(zip(params, grads)):
        m, v = state.get(i, (torch.zeros_like(p), torch.zeros_like(p)))
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        state[i] = (m, v)
        p.data -= rate * m / (v.sqrt() + 1e-7)


def train_batch(steps, states):
    for step, names, bounded in steps:
        grads = gradients(step(), names)
        if bounded:
            norm = sum((g * g).sum() for g in grads).sqrt().item()
            grads = [g * min(1.0, CLIP / norm) for g in grads]
        adam([nets[name].p for name in names], grads, states.setdefault(step.__name__, {}))
        for name in names:
            nets[name].track()


out = []


def write(name, values):
    text = [f"{v:.9e}F" for v in values.detach().reshape(-1).tolist()]
    out.append(f"static const float conv_{name}[{len(text)}] = {{\n{', '.join(text)}}};\n")


def write_vector(name, values):
    """Whole, or if it is long its sums with eight patterns as weights."""
    if len(values) > 600:
        values = torch.stack([pattern(100 + i, len(values)) @ values for i in range(8)])
    write(name, values)


normal_codes = encode(x).detach()
write("codes", normal_codes)
for steps in STAGES:
    for step, names, _ in steps:
        loss = step()
        write(f"{step.__name__}_loss", loss)
        for name, grad in zip(names, gradients(loss, names)):
            write_vector(f"{step.__name__}_grad_{name}", grad)
for steps in STAGES:
    states = {}
    for batch in range(2):
        train_batch(steps, states)
    normal_codes = encode(x).detach()
for name, net in nets.items():
    write_vector(f"{name}_after", net.p)

with open("conv_values.h", "w", encoding="ascii") as f:
    f.write("/* Written by conv_torch.py; do not edit. */\n/* clang-format off */\n" + "\n".join(out))
