#include "trainer/asking.h"

#include <cstdio>

#include "envs/observation.h"

namespace genba::trainer {

namespace {

constexpr float kMeant = 0.5f;  // probability from which a slot is meant

// What is in each slot; empty: nothing.
std::vector<std::string> SlotNames(const sim::CellSpec& cell) {
  std::vector<std::string> names;
  for (const sim::PartSpec& part : cell.parts)
    names.push_back(part.present ? std::string(envs::Name(part.colour)) + " " + envs::Name(part.shape) : "");
  for (std::size_t bin = 0; bin < cell.bins.size(); ++bin)
    names.push_back(std::string(envs::PlaceName(cell, static_cast<int>(bin))) + " bin");
  return names;
}

std::vector<AskedSlot> SlotsOf(const policies::Heard& heard, const std::vector<std::string>& names) {
  std::vector<AskedSlot> slots;
  for (std::size_t slot = 0; slot < names.size(); ++slot) {
    if (!names[slot].empty()) slots.push_back({static_cast<int>(slot), names[slot], heard.about.at(slot)});
  }
  return slots;
}

std::string InWords(const AskedSlot& slot) {
  char text[32];
  std::snprintf(text, sizeof text, " %.4g", static_cast<double>(slot.meant));
  return slot.what + text;
}

}  // namespace

std::vector<Asked> Ask(Actor& actor, const AskedScene& scene, std::span<const std::string> texts) {
  std::vector<float> row(static_cast<std::size_t>(scene.obs_dim)), rows;
  envs::WriteKinds(scene.cell, row);
  for (std::size_t i = 0; i < texts.size(); ++i) rows.insert(rows.end(), row.begin(), row.end());
  const std::vector<std::string> names = SlotNames(scene.cell);
  std::vector<Asked> asked;
  for (const ReadText& read : ReadTexts(actor, {rows.data(), static_cast<int>(texts.size()), scene.obs_dim}, texts))
    asked.push_back({read.heard, OrderOf(read.understood, scene.verb), SlotsOf(read.heard, names)});
  return asked;
}

std::string OrderInWords(const Asked& asked) { return asked.order ? envs::ToText(*asked.order) : "no order"; }

std::string MeantHere(const Asked& asked) {
  std::string meant;
  for (const AskedSlot& slot : asked.slots) {
    if (slot.meant >= kMeant) meant += (meant.empty() ? "" : ", ") + InWords(slot);
  }
  return meant.empty() ? "nothing" : meant;
}

}  // namespace genba::trainer
