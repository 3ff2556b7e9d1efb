"""PPO on `reach` as CleanRL writes it: one file, eager PyTorch, torch.optim.Adam, with the network sizes, losses and
settings of trainer/{ppo_config,critic,ppo_loss}.h on Python worlds. What it is spared, where Genba is not: it reads no
sentences (which slots are meant is given to it), encodes no texts, saves nothing.

    python ppo.py FOLDER KIND SETTINGS THREADS ITERATIONS [SHARE]     KIND: batch | batch_sleep
SETTINGS: JSON of ppo_config.h. Prints a JSON line an iteration, and a last one. With SHARE it stops when that share of
the last 200 episodes is done (of episodes played with noise: a stricter count), at the latest after ITERATIONS.
"""

import collections
import json
import math
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from cell import PART, PARTS, PLACE, PLACES, PROPRIO, Cell
from worlds import ACTIONS, OBS, batch_worlds

D, POINTERS, TRUNK, SHARPNESS, FINE, CLIP, QUANTITIES = 64, 4, 128, 5, (4, 16), 10, 4
SETS = ((PROPRIO, PARTS, PART), (PROPRIO + PARTS * PART, PLACES, PLACE))


def mlp(inputs, hidden, outputs):
    return nn.Sequential(nn.Linear(inputs, hidden), nn.SiLU(), nn.Linear(hidden, outputs))


class Actor(nn.Module):
    """policies/encoder.cc and heads.cc without blocks over the slots and without words."""

    def __init__(self, mean, scale):
        super().__init__()
        views = 1 + len(FINE)
        self.register_buffer("mean", mean)
        self.register_buffer("inverse", 1 / scale)
        self.context = mlp(views * PROPRIO + QUANTITIES, D, D)
        self.columns = nn.ModuleList(nn.Linear(views * columns, D) for _, _, columns in SETS)
        self.told = nn.ModuleList(nn.Linear(D, D) for _ in SETS)
        self.wanted = nn.ModuleList(nn.Linear(1, D) for _ in SETS)
        self.out = nn.ModuleList(nn.Linear(D, D) for _ in SETS)
        self.value = nn.ModuleList(nn.Linear(views * columns, D) for _, _, columns in SETS)
        self.norm, self.query, self.key_value = nn.LayerNorm(D), nn.Linear(D, POINTERS * D), nn.Linear(D, 2 * D)
        self.trunk_in = nn.Linear(D + POINTERS * D + views * PROPRIO + QUANTITIES, TRUNK)
        self.trunk = nn.ModuleList(nn.Sequential(nn.LayerNorm(TRUNK), mlp(TRUNK, TRUNK, TRUNK)) for _ in range(2))
        self.trunk_norm, self.action = nn.LayerNorm(TRUNK), nn.Linear(TRUNK, ACTIONS)
        with torch.no_grad():
            self.action.weight *= 0.3
        reach = torch.zeros(1, POINTERS, 1 + PARTS + PLACES)
        for i, (first, count) in enumerate(((1, PARTS), (1 + PARTS, PLACES))):
            reach[0, i, 1:] = -math.inf
            reach[0, i, first : first + count] = 0
        self.register_buffer("reach", reach)

    def forward(self, obs, wanted):
        n, scaled = len(obs), obs * self.inverse
        views = torch.stack(
            [((obs - self.mean) * self.inverse).clamp(-CLIP, CLIP)] + [torch.tanh(scaled * s) for s in FINE], 1
        )
        one = F.one_hot(torch.zeros(n, dtype=torch.long), QUANTITIES).float()
        vector = torch.cat([views[:, :, :PROPRIO].reshape(n, -1), one], 1)
        context = self.context(vector).unsqueeze(1)
        tokens, geometry, present, first = [context], [torch.zeros_like(context)], [torch.ones(n, 1)], 0
        for i, (offset, count, columns) in enumerate(SETS):
            cols = (
                views[:, :, offset : offset + count * columns]
                .reshape(n, -1, count, columns)
                .transpose(1, 2)
                .reshape(n, count, -1)
            )
            meant = wanted[:, first : first + count].unsqueeze(2)
            tokens.append(self.out[i](F.silu(self.columns[i](cols) + self.told[i](context) + self.wanted[i](meant))))
            geometry.append(self.value[i](cols))
            present.append(obs[:, offset : offset + count * columns].view(n, count, columns)[:, :, 0])
            first += count
        x, geometry, present = self.norm(torch.cat(tokens, 1)), torch.cat(geometry, 1), torch.cat(present, 1) >= 0.5
        key, value = self.key_value(x).split(D, 2)
        liked = torch.bmm(self.query(x[:, 0]).view(n, POINTERS, D), key.transpose(1, 2)) / math.sqrt(D)
        liked = liked + (
            SHARPNESS * torch.cat([torch.full((n, 1), -1.0), F.logsigmoid(20 * wanted - 10)], 1)
        ).unsqueeze(1)
        liked = liked + self.reach + torch.zeros(present.shape).masked_fill(~present, -math.inf).unsqueeze(1)
        pointed = torch.bmm(torch.softmax(liked, -1), value + geometry).reshape(n, -1)
        h = F.silu(self.trunk_in(torch.cat([x[:, 0], pointed, vector], 1)))
        for block in self.trunk:
            h = h + block(h)
        return self.action(F.silu(self.trunk_norm(h)))


