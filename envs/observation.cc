#include "envs/observation.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>

#include "core/error.h"
#include "sim/parts/part.h"

namespace genba::envs {

namespace {

using Eigen::Vector3d;

// "red blue … (6)"
std::string OneHotText(std::span<const char* const> names) {
  std::string text;
  for (const char* name : names) text += std::string(name) + " ";
  return text + "(" + std::to_string(names.size()) + ")";
}

std::vector<int> Columns(int first, int count) {
  std::vector<int> columns;
  for (int i = 0; i < count; ++i) columns.push_back(first + i);
  return columns;
}

// Writes numbers one after the other; the caller checks at the end that a field came out at its declared size.
class Writer {
 public:
  explicit Writer(float* at) : at_(at) {}
  void operator()(double value) { *at_++ = static_cast<float>(value); }
  void operator()(const Vector3d& v) {
    for (int i = 0; i < 3; ++i) (*this)(v[i]);
  }
  void OneHot(int index, int size) {
    for (int i = 0; i < size; ++i) (*this)(i == index ? 1.0 : 0.0);
  }
  const float* at() const { return at_; }

 private:
  float* at_;
};

void WriteProprio(const World& world, const TaskState& state, float* to) {
  const Measured& now = world.measured;
  const sim::ControllerState& commanded = state.controller;
  const Vector3d target(commanded.p_WT[0], commanded.p_WT[1], commanded.p_WT[2]);
  const Eigen::Quaterniond turned(commanded.q_WT[0], commanded.q_WT[1], commanded.q_WT[2], commanded.q_WT[3]);
  double left = 0, right = 0;
  for (std::size_t i = 0; i < kMaxParts; ++i) {
    left += now.contacts.left_on_part[i];
    right += now.contacts.right_on_part[i];
  }
  Writer write(to);
  write(now.tcp.p_WT);
  write(now.tcp.q_WT * Vector3d::UnitX());
  write(now.tcp.q_WT * Vector3d::UnitZ());
  write(now.v_WT);
  write(target - now.tcp.p_WT);
  write(sim::RotationVector(turned * now.tcp.q_WT.conjugate()));
  for (const double dq : commanded.dq) write(dq / world.controller.control_period);
  write(now.opening);
  write(commanded.opening);
  write(std::min(left, 100.0) / 20);
  write(std::min(right, 100.0) / 20);
  write(now.held >= 0 ? 1 : 0);
  GENBA_CHECK(write.at() == to + kProprioSize, "proprio is declared with another size");
}

void WritePartKind(const sim::PartSpec& spec, Writer& write) {
  write.OneHot(static_cast<int>(spec.colour), kNumColours);
  write.OneHot(static_cast<int>(spec.shape), kNumShapes);
}

void WritePart(const World& world, std::size_t slot, float* to) {
  const sim::PartSpec& spec = world.episode.cell.parts[slot];
  const Measured::Part& part = world.measured.parts[slot];
  Writer write(to);
  write(1);
  write(part.p);
  write(part.p - world.measured.tcp.p_WT);
  write(std::cos(2 * part.grasp_turn));
  write(std::sin(2 * part.grasp_turn));
  write(part.up);
  write(sim::PartHalfSize(spec.shape, spec.size));
  WritePartKind(spec, write);
  write(world.measured.held == static_cast<int>(slot) ? 1 : 0);
  write(part.in_bin >= 0 ? 1 : 0);
  GENBA_CHECK(write.at() == to + kPartSize, "parts are declared with another size");
}

// Where in the row: left of the middle positive, right of it negative.
double Rank(const std::vector<sim::BinSpec>& bins, std::size_t bin) {
  double rank = 0;
  for (const sim::BinSpec& other : bins) {
    if (other.centre.y() < bins[bin].centre.y()) rank += 1;
    if (other.centre.y() > bins[bin].centre.y()) rank -= 1;
  }
  return bins.size() > 1 ? rank / static_cast<double>(bins.size() - 1) : 0;
}

std::size_t PlaceIndex(const std::vector<sim::BinSpec>& bins, std::size_t bin) {
  const double rank = Rank(bins, bin);
  return rank > 0 ? 0 : rank == 0 ? 1 : 2;
}

void WritePlaceKind(const std::vector<sim::BinSpec>& bins, std::size_t bin, Writer& write) {
  write.OneHot(static_cast<int>(PlaceIndex(bins, bin)), kNumPlaces);
}

void WritePlace(const World& world, std::size_t bin, float* to) {
  const std::vector<sim::BinSpec>& bins = world.episode.cell.bins;
  const sim::BinSpec& spec = bins[bin];
  const Vector3d p(spec.centre.x(), spec.centre.y(), sim::kBinFloor);
  int inside = 0;
  for (std::size_t slot = 0; slot < kMaxParts; ++slot)
    inside += world.episode.cell.parts[slot].present && world.measured.parts[slot].in_bin == static_cast<int>(bin);
  Writer write(to);
  write(1);
  write(p);
  write(p - world.measured.tcp.p_WT);
  write(std::cos(spec.yaw));
  write(std::sin(spec.yaw));
  write(spec.half_inner.x());
  write(spec.half_inner.y());
  write(spec.height);
  WritePlaceKind(bins, bin, write);
  write(inside);
  GENBA_CHECK(write.at() == to + kPlaceSize, "places are declared with another size");
}

}  // namespace

std::vector<FieldSpec> ObservationFields() {
  return {
      {"proprio",
       {kProprioSize},
       "m, 1, m/s, rad, rad/s, 20 N",
       "TCP position (3), its x and z axes (6), velocity (3), commanded minus achieved position (3) and rotation "
       "vector "
       "(3), speeds of the commanded joints (6), finger opening achieved and commanded (2), "
       "left and right finger force on parts (2), part between the fingers (1)"},
      {"parts",
       {kMaxParts, kPartSize},
       "m, 1",
       "present (1), position in the world (3) and from the TCP (3), cos and sin of twice the turn to grasp (2), "
       "upright (1), half size (3), "
       "colour " +
           OneHotText(sim::kPartColourNames) + ", shape " + OneHotText(sim::kPartShapeNames) +
           ", held (1), in a bin (1)",
       -1e9,
       1e9,
       Columns(kPartIdentity, kNumColours + kNumShapes)},
      {"places",
       {kMaxPlaces, kPlaceSize},
       "m, 1",
       "present (1), position in the world (3) and from the TCP (3), cos and sin of its yaw (2), half inner size (2), "
       "wall height (1), "
       "in the row " +
           OneHotText(kPlaceNames) + ", parts inside (1)",
       -1e9,
       1e9,
       Columns(kPlaceIdentity, kNumPlaces)},
  };
}

FieldSpec ActionField() {
  return {"action",
          {sim::kActionSize},
          "2 cm, 0.15 rad, 1",
          "TCP target motion x y z (world), rotation vector (world), gripper -1 closed … 1 open; the commanded joints "
          "follow "
          "with at most 115 °/s (maker: 180) and 15 rad/s² (ours: env.joint_acceleration)",
          -1,
          1};
}

void WriteObservation(const World& world, const TaskState& state, std::span<float> obs) {
  GENBA_CHECK(obs.size() == static_cast<std::size_t>(kObservationSize), "the fields' sizes");
  std::fill(obs.begin(), obs.end(), 0.0f);
  float* at = obs.data();
  WriteProprio(world, state, at);
  at += kProprioSize;
  for (std::size_t slot = 0; slot < world.episode.cell.parts.size(); ++slot) {
    if (world.episode.cell.parts[slot].present) WritePart(world, slot, at + slot * kPartSize);
  }
  at += kMaxParts * kPartSize;
  for (std::size_t bin = 0; bin < world.episode.cell.bins.size(); ++bin) WritePlace(world, bin, at + bin * kPlaceSize);
}

void WriteKinds(const sim::CellSpec& cell, std::span<float> obs) {
  GENBA_CHECK(obs.size() == static_cast<std::size_t>(kObservationSize), "the fields' sizes");
  std::fill(obs.begin(), obs.end(), 0.0f);
  float* const parts = obs.data() + kProprioSize;
  for (std::size_t slot = 0; slot < cell.parts.size(); ++slot) {
    if (!cell.parts[slot].present) continue;
    float* const part = parts + slot * kPartSize;
    Writer write(part + kPartIdentity);
    part[0] = 1;
    WritePartKind(cell.parts[slot], write);
  }
  float* const places = parts + kMaxParts * kPartSize;
  for (std::size_t bin = 0; bin < cell.bins.size(); ++bin) {
    float* const place = places + bin * kPlaceSize;
    Writer write(place + kPlaceIdentity);
    place[0] = 1;
    WritePlaceKind(cell.bins, bin, write);
  }
}

const char* PlaceName(const sim::CellSpec& cell, int bin) {
  return kPlaceNames.at(PlaceIndex(cell.bins, static_cast<std::size_t>(bin)));
}

void Observe(const World& world, TaskState& state, std::span<float> obs) {
  const Episode& episode = world.episode;
  const Measured sensed = AsSensed(world.measured, episode.plan, state.step);
  WriteObservation({episode, world.controller, world.ids, sensed}, state, obs);
  for (const int column : episode.lost) obs[static_cast<std::size_t>(column)] = 0;
  if (episode.observation_delay == 0) return;
  std::array<float, kObservationSize> now{};
  std::copy(obs.begin(), obs.end(), now.begin());
  if (state.step == 0) state.late_obs.fill(now);
  const auto late = Delayed(episode.observation_delay, state.step, now, state.late_obs);
  std::copy(late.begin(), late.end(), obs.begin());
}

std::vector<std::uint8_t> WantedSlots(const EpisodePlan& plan, const sim::CellSpec& cell) {
  std::vector<std::uint8_t> wanted(kMaxParts + kMaxPlaces, 0);
  if (plan.expect != Answer::kAct) return wanted;
  const Goal goal = GoalOf(plan.order, plan, cell);
  for (std::size_t slot = 0; slot < kMaxParts; ++slot) wanted[slot] = goal.wanted[slot] ? 1 : 0;
  if (goal.bin >= 0) wanted[kMaxParts + static_cast<std::size_t>(goal.bin)] = 1;
  return wanted;
}

}  // namespace genba::envs
