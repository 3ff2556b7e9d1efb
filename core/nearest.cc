#include "core/nearest.h"

#include <algorithm>

namespace genba {
namespace {

constexpr std::size_t kLongest = 64;  // a longer word is no slip of the hand

// Damerau-Levenshtein distance (adjacent letters swapped count once).
std::size_t Slips(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) now[j] = std::min(now[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, now);
  }
  return last[b.size()];
}

}  // namespace

std::string Nearest(std::string_view word, const std::vector<std::string>& known) {
  std::string nearest;
  std::size_t fewest = std::max<std::size_t>(2, word.size() / 4) + 1;
  for (const std::string& candidate : known) {
    if (word.size() > kLongest || candidate.size() > kLongest) continue;
    const std::size_t slips = Slips(word, candidate);
    if (slips < fewest && slips < std::max(word.size(), candidate.size())) {
      fewest = slips;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string NearestOrAll(std::string_view word, const std::vector<std::string>& known) {
  const std::string nearest = Nearest(word, known);
  if (!nearest.empty()) return nearest + " (did you mean that?)";
  std::string list;
  for (const std::string& candidate : known) list += (list.empty() ? "one of " : ", ") + candidate;
  return list;
}

}  // namespace genba
