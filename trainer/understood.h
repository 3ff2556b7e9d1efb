// understood.h - which order a policy reads in a text, whatever the scene: what it makes of scenes that between them have
// every kind of part and every place. Pure; any thread; no torch.
#pragma once
#include <array>
#include <optional>
#include <vector>

#include "envs/order.h"

namespace genba::trainer {

inline constexpr int kNumKinds = envs::kNumColours * envs::kNumShapes;

struct Understood {
  std::array<bool, kNumKinds> kinds{};          // parts of this kind (colour × shape) are meant
  std::array<bool, envs::kNumPlaces> places{};  // this place is meant
  envs::Count quantity = envs::Count::kOne;
};
// Exactly this order: every kind, every place, the quantity.
bool Means(const Understood& understood, const envs::Order& order);
// The order that is meant; nothing where no order means this.
std::optional<envs::Order> OrderOf(const Understood& understood, envs::Verb verb);

// Scenes to ask in. [R, obs_dim]
std::vector<std::vector<float>> Catalogue(int obs_dim);
// about [R, num_slots]: probabilities that a slot of the catalogue's scenes is meant.
Understood UnderstoodFrom(const std::vector<std::vector<float>>& about, envs::Count quantity);

}  // namespace genba::trainer
