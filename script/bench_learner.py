"""The policy network of policies/{reader,judges,encoder,layers,heads,network}.cc in eager PyTorch, on the batch and from the weights that learner_bench wrote.

    python bench_learner.py BATCH.safetensors THREADS STEPS [compiled]      prints JSON; script/bench-learner runs both and compares.
compiled: the loss through torch.compile, whose first steps (they compile) are not among the times.
As one would write it in PyTorch: a parameter per tensor, torch.optim.AdamW (fused), clip_grad_norm_, an average by _foreach_lerp_.
"""

import json
import math
import struct
import sys
import time

import numpy
import torch
import torch.nn.functional as F

CLIP, FINE_SCALES, VIEWS, SET_EVIDENCE, SHARPNESS, QUIET, SPARING, SMOOTHING = 10, (4, 16), 3, 2, 5, 3, 0.002, 0.05
JUDGES, ALARMS, NEAR, POOLS, COUNTED, STRONGEST, NEVER, SURELY = 4, 16, 3, 4, 8, 3, 10, 1e-4
TEXTS_PER_GROUP, MOST_GROUPS = 16, 6


def load(path):
    data = open(path, "rb").read()
    (n,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + n])
    bench = json.loads(header.pop("__metadata__")["bench"])
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        tensors[name] = torch.from_numpy(
            numpy.frombuffer(data[8 + n + begin : 8 + n + end], dtype="<f4").reshape(entry["shape"]).copy()
        )
    return tensors, bench


