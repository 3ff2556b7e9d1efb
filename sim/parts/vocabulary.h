// vocabulary.h - the kinds of parts there are: the one list of colours and one of shapes. Scenes, observations, orders,
// grammars and files all count and name with it. A colour or shape is added here, with its looks in part.cc and its
// words in envs/language; the sizes of their tables are these counts. Constant; no engine.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

namespace genba::sim {

enum class PartShape : std::uint8_t { kBolt, kNut, kGear };
enum class PartColour : std::uint8_t { kRed, kBlue, kGreen, kYellow, kPurple, kWhite };

inline constexpr std::array kPartShapeNames{"bolt", "nut", "gear"};
inline constexpr std::array kPartColourNames{"red", "blue", "green", "yellow", "purple", "white"};
inline constexpr int kNumPartShapes = static_cast<int>(kPartShapeNames.size());
inline constexpr int kNumPartColours = static_cast<int>(kPartColourNames.size());
static_assert(static_cast<int>(PartShape::kGear) + 1 == kNumPartShapes, "a name for every shape");
static_assert(static_cast<int>(PartColour::kWhite) + 1 == kNumPartColours, "a name for every colour");

constexpr const char* Name(PartShape shape) { return kPartShapeNames.at(static_cast<std::size_t>(shape)); }
constexpr const char* Name(PartColour colour) { return kPartColourNames.at(static_cast<std::size_t>(colour)); }

}  // namespace genba::sim
