#!/usr/bin/python3
"""Writes da3d_values.h: what PyTorch computes for one batch of each DA3D training step.

Independent of the C code: autograd in float64, from fixed parameters, rows, noise and dropout
masks, all exact in float32; then every network after two batches of each stage. Needs
python3-torch. Run in this folder: ./da3d_torch.py
"""
import torch

torch.manual_seed(20211)
torch.set_default_dtype(torch.float64)

ROWS, INPUTS, CODE, NOISE, DROP, RATE, CLIP = 6, 7, 3, 4, 0.3, 0.01, 0.01
SIGMA, LAMBDA_G, LAMBDA_N = 2.0, 2.0, 1.5
HIDDEN, CRITIC, GENERATOR, ALARM = [6, 5, 4], [6, 4], [7, 5], [8, 6]
WIDTHS = {
    "encoder": [INPUTS, *HIDDEN, CODE],
    "decoder": [CODE, *HIDDEN[::-1], INPUTS],
    "discriminator": [CODE, *CRITIC, 1],
    "generator": [NOISE, *GENERATOR, CODE],
    "critic": [CODE, *CRITIC, 1],
    "alarm": [sum(HIDDEN), *ALARM, 1],
}


def single(t):
    """Rounds to what float32 can hold."""
    return t.to(torch.float32).to(torch.float64)


def new_net(widths):
    layers = []
    for a, b in zip(widths, widths[1:]):
        layers.append(single(torch.randn(a, b) * (2.0 / (a + b)) ** 0.5).requires_grad_())
        layers.append(single(torch.randn(b) * 0.1).requires_grad_())
    return layers


def new_masks(net, rows):
    """A 0/1 mask for each hidden layer."""
    return [(torch.rand(rows, w.shape[1]) >= DROP).to(torch.float64) for w in net[0:-2:2]]


