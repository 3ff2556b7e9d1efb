// observation.h - what every policy sees: the robot, the parts and the places, as named fields of numbers.
// The same for all tasks of this cell, so that one head can serve them. Pure; called in VecEnv's pass.
#pragma once
#include <span>
#include <vector>

#include "core/spec.h"
#include "envs/task.h"

namespace genba::envs {

std::vector<FieldSpec> ObservationFields();  // proprio [29], parts [8, 24], places [6, 16]
FieldSpec ActionField();
inline constexpr const char* kActionConvention = "tcp_delta_v1";

// What is: of the clean measurement.
void WriteObservation(const World& world, const TaskState& state, std::span<float> obs);
// What the policy sees: with the episode's disturbances. Again at the same step: the same.
void Observe(const World& world, TaskState& state, std::span<float> obs);

// Which slots of a cell hold something and of what kind it is (FieldSpec's identity columns); every other number is 0. For
// whoever only reads.
void WriteKinds(const sim::CellSpec& cell, std::span<float> obs);

// What a place of the cell is called: one of kPlaceNames.
const char* PlaceName(const sim::CellSpec& cell, int bin);

// Which slots of the rank-2 fields (parts, then places) a plan's order is about, [kMaxParts + kMaxPlaces] of 0 and 1. A
// training signal for grounding words in things; never part of an observation.
std::vector<std::uint8_t> WantedSlots(const EpisodePlan& plan, const sim::CellSpec& cell);

}  // namespace genba::envs
