// Laws of reading: it can learn to answer from the sentence and from what is in the scene; the answer's loss teaches
// neither what is meant nor how many; what is not there is not meant.
#include "policies/reader.h"

#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "tests/policies/fakes.h"

namespace genba::policies {
namespace {

struct ToyReader {
  explicit ToyReader(const EnvSpec& of = ToySpec())
      : spec(of), reader(spec, {.width = 16, .attention_heads = 2}, features.shape(), layout) {
    flat = layout.Initial(1);
    gradient = at::zeros_like(flat);
    weights = layout.TrainableViews(flat, gradient);
  }
  EnvSpec spec;
  ToyFeatures features;
  ParameterLayout layout;
  Reader reader;
  at::Tensor flat, gradient;
  Weights weights;
};

// "take red", said where there is a red part or none, and "never take red", which is forbidden wherever it is said.
ReadingBatch Batch(ToyReader& toy, int scenes, std::uint64_t seed) {
  const std::vector<std::string> texts{"take red", "take blue", "never take red", "take never blue"};
  Rng rng(seed, 0, "reading batch");
  std::vector<float> obs, wanted, known;
  std::vector<std::int64_t> answer, quantity;
  std::vector<int> choice;
  for (int scene = 0; scene < scenes; ++scene) {
    std::vector<float> row = ToyScene(rng);
    const int text = rng.Int(0, 3), colour = text % 2;
    const bool forbidden = text >= 2, there = rng.Chance(0.5);
    for (std::size_t slot = 0; slot < 4; ++slot) {
      float* part = row.data() + 5 + slot * 6;
      if (!there) part[4 + colour] = 0;
      wanted.push_back(!forbidden && part[4 + colour] > 0.5f ? 1.0f : 0.0f);
    }
    wanted.insert(wanted.end(), 3, 0.0f);
    obs.insert(obs.end(), row.begin(), row.end());
    known.push_back(forbidden ? 0.0f : 1.0f);
    quantity.push_back(forbidden ? -1 : 0);
    answer.push_back(forbidden ? 2 : there ? 0 : 1);
    choice.push_back(text);
  }
  ReadingBatch batch;
  batch.text = GatherTexts(toy.features, texts, choice, 0);
  batch.obs = at::tensor(at::ArrayRef<float>(obs)).view({scenes, toy.spec.obs_dim()});
  batch.wanted = at::tensor(at::ArrayRef<float>(wanted)).view({scenes, toy.reader.num_slots()});
  batch.known = at::tensor(at::ArrayRef<float>(known));
  batch.quantity = at::tensor(at::ArrayRef<std::int64_t>(quantity), at::kLong);
  batch.answer = at::tensor(at::ArrayRef<std::int64_t>(answer), at::kLong);
  return batch;
}

double Right(ToyReader& toy, const ReadingBatch& batch) {
  const c10::InferenceMode no_gradients;
  const EncodedText text = Select(toy.reader.Read(toy.weights, batch.text), batch.text.index);
  const at::Tensor logits = toy.reader.AnswerLogits(toy.weights, batch.obs, text, toy.reader.Ground(batch.obs, text));
  return (logits.argmax(1) == batch.answer).to(at::kDouble).mean().item<double>();
}

void Learn(ToyReader& toy, const ReadingBatch& batch) {
  at::Tensor first = at::zeros_like(toy.flat), second = at::zeros_like(toy.flat), count = at::zeros({}, at::kFloat);
  for (int step = 0; step < 300; ++step) {
    toy.gradient.zero_();
    const ReadingLoss loss = ComputeLoss(toy.reader, toy.weights, batch);
    (loss.grounding + loss.quantity + loss.answer).backward();
    count.add_(1);
    at::_fused_adamw_({toy.flat}, {toy.gradient}, {first}, {second}, {}, {count}, 5e-3, 0.9, 0.99, 0.0, 1e-8, false,
                      false);
  }
}

TEST(Reader, LearnsToAnswerFromTheSentenceAndFromTheScene) {
  ToyReader toy;
  const ReadingBatch batch = Batch(toy, 256, 1);
  EXPECT_LT(Right(toy, batch), 0.7);  // the control: untrained
  Learn(toy, batch);
  EXPECT_GE(Right(toy, Batch(toy, 200, 2)), 0.98);  // other scenes
}

// Places can be named: column 4 says which one is on the left. Orders of one task name one, those of the other none.
EnvSpec TwoTasks(bool optional) {
  EnvSpec spec = ToySpec();
  spec.observation[2].identity = {4};
  spec.observation[2].optional = optional;
  return spec;
}

// "take red", for which there has to be a red part, and "put red left", for which there has to be the place, too.
ReadingBatch BatchOfTwoTasks(ToyReader& toy, int scenes, std::uint64_t seed) {
  const std::vector<std::string> texts{"take red", "put red left"};
  Rng rng(seed, 0, "reading batch");
  std::vector<float> obs, wanted;
  std::vector<std::int64_t> answer;
  std::vector<int> choice;
  for (int scene = 0; scene < scenes; ++scene) {
    std::vector<float> row = ToyScene(rng);
    const bool puts = rng.Chance(0.5), part_there = rng.Chance(0.8), place_there = rng.Chance(0.6);
    for (std::size_t slot = 0; slot < 4; ++slot) {
      float* part = row.data() + 5 + slot * 6;
      if (!part_there) part[4] = 0;
      wanted.push_back(part[4]);
    }
    bool left = false;
    for (std::size_t slot = 0; slot < 3; ++slot) {
      float* place = row.data() + 29 + slot * 5;
      place[4] = place[0] > 0.5f && place_there && !left ? 1.0f : 0.0f;
      left = left || place[4] > 0.5f;
      wanted.push_back(puts ? place[4] : 0.0f);
    }
    obs.insert(obs.end(), row.begin(), row.end());
    answer.push_back(part_there && (place_there || !puts) ? 0 : 1);
    choice.push_back(puts ? 1 : 0);
  }
  ReadingBatch batch;
  batch.text = GatherTexts(toy.features, texts, choice, 0);
  batch.obs = at::tensor(at::ArrayRef<float>(obs)).view({scenes, toy.spec.obs_dim()});
  batch.wanted = at::tensor(at::ArrayRef<float>(wanted)).view({scenes, toy.reader.num_slots()});
  batch.known = at::ones({scenes});
  batch.quantity = at::zeros({scenes}, at::kLong);
  batch.answer = at::tensor(at::ArrayRef<std::int64_t>(answer), at::kLong);
  return batch;
}

TEST(Reader, APlaceHasToBeThereForOrdersThatNameOne) {
  for (const bool optional : {true, false}) {
    ToyReader toy(TwoTasks(optional));
    Learn(toy, BatchOfTwoTasks(toy, 256, 1));
    const double right = Right(toy, BatchOfTwoTasks(toy, 200, 2));
    if (optional) {
      EXPECT_GE(right, 0.97);
    } else {
      EXPECT_LT(right, 0.8);  // the control: where every order has to name one, "take red" cannot be carried out
    }
  }
}

TEST(Reader, TheAnswersLossTeachesNeitherWhatIsMeantNorHowMany) {
  ToyReader toy;
  const auto taught = [&](const at::Tensor& loss, const std::string& prefix) {
    toy.gradient.zero_();
    loss.backward();
    double sum = 0;
    for (const Parameter& parameter : toy.layout.parameters()) {
      if (parameter.name.starts_with(prefix))
        sum += toy.gradient.narrow(0, parameter.offset, parameter.size()).abs().sum().item<double>();
    }
    return sum;
  };
  const ReadingBatch batch = Batch(toy, 64, 1);
  EXPECT_EQ(taught(ComputeLoss(toy.reader, toy.weights, batch).answer, "reader.evidence"), 0);
  EXPECT_EQ(taught(ComputeLoss(toy.reader, toy.weights, batch).answer, "reader.judges.quantity"), 0);
  EXPECT_GT(taught(ComputeLoss(toy.reader, toy.weights, batch).answer, "reader.judges.alarm"), 0);
  EXPECT_GT(taught(ComputeLoss(toy.reader, toy.weights, batch).grounding, "reader.evidence"), 0);  // the controls
  EXPECT_GT(taught(ComputeLoss(toy.reader, toy.weights, batch).quantity, "reader.judges.quantity"), 0);
}

TEST(Reader, WhatIsNotThereOrNotAnOrderTeachesNoGrounding) {
  ToyReader toy;
  ReadingBatch batch = Batch(toy, 64, 1);
  const double before = ComputeLoss(toy.reader, toy.weights, batch).grounding.item<double>();
  const at::Tensor counts = toy.reader.Present(batch.obs) * batch.known.unsqueeze(1);
  batch.wanted = batch.wanted + (1 - counts);  // said of absent slots and of what is no order
  EXPECT_EQ(ComputeLoss(toy.reader, toy.weights, batch).grounding.item<double>(), before);
  batch.wanted = 1 - batch.wanted;  // the control
  EXPECT_NE(ComputeLoss(toy.reader, toy.weights, batch).grounding.item<double>(), before);
}

// A small part of a batch may hold nothing of which the answer or the quantity is known.
TEST(Reader, WhatNothingIsKnownOfTeachesNothing) {
  ToyReader toy;
  ReadingBatch batch = Batch(toy, 4, 1);
  batch.answer.fill_(-1);  // not known
  batch.quantity.fill_(-1);
  const ReadingLoss loss = ComputeLoss(toy.reader, toy.weights, batch);
  EXPECT_EQ(loss.answer.item<double>(), 0);
  EXPECT_EQ(loss.quantity.item<double>(), 0);
  (loss.answer + loss.quantity).backward();
  EXPECT_EQ(toy.gradient.abs().max().item<double>(), 0);
}

}  // namespace
}  // namespace genba::policies
