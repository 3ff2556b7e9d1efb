// mixture.h - the windows of several data sets in one batch: each has its share of the rows, in an order of its own. Used
// by behaviour cloning; one thread. Law: of one data set it is that data set's Sampler, bit for bit; the order of each
// source is a pure function of (seed, source, epoch), whatever stands beside it.
// Failure: Error(kBadInput) naming a data set without windows, or a share that is no row of a batch.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "datasets/sampler.h"

namespace genba::datasets {

struct Source {
  const Dataset* dataset = nullptr;
  double weight = 0;  // of its windows in a batch, relative to the others'; 0: as many as it has
  bool only_success = true;
};

// Rows of a batch for each weight: by largest remainder, the same of every batch. They add up to batch.
std::vector<int> ShareOut(int batch, std::span<const double> weights);

class Mixture {
 public:
  // config.only_success is each source's own. Shows every sampled episode to see, source by source.
  Mixture(std::span<const Source> sources, const SamplerConfig& config,
          const std::function<void(const Dataset&, const Episode&)>& see = {});
  const std::vector<Sampler>& samplers() const { return samplers_; }
  const std::vector<int>& rows() const { return rows_; }  // of a batch, by source
  const std::vector<std::string>& texts() const { return texts_; }
  // Texts and episodes are numbered through all sources.
  void Next(WindowBatch& batch);
  std::vector<SamplerState> state() const;
  void Restore(std::span<const SamplerState> states);  // as many as there are sources

 private:
  std::vector<Sampler> samplers_;
  std::vector<int> rows_;
  std::vector<std::string> texts_;
};

}  // namespace genba::datasets
