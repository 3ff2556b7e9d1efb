#include "trainer/understood.h"

#include <algorithm>

#include "core/error.h"
#include "envs/observation.h"

namespace genba::trainer {

namespace {

envs::ScenePart PartOf(int kind) {
  return {static_cast<envs::Colour>(kind / envs::kNumShapes), static_cast<envs::Shape>(kind % envs::kNumShapes)};
}

Understood WhatIsMeantBy(const envs::Order& order) {
  Understood meant;
  for (int kind = 0; kind < kNumKinds; ++kind)
    meant.kinds[static_cast<std::size_t>(kind)] = envs::Matches(order.objects, PartOf(kind));
  if (order.place != envs::PlaceWord::kNone)
    meant.places[static_cast<std::size_t>(order.place) - static_cast<std::size_t>(envs::PlaceWord::kLeft)] = true;
  meant.quantity = order.objects.count;
  return meant;
}

bool Same(const Understood& a, const Understood& b) {
  return a.kinds == b.kinds && a.places == b.places && a.quantity == b.quantity;
}

// A colour, none, or all but a colour; a shape, or any.
std::vector<envs::ObjectSet> EveryObjectSet() {
  std::vector<envs::ObjectSet> sets;
  for (int shape = -1; shape < envs::kNumShapes; ++shape) {
    for (int colour = -1; colour < 2 * envs::kNumColours; ++colour) {
      envs::ObjectSet set;
      set.has_shape = shape >= 0;
      if (set.has_shape) set.shape = static_cast<envs::Shape>(shape);
      set.has_colour = colour >= 0;
      set.negated_colour = colour >= envs::kNumColours;
      if (set.has_colour) set.colour = static_cast<envs::Colour>(colour % envs::kNumColours);
      sets.push_back(set);
    }
  }
  return sets;
}

}  // namespace

bool Means(const Understood& understood, const envs::Order& order) { return Same(understood, WhatIsMeantBy(order)); }

std::optional<envs::Order> OrderOf(const Understood& understood, envs::Verb verb) {
  const auto place = std::find(understood.places.begin(), understood.places.end(), true);
  envs::Order order{verb, {}, envs::PlaceWord::kNone};
  if (place != understood.places.end())
    order.place = static_cast<envs::PlaceWord>(static_cast<int>(envs::PlaceWord::kLeft) +
                                               static_cast<int>(place - understood.places.begin()));
  for (const envs::ObjectSet& set : EveryObjectSet()) {
    order.objects = set;
    order.objects.count = understood.quantity;
    const bool complete = (verb == envs::Verb::kReach) == (order.place == envs::PlaceWord::kNone);
    if (complete && Means(understood, order)) return order;
  }
  return std::nullopt;
}

std::vector<std::vector<float>> Catalogue(int obs_dim) {
  std::vector<std::vector<float>> rows;
  sim::CellSpec cell;
  for (int rank = 0; rank < envs::kNumPlaces; ++rank) cell.bins.push_back({.centre = {0.67, 0.2 * (1 - rank)}});
  for (int first = 0; first < kNumKinds; first += envs::kMaxParts) {
    cell.parts.clear();
    for (int kind = first; kind < std::min(first + envs::kMaxParts, kNumKinds); ++kind)
      cell.parts.push_back({.shape = PartOf(kind).shape, .colour = PartOf(kind).colour});
    cell.parts.resize(envs::kMaxParts, sim::PartSpec{.present = false});
    rows.emplace_back(static_cast<std::size_t>(obs_dim));
    envs::WriteKinds(cell, rows.back());
  }
  return rows;
}

Understood UnderstoodFrom(const std::vector<std::vector<float>>& about, envs::Count quantity) {
  Understood understood;
  understood.quantity = quantity;
  for (std::size_t kind = 0; kind < static_cast<std::size_t>(kNumKinds); ++kind)
    understood.kinds[kind] = about.at(kind / envs::kMaxParts).at(kind % envs::kMaxParts) > 0.5f;
  for (std::size_t place = 0; place < static_cast<std::size_t>(envs::kNumPlaces); ++place)
    understood.places[place] = about.front().at(envs::kMaxParts + place) > 0.5f;
  return understood;
}

}  // namespace genba::trainer
