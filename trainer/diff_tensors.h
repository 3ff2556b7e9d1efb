// diff_tensors.h - where two files of tensors part, bit for bit: names, types, shapes, elements, metadata; and the saved
// worlds among them, by field. Called by diff. Pure; any thread; an interrupt ends it. Never fails otherwise: a saved
// world that cannot be read is compared as bytes.
#pragma once
#include <nlohmann/json.hpp>

#include "policies/safetensors.h"

namespace genba::trainer {

// Worlds apart. {tensors, elements, different_tensors, different_elements, largest_difference,
// largest_relative_difference, different: [{tensor, index, a, b, different_elements, …}], metadata: [{key, a, b}]}.
// Where shapes differ, or a tensor is missing, a and b tell "F32 [3, 4]" and the index is null.
nlohmann::json DiffTensors(const policies::TensorFile& a, const policies::TensorFile& b);

// PPO's "worlds.N" and "sums.N": {worlds, different, first: {world, tensor, field, index, a, b} or null}; null when
// neither file has any.
nlohmann::json DiffWorlds(const policies::TensorFile& a, const policies::TensorFile& b);

}  // namespace genba::trainer
