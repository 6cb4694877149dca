#!/usr/bin/python3
"""Writes da3d_values.h: what PyTorch computes for one batch of each DA3D training step.

Independent of the C code: autograd in float64, from fixed parameters, rows, noise and dropout
masks, all exact in float32; then every network after two batches of each stage; then the same of
stage 2 for each variant of the method, from the networks' first parameters. Needs python3-torch. Run in this folder: ./da3d_torch.py
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
alarms = {"decoder": nets["alarm"], "encoder": nets["alarm"]}  # by what they read
initial = {name: [p.detach().clone() for p in net] for name, net in nets.items()}
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


# Stage 1. Each step: its loss, the networks it trains, whether the gradient's norm is bounded.
STEPS = [
    (reconstruction, ["encoder", "decoder"], False),
    (discrimination, ["discriminator"], True),
    (deception, ["encoder"], True),
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


def move(params, grads, bounded, state):
    if bounded:
        norm = sum((g * g).sum() for g in grads).sqrt().item()
        grads = [g * min(1.0, CLIP / norm) for g in grads]
    adam(params, grads, state)


def train_batch(states):
    for step, names, bounded in STEPS:
        grads = gradients(step(), names)
        params = [p for name in names for p in nets[name]]
        move(params, grads, bounded, states.setdefault(step.__name__, {}))


def as_input(codes):
    return torch.sigmoid(run(nets["decoder"], codes)[0])


class Variant:
    """Stage 2 under the given settings, over nets' autoencoder and copies of its other networks."""

    def __init__(self, generator="gan", trivial=True, reads="decoder", clip="gradient_norm"):
        self.source, self.trivial, self.reads, self.clip = generator, trivial, reads, clip
        self.nets = {name: [p.detach().clone().requires_grad_() for p in net]
                     for name, net in (("alarm", alarms[reads]), ("generator", nets["generator"]),
                                       ("critic", nets["critic"]))}
        self.steps = ["alarm", "generator", "critic"] if generator == "gan" else ["alarm"]

    def of_inputs(self, rows):
        codes, encoder_hidden = run(nets["encoder"], rows)
        read = []
        if self.reads != "decoder":
            read += encoder_hidden
        if self.reads != "encoder":
            read += run(nets["decoder"], codes)[1]
        return torch.cat(read, 1)

    def of_codes(self, codes):
        return activations(codes) if self.reads == "decoder" else self.of_inputs(as_input(codes))

    def alarm(self):
        terms = [self.of_inputs(x)]
        if self.trivial:
            terms.append(self.of_inputs(d["trivial"]))
        if self.source == "gan":
            terms.append(self.of_codes(run(self.nets["generator"], d["alarm_noise"])[0]))
        if self.source == "gaussian":
            terms.append(self.of_codes(d["wide"]))
        rows = ROWS * len(terms)
        masks = flat(d["alarm"])  # a batch of fewer terms takes the first bytes of the same masks
        shaped = []
        for mask in d["alarm"]:
            size = rows * mask.shape[1]
            shaped.append(masks[:size].reshape(rows, -1))
            masks = masks[size:]
        logits = run(self.nets["alarm"], torch.cat(terms).detach(), shaped)[0].split(ROWS)
        return cross_entropy(logits[0], 0.0) + sum(cross_entropy(z, 1.0) for z in logits[1:])

    def generator(self):
        codes = run(self.nets["generator"], d["generator_noise"], d["generator"])[0]
        found = torch.sigmoid(run(self.nets["alarm"], self.of_codes(codes[:ROWS]))[0])
        return found.mean() + torch.sigmoid(run(self.nets["critic"], codes[ROWS:])[0]).mean()

    def critic(self):
        made = run(self.nets["generator"], d["critic_noise"])[0]
        codes = torch.cat([d["wide"], made, encode(x)]).detach()
        verdicts = torch.sigmoid(run(self.nets["critic"], codes, d["critic"])[0])
        wide, made, normal = verdicts.split(ROWS)
        return wide.mean() - LAMBDA_G * made.mean() - LAMBDA_N * normal.mean()

    def loss_and_gradient(self, step):
        loss = getattr(self, step)()
        return loss, torch.autograd.grad(loss, self.nets[step])

    def train_batch(self, states):
        for step in self.steps:
            grads = self.loss_and_gradient(step)[1]
            bounded = step != "alarm" and self.clip == "gradient_norm"
            move(self.nets[step], grads, bounded, states.setdefault(step, {}))
            if step == "critic" and self.clip == "weights":
                for p in self.nets[step]:
                    p.data.clamp_(-CLIP, CLIP)


