#include "trainer/parting.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "core/json_difference.h"
#include "datasets/schema.h"

namespace genba::trainer {

namespace {

using datasets::Episode;
using datasets::Moment;

// Bits, not values: a NaN equals itself and -0 differs from 0. The first value that differs, -1 when none does.
template <class T>
std::int64_t FirstValue(const std::vector<T>& a, const std::vector<T>& b) {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    if (std::memcmp(&a[i], &b[i], sizeof(T)) != 0) return static_cast<std::int64_t>(i);
  }
  return a.size() == b.size() ? -1 : static_cast<std::int64_t>(common);
}

template <class T>
nlohmann::json ValueAt(const std::vector<T>& values, std::int64_t i) {
  const auto at = static_cast<std::size_t>(i);
  return at < values.size() ? NumberOrBits(values[at]) : nlohmann::json();
}

struct Row {
  const char* name;
  Moment moment;
  std::size_t width;  // of kBefore and kAfter
};

std::int64_t When(const Row& row, std::int64_t at, std::int64_t end) {
  if (row.moment == Moment::kStart) return 0;
  return row.moment == Moment::kEnd ? end - 1
                                    : 2 * (at / static_cast<std::int64_t>(row.width)) + (row.moment == Moment::kAfter);
}

// end: of the first of the two, on the clock.
template <class T>
void NoteArray(const Row& row, const std::vector<T>& a, const std::vector<T>& b, std::int64_t end, Parting& parting) {
  const std::int64_t at = FirstValue(a, b);
  if (at < 0) return;
  const bool per_step = row.moment == Moment::kBefore || row.moment == Moment::kAfter;
  parting.Note({When(row, at, end), row.name, per_step ? at % static_cast<std::int64_t>(row.width) : at, ValueAt(a, at),
                ValueAt(b, at)});
}

}  // namespace

int Parting::step() const { return static_cast<int>(std::max<std::int64_t>(when, 0) / 2); }

void Parting::Note(Parting other) {
  if (other.when < when) *this = std::move(other);
}

void NoteArrays(const Episode& a, const Episode& b, const datasets::DatasetInfo& info, Parting& parting) {
  const std::int64_t end = 2 * a.num_steps;
  const auto width = static_cast<std::size_t>(info.spec.obs_dim());
  // Side by side: the same list of the same members.
  std::vector<const void*> others;
  datasets::VisitArrays(b, info, [&](const datasets::ArrayInfo&, const auto& values) { others.push_back(&values); });
  std::size_t i = 0;
  datasets::VisitArrays(a, info, [&](const datasets::ArrayInfo& array, const auto& values) {
    const auto& other = *static_cast<const std::decay_t<decltype(values)>*>(others[i++]);
    std::size_t row_size = 1;
    for (std::size_t d = 1; d < array.dims.size(); ++d) row_size *= array.dims[d];
    NoteArray({array.name, array.moment, std::max<std::size_t>(row_size, 1)}, values, other, end, parting);
  });
  NoteArray({"obs", Moment::kBefore, width}, a.obs, b.obs, end, parting);
  NoteArray({"obs_last", Moment::kEnd, width}, a.last_obs, b.last_obs, end, parting);
}

void NoteTexts(const Episode& a, const Episode& b, bool same_maker, Parting& parting) {
  using Named = std::vector<std::pair<std::string, nlohmann::json>>;
  Named of_a, of_b;
  for (const auto& [list, episode] : {std::pair{&of_a, &a}, {&of_b, &b}}) {
    const auto value = [list = list](const char* name, const auto& said) { list->emplace_back(name, said); };
    value("num_samples", episode->num_steps);
    value("success", episode->success);
    datasets::VisitTexts(*episode, value);
    datasets::VisitDocuments(*episode, value);
    datasets::VisitNumbers(*episode, value);
    if (same_maker) value("model", episode->model_xml);
  }
  for (std::size_t i = 0; i < of_a.size(); ++i) {
    const auto& [name, said] = of_a[i];
    if (said == of_b[i].second || (!same_maker && name == "model_hash")) continue;
    const bool outcome = name == "cause" || name == "fault" || name == "success" || name == "num_samples";
    parting.Note({outcome ? 2 * std::int64_t{a.num_steps} - 1 : 0, name, -1, said, of_b[i].second});
  }
}

}  // namespace genba::trainer