class Critic(nn.Module):
    """trainer/critic.cc: of each set, what the strongest of what is meant says, feature by feature."""

    def __init__(self, alone, width):
        super().__init__()
        self.alone = alone
        self.slots = nn.ModuleList(mlp(columns, D, D) for _, _, columns in SETS)
        self.body = nn.Sequential(
            nn.Linear(alone + len(SETS) * D, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, 1)
        )

    def forward(self, rows):
        seen, first, flag = [rows[:, : self.alone]], self.alone, rows.shape[1] - PARTS - PLACES
        for slots, (_, count, columns) in zip(self.slots, SETS):
            of_set = F.relu(slots(rows[:, first : first + count * columns].view(len(rows), count, columns)))
            seen.append((of_set * rows[:, flag : flag + count].unsqueeze(2)).amax(1))
            first, flag = first + count * columns, flag + count
        return self.body(torch.cat(seen, 1)).squeeze(1)


class Scale:
    """Running mean and deviation."""

    def __init__(self, columns):
        self.count, self.mean, self.squares = 0, np.zeros(columns), np.zeros(columns)

    def add(self, rows):
        apart, count = rows.mean(0) - self.mean, len(rows)
        self.squares += ((rows - rows.mean(0)) ** 2).sum(0) + apart**2 * self.count * count / (self.count + count)
        self.count += count
        self.mean += apart * count / self.count

    def deviation(self):
        deviation = np.sqrt(self.squares / max(self.count, 1))
        return np.where((self.count < 2) | (deviation < 1e-4), 1, deviation)

    def apply(self, rows):
        return ((rows - self.mean) / self.deviation()).clip(-CLIP, CLIP)


def critic_rows(worlds, obs, left):
    """What trainer/critic.h sees: the robot, the time that is left, qpos and qvel, the slots, and which are meant."""
    physics = worlds.physics
    return np.concatenate(
        [
            obs[:, :PROPRIO],
            left[:, None],
            physics.qpos,
            physics.qvel,
            obs[:, PROPRIO:],
            worlds.state.scene["wanted_slots"],
        ],
        1,
        dtype=np.float32,
    )


def log_probability(mean, log_deviation, action):
    return (
        -0.5 * ((action - mean) / math.exp(log_deviation)).square() - log_deviation - 0.5 * math.log(2 * math.pi)
    ).sum(1)


