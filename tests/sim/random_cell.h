// random_cell.h - cells as different as the tasks draw them, for tests that state laws over many scenes.
#pragma once
#include "core/rng.h"
#include "sim/cell_builder.h"

namespace genba::sim {

inline CellSpec RandomCell(std::uint64_t seed, int num_present) {
  Rng rng(seed, 0, "random_cell");
  CellSpec cell;
  cell.table.friction = rng.Uniform(0.4, 1.2);
  for (int i = 0; i < 3; ++i) {
    BinSpec bin;
    bin.centre = {rng.Uniform(0.62, 0.66), 0.25 * (i - 1) + rng.Uniform(-0.01, 0.01)};
    bin.yaw = rng.Uniform(-0.05, 0.05);
    bin.tag = static_cast<PartColour>(rng.Int(0, kNumPartColours - 1));
    cell.bins.push_back(bin);
  }
  for (int i = 0; i < kMaxPartSlots; ++i) {
    PartSpec part;
    part.present = i < num_present;
    part.shape = static_cast<PartShape>(rng.Int(0, kNumPartShapes - 1));
    part.colour = static_cast<PartColour>(rng.Int(0, kNumPartColours - 1));
    part.size = rng.Uniform(kPartSizeMin, kPartSizeMax);
    part.density_scale = rng.Uniform(0.8, 1.25);
    part.friction = rng.Uniform(0.4, 1.2);
    part.position = {0.28 + 0.09 * (i % 3) + rng.Uniform(-0.01, 0.01),
                     -0.2 + 0.13 * (i / 3) + rng.Uniform(-0.01, 0.01)};
    part.yaw = rng.Uniform(-3.1, 3.1);
    cell.parts.push_back(part);
  }
  return cell;
}

}  // namespace genba::sim