class Network:
    def __init__(self, tensors, bench):
        self.p = {k: v.requires_grad_() for k, v in tensors.items() if not k.startswith("batch.")}
        self.config, self.lengths, self.word_dim = bench["config"], bench["lengths"], bench["word_dim"]
        scales = bench["normalizer"]
        self.mean, self.inverse = torch.tensor(scales["obs_mean"]), 1 / torch.tensor(scales["obs_scale"])
        self.action_mean, self.action_scale = torch.tensor(scales["action_mean"]), torch.tensor(scales["action_scale"])
        self.heads, self.pointers, self.d = (
            self.config["attention_heads"],
            self.config["pointers"],
            self.config["width"],
        )
        self.vectors, self.sets, offset = [], [], 0
        for field in bench["spec"]["observation"]:
            size = math.prod(field["shape"])
            if len(field["shape"]) == 2:
                self.sets.append(
                    (field["name"], offset, *field["shape"], torch.tensor(field["identity"], dtype=torch.long))
                )
            else:
                self.vectors.append((offset, size))
            offset += size
        self.num_slots = sum(s[2] for s in self.sets)

    def linear(self, name, x):
        return F.linear(x, self.p[name + ".weight"], self.p[name + ".bias"])

    def norm(self, name, x):
        return F.layer_norm(x, (x.shape[-1],), self.p[name + ".scale"], self.p[name + ".shift"])

    def mlp(self, name, x):
        return self.linear(name + ".second", F.silu(self.linear(name + ".first", x)))

    def attend(self, q, k, v, mask):
        split = lambda x: x.view(x.shape[0], x.shape[1], self.heads, -1).transpose(1, 2)
        return F.scaled_dot_product_attention(split(q), split(k), split(v), mask).transpose(1, 2).reshape(q.shape)

    def block(self, name, x, mask):
        q, k, v = self.linear(name + ".qkv", self.norm(name + ".norm_attention", x)).chunk(3, -1)
        x = x + self.linear(name + ".out", self.attend(q, k, v, mask))
        return x + self.mlp(name + ".mlp", self.norm(name + ".norm_mlp", x))

    def team(self, name, x):
        """JUDGES linear layers at once."""
        return torch.baddbmm(self.p[name + ".bias"], x, self.p[name + ".weight"])

    def team_mlp(self, name, x):
        return self.team(name + ".second", F.silu(self.team(name + ".first", x)))

    def team_norm(self, name, x):
        return F.layer_norm(x, (self.d,)) * self.p[name + ".scale"] + self.p[name + ".shift"]

    def judged(self, tokens, mask):
        """policies/judges.cc: the sentence as a whole, as each judge takes it. [U, JUDGES * d]"""
        texts, length = tokens.shape[:2]
        words = (
            self.linear("reader.judges.in", tokens).view(texts * length, JUDGES, self.d).transpose(0, 1).contiguous()
        )
        mask = mask.repeat(JUDGES, 1, 1, 1)
        padding = mask.view(-1, length, 1)
        here = words.view(-1, length, self.d) * padding.exp()
        near = F.pad(here, (0, 0, NEAR // 2, NEAR // 2)).unfold(1, NEAR, 1).reshape(JUDGES, -1, self.d * NEAR)
        words = words + self.team_mlp("reader.judges.near", near)
        for i in range(self.config["text_blocks"]):
            name = f"reader.judges.{i}"
            q, k, v = (
                self.team(name + ".qkv", self.team_norm(name + ".norm_attention", words))
                .view(-1, length, 3 * self.d)
                .chunk(3, -1)
            )
            words = words + self.team(name + ".out", self.attend(q, k, v, mask).reshape(words.shape))
            words = words + self.team_mlp(name + ".mlp", self.team_norm(name + ".norm_mlp", words))
        words = self.team_norm("reader.judges.norm", words)
        looks = torch.softmax(self.team("reader.judges.pool", words).view(-1, length, POOLS) + padding, 1)
        each = self.team_mlp("reader.judges.alarm", words).view(-1, length, ALARMS) - QUIET + padding
        alarms = torch.logsumexp(torch.cat([torch.zeros(len(each), 1, ALARMS), each], 1), 1)
        pooled = torch.bmm(looks.transpose(1, 2), words.view(-1, length, self.d)).reshape(len(each), -1)
        seen = torch.cat([pooled, alarms], 1).view(JUDGES, texts, -1)
        return self.team_mlp("reader.judges.told", seen).transpose(0, 1).reshape(texts, -1)

    def apart(self, told):
        return told.view(len(told), JUDGES, self.d).transpose(0, 1)

    def encode_rows(self, tokens, mask):
        alone = self.linear("reader.word_in", self.norm("reader.word_norm", tokens[..., : self.word_dim]))
        normal = self.norm("reader.norm", tokens)
        words = self.linear("reader.in", normal)
        for i in range(self.config["text_blocks"]):
            words = self.block(f"reader.{i}", words, mask)
        words = self.norm("reader.out_norm", words)
        told = self.judged(normal, mask)
        kv = self.linear("reader.keys_values", words)
        said, excluded = self.mlp("reader.evidence", alone).chunk(2, -1)
        each = torch.lerp(said, excluded, self.linear("reader.excluded", words).sigmoid()) - QUIET
        nothing = torch.zeros(each.shape[0], 1, each.shape[2])
        evidence = torch.logsumexp(torch.cat([nothing, each + mask.view(each.shape[0], -1, 1)], 1), 1)
        asked, first = [], 0
        for i, s in enumerate(self.sets):
            n = len(s[4])
            asked += [
                evidence[:, first : first + n],
                self.p["reader.ask.bias"][i] - evidence[:, first + n : first + n + SET_EVIDENCE].sum(1, True),
            ]
            first += n + SET_EVIDENCE
        return kv, torch.cat(asked, 1), self.team("reader.judges.quantity", self.apart(told)).mean(0), told

    def encode_text(self, tokens, mask):
        rows, padded = tokens.shape[:2]
        groups = min(max(rows // TEXTS_PER_GROUP, 1), MOST_GROUPS)
        kvs, rest = [], []
        for g in range(groups):
            a, b = rows * g // groups, rows * (g + 1) // groups
            length = self.lengths[b - 1]
            kv, *others = self.encode_rows(tokens[a:b, :length], mask[a:b, :, :, :length])
            kvs.append(F.pad(kv, (0, 0, 0, padded - length)))
            rest.append(others)
        return torch.cat(kvs), *(torch.cat(column) for column in zip(*rest))

    def ground(self, obs, wanted):
        scores, there, column, n = [], [], 0, obs.shape[0]
        for _, offset, count, columns, identity in self.sets:
            n_id = len(identity)
            slots = obs[:, offset : offset + count * columns].view(n, count, columns)
            there.append(slots[:, :, 0])
            scores.append(
                torch.bmm(slots.index_select(2, identity), wanted[:, column : column + n_id].unsqueeze(2)).squeeze(2)
                + wanted[:, column + n_id : column + n_id + 1]
            )
            column += n_id + 1
        return torch.cat(scores, 1), torch.cat(there, 1)

    def reading_loss(self, batch):
        _, wanted, quantity, told = (
            x.index_select(0, batch["text.index"]) for x in self.encode_text(batch["text.tokens"], batch["text.mask"])
        )
        grounding, there = self.ground(batch["obs"], wanted)
        each = F.binary_cross_entropy_with_logits(grounding, batch["wanted"], reduction="none")
        loss = (
            (each * there).sum() / there.sum()
            + SPARING * wanted.abs().mean()
            + F.cross_entropy(quantity, batch["quantity"])
        )
        says = torch.log_softmax(
            self.team_mlp(
                "reader.judges.says", torch.cat([self.apart(told), self.named(wanted).expand(JUDGES, -1, -1)], 2)
            ),
            2,
        )
        possible = (
            F.logsigmoid(self.conditions(grounding.detach(), there, torch.softmax(quantity.detach(), 1)))
            .sum(1, True)
            .clamp_max(-SURELY)
        )
        order, impossible = says[:, :, :1], torch.log1p(-possible.exp())
        judged = torch.cat(
            [order + possible, torch.logaddexp(says[:, :, 1:2], order + impossible), says[:, :, 2:]], 2
        ).flatten(0, 1)
        return loss + F.cross_entropy(judged, torch.zeros(len(judged), dtype=torch.long), label_smoothing=SMOOTHING)

    def named(self, wanted):
        columns, first = [], 0
        for s in self.sets:
            n = len(s[4])
            of_set = wanted.detach()[:, first : first + n + 1]
            columns += [torch.topk(of_set[:, :n], min(STRONGEST, n), 1)[0] / NEVER, of_set[:, n:] / NEVER]
            first += n + 1
        return torch.cat(columns, 1)

    def conditions(self, score, there, asked):
        meant, margins, first = score.sigmoid() * there, [], 0
        for s in self.sets:
            of_set = slice(first, first + s[2])
            margins.append(((there[:, of_set] - 1) * NEVER + score[:, of_set]).amax(1, True).clamp(-NEVER, NEVER))
            if first:
                margins.append((1.5 - meant[:, of_set].sum(1, True)) * COUNTED)
            first += s[2]
        found = meant[:, : self.sets[0][2]].sum(1, True)
        margins.append(
            ((found - torch.tensor([1.0, 2.0, 3.0, 1.0]) + 0.5) * COUNTED * asked).sum(1, True).clamp(-NEVER, NEVER)
        )
        return torch.cat(margins, 1)

    def loss(self, batch):
        kv, wanted, quantity, _ = self.encode_text(batch["text.tokens"], batch["text.mask"])
        index = batch["text.index"]
        kv = kv.index_select(0, index).split(self.d, 2)
        mask, wanted, quantity, obs = (
            batch["text.mask"].index_select(0, index),
            wanted.index_select(0, index),
            quantity.index_select(0, index),
            batch["obs"],
        )
        n = obs.shape[0]
        scaled = obs * self.inverse
        views = torch.stack(
            [((obs - self.mean) * self.inverse).clamp(-CLIP, CLIP)] + [torch.tanh(scaled * s) for s in FINE_SCALES], 1
        )
        vector = torch.cat(
            [views[:, :, o : o + s].reshape(n, -1) for o, s in self.vectors] + [torch.softmax(quantity.detach(), 1)], 1
        )
        context = self.mlp("encoder.context", vector).unsqueeze(1)
        meant = self.ground(obs, wanted)[0].detach()
        share, first = meant.sigmoid(), 0
        tokens, geometry, present = [context], [torch.zeros_like(context)], [torch.ones(n, 1)]
        for name, offset, count, columns, _ in self.sets:
            name = "encoder.slots." + name
            cols = (
                views[:, :, offset : offset + count * columns]
                .reshape(n, VIEWS, count, columns)
                .transpose(1, 2)
                .reshape(n, count, -1)
            )
            hidden = (
                self.linear(name + ".columns", cols)
                + self.linear(name + ".context", context)
                + self.linear(name + ".wanted", share[:, first : first + count].unsqueeze(2))
            )
            tokens.append(self.linear(name + ".out", F.silu(hidden)))
            geometry.append(self.linear(name + ".value", cols))
            present.append(obs[:, offset : offset + count * columns].view(n, count, columns)[:, :, 0])
            first += count
        x, geometry, present = torch.cat(tokens, 1), torch.cat(geometry, 1), torch.cat(present, 1) >= 0.5
        slot_mask = torch.zeros(present.shape).masked_fill(~present, -math.inf)
        for i in range(self.config["blocks"]):
            name = f"encoder.block.{i}"
            x = x + self.linear(
                name + ".query_out",
                self.attend(self.linear(name + ".query", self.norm(name + ".norm", x)), kv[2 * i], kv[2 * i + 1], mask),
            )
            x = self.block(name, x, slot_mask.view(n, 1, 1, -1))
        x = self.norm("encoder.readout.norm", x)
        queries = self.linear("encoder.readout.query", x[:, 0]).view(n, self.pointers, self.d)
        key, value = self.linear("encoder.readout.key_value", x).split(self.d, 2)
        liked = torch.bmm(queries, key.transpose(1, 2)) / math.sqrt(self.d)
        liked = liked + (SHARPNESS * torch.cat([torch.full((n, 1), -1.0), F.logsigmoid(meant)], 1)).unsqueeze(1)
        reach, first = torch.zeros(1, self.pointers, 1 + self.num_slots), 1
        for i, s in enumerate(self.sets):
            if i < self.pointers:
                reach[0, i, 1:] = -math.inf
                reach[0, i, first : first + s[2]] = 0
            first += s[2]
        values = value + geometry
        pointed = torch.bmm(torch.softmax(liked + slot_mask.unsqueeze(1) + reach, -1), values).reshape(n, -1)
        h = F.silu(self.linear("head.context", torch.cat([x[:, 0], pointed, vector], 1)))
        for i in range(self.config["trunk_blocks"]):
            h = h + self.mlp(f"head.block.{i}.mlp", self.norm(f"head.block.{i}.norm", h))
        out = self.linear("head.out", F.silu(self.norm("head.norm", h))).view(batch["actions"].shape)
        errors = (out - (batch["actions"] - self.action_mean) / self.action_scale).abs()
        return (errors * batch["mask"].unsqueeze(2)).sum() / (
            batch["mask"].sum() * errors.shape[2]
        ) + self.reading_loss(batch)


def main():
    path, threads, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(threads)
    tensors, bench = load(path)
    batch = {k[6:]: v for k, v in tensors.items() if k.startswith("batch.")}
    batch["text.index"], batch["quantity"] = batch["text.index"].long(), batch["quantity"].long()
    network = Network(tensors, bench)
    parameters = list(network.p.values())
    average = [p.detach().clone() for p in parameters]
    optimizer = torch.optim.AdamW(parameters, lr=1e-4, betas=(0.9, 0.95), weight_decay=0.01, fused=True)
    loss_of = torch.compile(network.loss) if "compiled" in sys.argv[4:] else network.loss
    times, losses = [], []
    for _ in range(steps):
        start = time.perf_counter()
        optimizer.zero_grad()
        loss = loss_of(batch)
        loss.backward()
        losses.append(loss.item())
        torch.nn.utils.clip_grad_norm_(parameters, 1.0).item()
        optimizer.step()
        torch._foreach_lerp_(average, [p.detach() for p in parameters], 0.001)
        times.append(1e3 * (time.perf_counter() - start))
    times = sorted(times[2:] or times)
    print(
        json.dumps(
            {
                "ms_per_step": times[len(times) // 2],
                "ms_best": times[0],
                "threads": threads,
                "parameters": sum(p.numel() for p in parameters),
                "first_loss": losses[0],
                "last_loss": losses[-1],
                "torch": torch.__version__,
            }
        )
    )


main()