class Ppo:
    def __init__(self, folder, kind, settings, threads):
        self.s, self.rng = settings, np.random.default_rng(settings["seed"])
        torch.manual_seed(settings["seed"])
        cell = Cell(folder)
        self.worlds = batch_worlds(cell, settings["worlds"], threads, kind == "batch_sleep")
        self.obs = self.worlds.reset(np.arange(settings["worlds"]))
        self.done = collections.deque(maxlen=200)
        self.actor = Actor(*self.scales())
        alone = PROPRIO + 1 + self.worlds.physics.qpos.shape[1] + self.worlds.physics.qvel.shape[1]
        self.critic = Critic(alone, settings["critic_width"])
        self.rate = settings["learning_rate"]
        self.optimizers = [
            torch.optim.Adam(self.actor.parameters(), self.rate, fused=True),
            torch.optim.Adam(self.critic.parameters(), settings["critic_rate"], fused=True),
        ]
        self.state_scale, self.return_scale = Scale(alone + OBS - PROPRIO), Scale(1)

    def scales(self, steps=60):
        """What random motion shows; slots share theirs."""
        seen = []
        for _ in range(steps):
            seen.append(self.obs)
            self.obs = self.worlds.step_and_go_on(
                self.rng.uniform(-1, 1, (self.s["worlds"], ACTIONS)).astype(np.float32)
            )[0]
        seen = np.concatenate(seen)
        mean, scale = seen.mean(0), seen.std(0)
        for offset, count, columns in SETS:
            slots = seen[:, offset : offset + count * columns].reshape(-1, columns)
            slots = slots[slots[:, 0] > 0.5]
            mean[offset : offset + count * columns], scale[offset : offset + count * columns] = (
                np.tile(slots.mean(0), count),
                np.tile(slots.std(0), count),
            )
        return torch.tensor(mean), torch.tensor(np.where(scale < 1e-4, 1, scale))

    def left(self):
        return 1 - self.worlds.state.step / self.worlds.state.scene["horizon"]

    def rows(self, obs, left):
        return critic_rows(self.worlds, obs, left)

    def play(self, log_deviation):
        """A rollout: lists of a step's arrays, and the last states of what ended."""
        s, out, finals = self.s, collections.defaultdict(list), []
        for step in range(s["steps"]):
            wanted = self.worlds.state.scene["wanted_slots"].copy()
            with torch.no_grad():
                mean = self.actor(torch.from_numpy(self.obs), torch.from_numpy(wanted)).numpy()
            action = (mean + math.exp(log_deviation) * self.rng.standard_normal(mean.shape)).astype(np.float32)
            for name, value in (
                ("obs", self.obs),
                ("wanted", wanted),
                ("mean", mean),
                ("action", action),
                ("critic", self.rows(self.obs, self.left())),
            ):
                out[name].append(value)
            last, terms, cause, truncated = self.worlds.step(action)
            success, terminated = cause == "success", cause != "none"
            ended = np.flatnonzero(terminated | truncated)
            for name, value in (
                ("reward", terms.sum(1) + s["success_bonus"] * success),
                ("terminated", terminated),
                ("truncated", truncated),
            ):
                out[name].append(value)
            self.obs = last
            if len(ended):
                finals.append((step, ended, self.rows(last, np.zeros(len(last)))[ended]))
                self.done.extend(success[ended])
                self.obs = last.copy()
                self.obs[ended] = self.worlds.reset(ended)
        out["critic"].append(self.rows(self.obs, self.left()))
        return {name: np.stack(values) for name, values in out.items()}, finals

    def values(self, rows):
        columns = len(self.state_scale.mean)
        rows[..., :columns] = self.state_scale.apply(rows[..., :columns])
        with torch.no_grad():
            value = self.critic(torch.from_numpy(rows.reshape(-1, rows.shape[-1]))).numpy().reshape(rows.shape[:-1])
        return value * self.return_scale.deviation()[0] + self.return_scale.mean[0]

    def advantages(self, played, finals):
        s, critic = self.s, played["critic"]
        self.state_scale.add(critic[:-1].reshape(-1, critic.shape[-1])[:, : len(self.state_scale.mean)])
        values = self.values(critic)
        ahead = values[1:].copy()
        for step, ended, rows in finals:
            ahead[step, ended] = self.values(rows)
        advantage, later = np.zeros_like(values[:-1]), 0
        for t in reversed(range(s["steps"])):
            delta = played["reward"][t] + s["gamma"] * ahead[t] * ~played["terminated"][t] - values[t]
            advantage[t] = later = delta + s["gamma"] * s["lambda"] * later * ~(
                played["terminated"][t] | played["truncated"][t]
            )
        returns = (advantage + values[:-1]).reshape(-1, 1)
        self.return_scale.add(returns)
        return (advantage - advantage.mean()) / (advantage.std() + 1e-6), self.return_scale.apply(returns)[:, 0]

    def learn(self, played, finals, before, log_deviation):
        s = self.s
        advantage, returns = self.advantages(played, finals)
        flat = {
            name: torch.from_numpy(played[name].reshape(-1, played[name].shape[-1]))
            for name in ("obs", "wanted", "mean", "action")
        }
        flat["critic"] = torch.from_numpy(played["critic"][:-1].reshape(-1, played["critic"].shape[-1]))
        advantage, returns = (
            torch.tensor(advantage.ravel(), dtype=torch.float32),
            torch.tensor(returns, dtype=torch.float32),
        )
        old = log_probability(flat["mean"], before, flat["action"])
        for _ in range(s["epochs"]):
            for rows in torch.randperm(len(old)).split(len(old) // s["minibatches"]):
                mean = self.actor(flat["obs"][rows], flat["wanted"][rows])
                ratio = (log_probability(mean, log_deviation, flat["action"][rows]) - old[rows]).exp()
                gain = torch.minimum(
                    ratio * advantage[rows], ratio.clamp(1 - s["clip"], 1 + s["clip"]) * advantage[rows]
                )
                value = 0.5 * (self.critic(flat["critic"][rows]) - returns[rows]).square().mean()
                for optimizer in self.optimizers:
                    optimizer.zero_grad()
                (value - gain.mean()).backward()
                self.adapt(
                    ((flat["mean"][rows] - mean).square() / (2 * math.exp(2 * log_deviation))).sum(1).mean().item()
                )
                for net, optimizer in zip((self.actor, self.critic), self.optimizers):
                    nn.utils.clip_grad_norm_(net.parameters(), s["clip_norm"])
                    optimizer.step()

    def adapt(self, divergence):
        aim = self.s["divergence"]
        if divergence > 2 * aim:
            self.rate = max(1e-5, self.rate / 1.5)
        elif 0 < divergence < aim / 2:
            self.rate = min(1e-2, self.rate * 1.5)
        self.optimizers[0].param_groups[0]["lr"] = self.rate

    def iterate(self, iteration):
        first, last = math.log(self.s["deviation"]), math.log(self.s["last_deviation"])
        deviation = first + min(1, iteration / max(1, self.s["iterations"] - 1)) * (last - first)
        start = time.perf_counter()
        played, finals = self.play(deviation)
        middle = time.perf_counter()
        self.learn(played, finals, deviation, deviation)
        return {
            "collection_s": middle - start,
            "learning_s": time.perf_counter() - middle,
            "reward": float(played["reward"].mean()),
            "success": float(np.mean(self.done)) if self.done else None,
        }


def main():
    folder, kind, settings, threads, iterations = (
        sys.argv[1],
        sys.argv[2],
        json.loads(sys.argv[3]),
        int(sys.argv[4]),
        int(sys.argv[5]),
    )
    share = float(sys.argv[6]) if len(sys.argv) > 6 else 2
    torch.set_num_threads(threads)
    ppo, start = Ppo(folder, kind, settings, threads), time.perf_counter()
    for iteration in range(iterations):
        print(json.dumps({"iteration": iteration, **ppo.iterate(iteration)}), flush=True)
        if len(ppo.done) == 200 and np.mean(ppo.done) >= share:
            break
    parameters = sum(p.numel() for p in [*ppo.actor.parameters(), *ppo.critic.parameters()])
    print(
        json.dumps(
            {
                "iterations": iteration + 1,
                "seconds": time.perf_counter() - start,
                "parameters": parameters,
                "torch": torch.__version__,
            }
        )
    )


if __name__ == "__main__":
    main()
