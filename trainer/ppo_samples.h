// ppo_samples.h - a rollout as the tensors that PPO's updates draw minibatches from: normalised for the critic, with
// advantages. Called by train_ppo; one thread.
#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

#include "policies/reader.h"
#include "trainer/ppo_config.h"
#include "trainer/ranks/comm.h"
#include "trainer/rollout.h"

namespace genba::trainer {

// Rows [T * N].
struct PpoSamples {
  at::Tensor obs, critic, action;
  at::Tensor planned, context;  // of a policy that corrects its plans; else nothing
  Gaussian before;              // mean [T * N, A], log deviation [A], as it was played
  at::Tensor log_probability, advantage, returns;
  at::Tensor text;              // which row of texts
  policies::EncodedText texts;  // distinct ones
  std::int64_t rows() const { return obs.size(0); }
};

// What judges states, and the scales it sees them in.
struct Judging {
  const CriticView& view;
  const Critic& critic;
  const policies::Weights& weights;
  RunningScale &states, &returns;  // learn from all ranks' rollouts
};

// Of each of this rank's rollouts; scales, and what advantages are held against, are of all ranks'.
std::vector<PpoSamples> SamplesFrom(std::vector<Rollout>& rollouts, const PpoConfig& config, const Judging& judging,
                                    Comm& comm);
// What the rollout's episodes were told, and who of them was told what.
void TakeTexts(const Rollout& rollout, const ToldTexts& told, PpoSamples& samples);
PlayedBatch PlayedOf(const PpoSamples& samples, const at::Tensor& rows);

}  // namespace genba::trainer