out = []


def write(name, values, kind="float", digits=9):
    text = [f"{int(v)}" if kind == "uint8_t" else f"{v:.{digits}e}F" for v in values.tolist()]
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
paper = Variant()
for step in paper.steps:
    loss, grads = paper.loss_and_gradient(step)
    write(f"{step}_loss", flat([loss]))
    write(f"{step}_grad_{step}", flat(grads))
states = {}
for batch in range(2):
    train_batch(states)
for batch in range(2):
    paper.train_batch(states)
for name in nets:
    write(f"{name}_after", flat(paper.nets.get(name, nets[name])))

# The other variants of stage 2, from the first parameters again.
for name, net in nets.items():
    for p, first in zip(net, initial[name]):
        p.data.copy_(first)
alarms["both"] = new_net([2 * sum(HIDDEN), *ALARM, 1])
write("alarm_both_params", flat(alarms["both"]))
VARIANTS = [
    Variant(trivial=False),
    Variant(clip="weights"),
    Variant("gaussian"),
    Variant("gaussian", trivial=False),
    Variant("none"),
    Variant(reads="encoder"),
    Variant("gaussian", reads="encoder"),
    Variant("none", reads="encoder"),
    Variant(reads="both"),
    Variant(trivial=False, reads="both"),
    Variant("gaussian", reads="both"),
    Variant("none", reads="both"),
]
rows = []
for number, variant in enumerate(VARIANTS):
    fields = [f"DA3D_GENERATOR_{variant.source.upper()}", str(variant.trivial).lower(),
              f"DA3D_ACTIVATIONS_{variant.reads.upper()}", f"DA3D_CLIP_{variant.clip.upper()}"]
    found = {step: variant.loss_and_gradient(step) for step in variant.steps}
    states = {}
    for batch in range(2):
        variant.train_batch(states)
    for step in ("alarm", "generator", "critic"):
        if step not in variant.steps:
            fields.append("{0.0F, 0, NULL, NULL}")
            continue
        loss, grads = found[step]
        name = f"variant_{number}_{step}"
        write(f"{name}_grad", flat(grads), digits=6)
        write(f"{name}_after", flat(variant.nets[step]), digits=6)
        fields.append(f"{{{loss.item():.9e}F, COUNT(golden_{name}_grad), golden_{name}_grad, "
                      f"golden_{name}_after}}")
    rows.append("    {" + ", ".join(fields) + "},\n")
out.append("""/* One step of a variant: its loss, gradient by its network's parameters, all from the networks'
 * first parameters, and these parameters after two batches. n == 0: the variant has no such step. */
struct golden_step {
    float loss;
    size_t n;
    const float *grad, *after;
};

static const struct golden_variant {
    enum da3d_generator generator_kind;
    bool trivial;
    enum da3d_activations activations;
    enum da3d_clip clip_kind;
    struct golden_step alarm, generator, critic;
} golden_variants[] = {
""" + "".join(rows) + "};\n")

with open("da3d_values.h", "w", encoding="ascii") as f:
    f.write("/* Written by da3d_torch.py; do not edit. */\n/* clang-format off */\n")
    f.write("#include <stddef.h>\n#include <stdint.h>\n\n#include \"core/da3d.h\"\n\n"
            "#define COUNT(array) (sizeof(array) / sizeof(array)[0])\n\n" + "\n".join(out))
