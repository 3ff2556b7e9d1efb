// critic.h - what a state is worth, judged with everything the simulator knows (asymmetric actor-critic, L. Pinto et
// al., arXiv 1710.06542): joints and parts as they are, which slots the order is about, and the time that is left. It
// is needed for learning only and is in no policy file. One thread. CriticView writes a state's row, RunningScale keeps
// the rows' scales, Critic is the network on them.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "envs/vec_env.h"
#include "policies/layers.h"

namespace genba::trainer {

class CriticView {
 public:
  CriticView(const EnvSpec& spec, int physics_size);
  int dim() const { return dim_; }  // C
  // obs [obs_dim], wanted [num_slots] of the episode, physics [physics_size] as VecEnv gives it, left: share of the
  // episode's time.
  struct State {
    std::span<const float> obs;
    std::span<const std::uint8_t> wanted;
    std::span<const double> physics;
    double left = 1;
  };
  void Write(const State& state, std::span<float> row) const;  // [C]

 private:
  EnvSpec spec_;
  int physics_size_, dim_ = 0;
};

// Mean and deviation of columns, over all rows so far (T. Chan et al., "Updating formulae and a pairwise algorithm for
// computing sample variances", 1979). Before the first row everything is as it is.
class RunningScale {
 public:
  explicit RunningScale(int columns) : mean_(static_cast<std::size_t>(columns)), squares_(mean_.size()) {}
  void Add(std::span<const float> rows);  // [n, columns]
  float mean(int column) const { return static_cast<float>(mean_[static_cast<std::size_t>(column)]); }
  float deviation(int column) const;
  // (row - mean) / deviation, cut at 10 deviations. In place.
  void Apply(std::span<float> rows) const;

  std::vector<double> Saved() const;  // count, means, sums of squares
  bool Restore(std::span<const double> saved);

 private:
  double count_ = 0;
  std::vector<double> mean_, squares_;
};

class Critic {
 public:
  Critic(int columns, int width, policies::ParameterLayout& layout);
  at::Tensor Value(const policies::Weights& weights, const at::Tensor& rows) const;  // [B, C] → [B]

 private:
  policies::Linear in_, hidden_, out_;
};

}  // namespace genba::trainer