def run(net, x, masks=None):
    """The net's output before any sigmoid, and its hidden activations before dropout."""
    hidden = []
    for i in range(0, len(net), 2):
        x = x @ net[i] + net[i + 1]
        if i + 2 < len(net):
            x = torch.nn.functional.leaky_relu(x, 0.01)
            hidden.append(x)
            if masks is not None:
                x = x * masks[i // 2] / (1 - DROP)
    return x, hidden


def activations(codes):
    return torch.cat(run(nets["decoder"], codes)[1], 1)


def verdict(name, codes, masks=None):
    return torch.sigmoid(run(nets[name], codes, masks)[0])


def cross_entropy(logits, label):
    return torch.nn.functional.binary_cross_entropy_with_logits(
        logits, torch.full_like(logits, label))


nets = {name: new_net(widths) for name, widths in WIDTHS.items()}
x = single(torch.rand(ROWS, INPUTS))
d = {  # the draws of one batch, named as in draws.h
    "reconstruct_encoder": new_masks(nets["encoder"], ROWS),
    "reconstruct_decoder": new_masks(nets["decoder"], ROWS),
    "discriminate": new_masks(nets["discriminator"], 2 * ROWS),
    "deceive": new_masks(nets["encoder"], ROWS),
    "prior": single(torch.randn(ROWS, CODE)),
    "trivial": single(0.5 + torch.randn(ROWS, INPUTS)),
    "alarm_noise": single(torch.randn(ROWS, NOISE)),
    "alarm": new_masks(nets["alarm"], 3 * ROWS),
    "generator_noise": single(torch.randn(2 * ROWS, NOISE)),
    "generator": new_masks(nets["generator"], 2 * ROWS),
    "wide": single(SIGMA * torch.randn(ROWS, CODE)),
    "critic_noise": single(torch.randn(ROWS, NOISE)),
    "critic": new_masks(nets["critic"], 3 * ROWS),
}


def encode(rows, masks=None):
    return run(nets["encoder"], rows, masks)[0]


def reconstruction():
    logits = run(nets["decoder"], encode(x, d["reconstruct_encoder"]), d["reconstruct_decoder"])[0]
    return torch.nn.functional.binary_cross_entropy_with_logits(logits, x)


def discrimination():
    codes = torch.cat([encode(x).detach(), d["prior"]])
    real, prior = verdict("discriminator", codes, d["discriminate"]).split(ROWS)
    return real.mean() - prior.mean()


def deception():
    return -verdict("discriminator", encode(x, d["deceive"])).mean()


def alarm():
    generated = run(nets["generator"], d["alarm_noise"])[0]
    codes = torch.cat([encode(x), encode(d["trivial"]), generated]).detach()
    logits = run(nets["alarm"], activations(codes), d["alarm"])[0]
    normal, trivial, made = logits.split(ROWS)
    return cross_entropy(normal, 0.0) + cross_entropy(trivial, 1.0) + cross_entropy(made, 1.0)


def generator():
    codes = run(nets["generator"], d["generator_noise"], d["generator"])[0]
    found = torch.sigmoid(run(nets["alarm"], activations(codes[:ROWS]))[0])
    return found.mean() + verdict("critic", codes[ROWS:]).mean()


def critic():
    generated = run(nets["generator"], d["critic_noise"])[0]
    codes = torch.cat([d["wide"], generated, encode(x)]).detach()
    wide, made, normal = verdict("critic", codes, d["critic"]).split(ROWS)
    return wide.mean() - LAMBDA_G * made.mean() - LAMBDA_N * normal.mean()


# Each step: its loss, the networks it trains, whether the gradient's norm is bounded.
STEPS = [
    (reconstruction, ["encoder", "decoder"], False),
    (discrimination, ["discriminator"], True),
    (deception, ["encoder"], True),
    (alarm, ["alarm"], False),
    (generator, ["generator"], True),
    (critic, ["critic"], True),
]


def flat(tensors):
    return torch.cat([t.detach().reshape(-1) for t in tensors])


def gradients(loss, names):
    return torch.autograd.grad(loss, [p for name in names for p in nets[name]])


def adam(params, grads, state):
    """Adam as Keras writes it: epsilon is added to the uncorrected root."""
    state["t"] = state.get("t", 0) + 1
    t = state["t"]
    rate = RATE * (1 - 0.999**t) ** 0.5 / (1 - 0.9**t)
    for i, (p, g) in enumerate(zip(params, grads)):
        m, v = state.get(i, (torch.zeros_like(p), torch.zeros_like(p)))
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        state[i] = (m, v)
        with torch.no_grad():
            p -= rate * m / (v.sqrt() + 1e-7)


def train_batch(steps, states):
    for step, names, bounded in steps:
        grads = gradients(step(), names)
        if bounded:
            norm = sum((g * g).sum() for g in grads).sqrt().item()
            grads = [g * min(1.0, CLIP / norm) for g in grads]
        adam([p for name in names for p in nets[name]], grads, states.setdefault(step.__name__, {}))


out = []


def write(name, values, kind="float"):
    text = [f"{int(v)}" if kind == "uint8_t" else f"{v:.9e}F" for v in values.tolist()]
    out.append(f"static const {kind} golden_{name}[{len(text)}] = {{\n{', '.join(text)}}};\n")


for name, net in nets.items():
    write(f"{name}_params", flat(net))
write("x", flat([x]))
write("codes", flat([encode(x)]))
for name, drawn in d.items():
    if isinstance(drawn, list):
        write(name, flat(drawn), "uint8_t")
    else:
        write(name, flat([drawn]))
for step, names, _ in STEPS:
    loss = step()
    write(f"{step.__name__}_loss", flat([loss]))
    grads = gradients(loss, names)
    for i, name in enumerate(names):
        n = len(nets[name])
        write(f"{step.__name__}_grad_{name}", flat(grads[i * n : (i + 1) * n]))
states = {}
for stage in (STEPS[:3], STEPS[3:]):
    for batch in range(2):
        train_batch(stage, states)
for name, net in nets.items():
    write(f"{name}_after", flat(net))

with open("da3d_values.h", "w", encoding="ascii") as f:
    f.write("/* Written by da3d_torch.py; do not edit. */\n/* clang-format off */\n")
    f.write("#include <stdint.h>\n\n" + "\n".join(out))
