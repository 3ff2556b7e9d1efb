#include "trainer/told_texts.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/constant_pad_nd.h>

#include <algorithm>
#include <limits>

#include "policies/compute.h"

namespace genba::trainer {

namespace {

policies::EncodedText Padded(policies::EncodedText text, std::int64_t length) {
  const std::int64_t missing = length - text.mask.size(3);
  if (missing == 0) return text;
  text.mask = at::constant_pad_nd(text.mask, {0, missing}, -std::numeric_limits<float>::infinity());
  if (text.keys_values.defined()) text.keys_values = at::constant_pad_nd(text.keys_values, {0, 0, 0, missing});
  return text;
}

}  // namespace

int ToldTexts::IdOf(const std::string& text) {
  const auto [found, fresh] = ids_.try_emplace(text, static_cast<int>(texts_.size()));
  if (!fresh) return found->second;
  const at::NoGradGuard no_gradients;
  const policies::MatrixThreads always(policies::kActingThreads);
  const int choice = 0;
  encoded_.push_back(reader_.Read(weights_, policies::GatherTexts(features_, {&text, 1}, {&choice, 1}, 0)));
  texts_.push_back(text);
  return found->second;
}

policies::EncodedText ToldTexts::Rows(std::span<const int> ids) const {
  const at::NoGradGuard no_gradients;
  std::int64_t longest = 0;
  for (const int id : ids) longest = std::max(longest, encoded_[static_cast<std::size_t>(id)].mask.size(3));
  std::vector<policies::EncodedText> rows;
  for (const int id : ids) rows.push_back(Padded(encoded_[static_cast<std::size_t>(id)], longest));
  return policies::Join(rows);
}

void ToldTexts::Keep(std::span<const int> ids) {
  std::map<std::string, int> kept;
  std::vector<std::string> texts;
  std::vector<policies::EncodedText> encoded;
  for (const int id : ids) {
    if (!kept.try_emplace(text(id), static_cast<int>(texts.size())).second) continue;
    texts.push_back(text(id));
    encoded.push_back(encoded_[static_cast<std::size_t>(id)]);
  }
  ids_ = std::move(kept), texts_ = std::move(texts), encoded_ = std::move(encoded);
}

}  // namespace genba::trainer
