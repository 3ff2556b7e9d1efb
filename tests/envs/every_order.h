// every_order.h - all orders there are, written independently of envs/order.cc, for the tests of orders and language.
#pragma once
#include <vector>

#include "envs/order.h"

namespace genba::envs {

inline std::vector<Order> EveryOrder() {
  std::vector<Order> orders;
  for (int colour = -kNumColours; colour <= kNumColours; ++colour) {
    for (int shape = 0; shape <= kNumShapes; ++shape) {
      ObjectSet set;
      if (colour != 0) {
        set.has_colour = true;
        set.negated_colour = colour < 0;
        set.colour = static_cast<Colour>((colour < 0 ? -colour : colour) - 1);
      }
      if (shape > 0) {
        set.has_shape = true;
        set.shape = static_cast<Shape>(shape - 1);
      }
      orders.push_back({Verb::kReach, set, PlaceWord::kNone});
      for (Count count : {Count::kOne, Count::kTwo, Count::kThree, Count::kAll}) {
        set.count = count;
        for (PlaceWord place : {PlaceWord::kLeft, PlaceWord::kMiddle, PlaceWord::kRight}) {
          orders.push_back({Verb::kPick, set, place});
        }
      }
    }
  }
  return orders;
}

}  // namespace genba::envs
