#include "datasets/mixture.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"

namespace genba::datasets {

std::vector<int> ShareOut(int batch, std::span<const double> weights) {
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  GENBA_CHECK(sum > 0, "weights of nothing");
  std::vector<int> rows;
  std::vector<double> left;
  for (const double weight : weights) {
    const double share = batch * weight / sum;
    rows.push_back(static_cast<int>(std::floor(share)));
    left.push_back(share - rows.back());
  }
  for (int missing = batch - std::accumulate(rows.begin(), rows.end(), 0); missing > 0; --missing) {
    const auto most = std::max_element(left.begin(), left.end());
    ++rows[static_cast<std::size_t>(most - left.begin())];
    *most = -1;
  }
  return rows;
}

Mixture::Mixture(std::span<const Source> sources, const SamplerConfig& config,
                 const std::function<void(const Dataset&, const Episode&)>& see) {
  GENBA_CHECK(!sources.empty(), "a mixture of nothing");
  std::vector<double> weights;
  for (const Source& source : sources) {
    SamplerConfig own = config;
    own.seed += samplers_.size();
    own.only_success = source.only_success;
    samplers_.emplace_back(*source.dataset, own, [&](const Episode& episode) {
      if (see) see(*source.dataset, episode);
    });
    const Sampler& sampler = samplers_.back();
    texts_.insert(texts_.end(), sampler.texts().begin(), sampler.texts().end());
    weights.push_back(source.weight > 0 ? source.weight : static_cast<double>(sampler.num_windows()));
  }
  rows_ = ShareOut(config.batch_size, weights);
  for (std::size_t k = 0; k < rows_.size(); ++k) {
    if (rows_[k] == 0)
      throw BadInput({sources[k].dataset->folder().string(), "weight",
                      "a share of at least one window of a batch of " + std::to_string(config.batch_size), "less"});
  }
}

void Mixture::Next(WindowBatch& batch) {
  Clear(batch);
  int texts = 0, episodes = 0;
  for (std::size_t k = 0; k < samplers_.size(); ++k) {
    const std::size_t first = batch.text.size();
    samplers_[k].Add(rows_[k], batch);
    for (std::size_t row = first; row < batch.text.size(); ++row)
      batch.text[row] += texts, batch.episode[row] += episodes;
    texts += static_cast<int>(samplers_[k].texts().size());
    episodes += samplers_[k].num_episodes();
  }
}

std::vector<SamplerState> Mixture::state() const {
  std::vector<SamplerState> states;
  for (const Sampler& sampler : samplers_) states.push_back(sampler.state());
  return states;
}

void Mixture::Restore(std::span<const SamplerState> states) {
  GENBA_CHECK(states.size() == samplers_.size(), "one state a source");
  for (std::size_t k = 0; k < states.size(); ++k) samplers_[k].Restore(states[k]);
}

}  // namespace genba::datasets
