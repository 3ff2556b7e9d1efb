// critic.h - what a state is worth, judged with everything the simulator knows (asymmetric actor-critic, L. Pinto et al.,
// arXiv 1710.06542): joints and parts as they are, and which slots the order is about. It is needed for learning only and
// is in no policy file. One thread. CriticView writes a state's row, RunningScale keeps the rows' scales, Critic is the
// network on them.
// No time: an episode that is cut off counts as going on (F. Pardo et al., "Time limits in reinforcement learning", ICML
// 2018). One that knows how much is left is asked at the cut for what nothing taught it, learns from its own answer, and
// falls without a floor.
// Law: what is in a slot that the order is not about changes nothing; nor, with one scale for all, does their order.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "envs/vec_env.h"
#include "policies/layers.h"

namespace genba::trainer {

// Where what stands in a row [C]: columns of their own, the slots of each set, and last a flag for every slot.
struct CriticShape {
  struct Set {
    int count, columns;
  };
  int alone = 0;  // of vector fields, the simulator's state without its clock
  std::vector<Set> sets;
  int num_slots() const;
  int scaled() const;  // columns before the flags
  int dim() const { return scaled() + num_slots(); }
};

class CriticView {
 public:
  CriticView(const EnvSpec& spec, int physics_size);
  const CriticShape& shape() const { return shape_; }
  int dim() const { return shape_.dim(); }  // C
  // obs [obs_dim], wanted [num_slots] of the episode, physics [physics_size] as VecEnv gives it, its clock first.
  struct State {
    std::span<const float> obs;
    std::span<const std::uint8_t> wanted;
    std::span<const double> physics;
  };
  void Write(const State& state, std::span<float> row) const;  // [C]

 private:
  EnvSpec spec_;
  CriticShape shape_;
};

// Mean and deviation of the first columns of rows; what stands behind them is left as it is. Over all rows so far (T. Chan et al., "Updating formulae and a pairwise algorithm for
// computing sample variances", 1979). Before the first row everything is as it is.
class RunningScale {
 public:
  explicit RunningScale(int columns, int behind = 0)
      : width_(static_cast<std::size_t>(columns + behind)),
        mean_(static_cast<std::size_t>(columns)),
        squares_(mean_.size()) {}
  void Add(std::span<const float> rows) { Merge(Measure(rows)); }  // [n, columns + behind]
  // Add in two halves, where rows lie on several ranks: count, means and sums of squares of rows, and what they change.
  std::vector<double> Measure(std::span<const float> rows) const;
  void Merge(std::span<const double> measured);
  float mean(int column) const { return static_cast<float>(mean_[static_cast<std::size_t>(column)]); }
  float deviation(int column) const;
  // (row - mean) / deviation, cut at 10 deviations. In place.
  void Apply(std::span<float> rows) const;

  std::vector<double> Saved() const;  // count, means, sums of squares
  bool Restore(std::span<const double> saved);

 private:
  std::size_t width_;
  double count_ = 0;
  std::vector<double> mean_, squares_;
};

// Of each set it sees what the strongest of the slots that the order is about says, feature by feature: the value of
// two nuts is that of the nearer one, which their mean does not tell.
class Critic {
 public:
  Critic(const CriticShape& shape, int width, policies::ParameterLayout& layout);
  at::Tensor Value(const policies::Weights& weights, const at::Tensor& rows) const;  // [B, C] → [B]
  std::int64_t macs() const;                                                         // multiply-adds of a row, forward

 private:
  CriticShape shape_;
  std::vector<policies::Mlp> slots_;
  policies::Linear in_, hidden_, out_;
};

}  // namespace genba::trainer
