// Laws of the network: it can learn, it listens to the text, slot order and padding do not matter, sampling
// is reproducible.
#include "policies/network.h"

#include <ATen/Parallel.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <numeric>

#include "core/error.h"
#include "tests/policies/fakes.h"

namespace genba::policies {
namespace {

struct Toy {
  explicit Toy(const std::string& head, const EnvSpec& toy_spec = ToySpec(), std::uint64_t seed = 1)
      : spec(toy_spec),
        config(ToyConfig(head)),
        network(spec, config, features.shape(), UnitNormalizer(spec)),
        flat(network.layout().Initial(seed)),
        gradient(at::zeros_like(flat)),
        weights(network.layout().TrainableViews(flat, gradient)) {
    at::set_num_threads(1);
  }
  EnvSpec spec;
  PolicyConfig config;
  ToyFeatures features;
  Network network;
  at::Tensor flat, gradient;
  Weights weights;
};

at::Tensor Copy(const std::vector<float>& values, at::IntArrayRef shape) {
  return at::tensor(at::ArrayRef<float>(values)).view(shape);
}

// Scenes in which the text names a colour and the actions point at the part that has it.
TrainingBatch ColourBatch(Toy& toy, int scenes, std::uint64_t seed) {
  const std::vector<std::string> texts = {"take the red part", "take the blue part"};
  std::vector<float> obs, actions;
  std::vector<int> choice;
  Rng rng(seed, 0, "colour batch");
  for (int i = 0; i < scenes; ++i) {
    const std::vector<float> scene = ToyScene(rng);
    for (int colour = 0; colour < 2; ++colour) {  // the same scene with both texts: only the text tells
      obs.insert(obs.end(), scene.begin(), scene.end());
      choice.push_back(colour);
      for (int k = 0; k < 4; ++k) {
        const float* slot = scene.data() + 5 + 6 * k;
        if (slot[4 + colour] < 0.5f) continue;
        for (int h = 0; h < toy.config.chunk; ++h) actions.insert(actions.end(), slot + 1, slot + 4);
      }
    }
  }
  TrainingBatch batch;
  batch.obs = Copy(obs, {2 * scenes, toy.spec.obs_dim()});
  batch.actions = Copy(actions, {2 * scenes, toy.config.chunk, 3}).clamp(-1.0, 1.0);
  batch.mask = at::ones({2 * scenes, toy.config.chunk});
  batch.text = GatherTexts(toy.features, texts, choice, 0);
  return batch;
}

void AddNoise(TrainingBatch& batch, std::uint64_t step) {
  Rng rng(5, step, "test noise");
  batch.noise = at::zeros_like(batch.actions);
  batch.time = at::zeros({batch.obs.size(0)});
  for (std::int64_t i = 0; i < batch.noise.numel(); ++i)
    batch.noise.mutable_data_ptr<float>()[i] = static_cast<float>(rng.Normal());
  for (std::int64_t i = 0; i < batch.time.numel(); ++i)
    batch.time.mutable_data_ptr<float>()[i] = static_cast<float>(rng.Uniform());
}

void Train(Toy& toy, TrainingBatch& batch, int steps, double rate, const ReadingBatch* reading = nullptr) {
  at::Tensor first = at::zeros_like(toy.flat), second = at::zeros_like(toy.flat), count = at::zeros({}, at::kFloat);
  for (int step = 0; step < steps; ++step) {
    if (toy.network.needs_noise()) AddNoise(batch, static_cast<std::uint64_t>(step));
    toy.gradient.zero_();
    at::Tensor loss = toy.network.Loss(toy.weights, batch);
    if (reading != nullptr) loss = loss + ComputeLoss(toy.network.reader(), toy.weights, *reading).grounding;
    loss.backward();
    count.add_(1);
    const double decayed = rate * std::min(1.0, 2.0 - 2.0 * step / steps);
    at::_fused_adamw_({toy.flat}, {toy.gradient}, {first}, {second}, {}, {count}, decayed, 0.9, 0.99, 0.0, 1e-8, false,
                      false);
  }
}

at::Tensor Predict(Toy& toy, const TrainingBatch& batch, std::uint64_t noise_step = 0) {
  const c10::InferenceMode no_gradients;
  TrainingBatch noisy = batch;
  AddNoise(noisy, noise_step);
  const EncodedText text = toy.network.reader().Read(toy.weights, batch.text);
  return toy.network.Predict(toy.weights, batch.obs, Select(text, batch.text.index), noisy.noise);
}

double Error_(Toy& toy, const TrainingBatch& batch) {
  return (Predict(toy, batch) - batch.actions).abs().mean().item<double>();
}

TEST(Network, ChunkHeadOverfitsOneMinibatchAndListensToTheText) {
  Toy toy("chunk");
  TrainingBatch batch = ColourBatch(toy, 16, 1);
  const double before = Error_(toy, batch);
  Train(toy, batch, 400, 3e-3);
  EXPECT_LT(Error_(toy, batch), 0.1 * before);
  // Swapping the texts must swap the targets: with the wrong words the error is large.
  TrainingBatch swapped = batch;
  swapped.text.index = 1 - batch.text.index;
  EXPECT_GT(Error_(toy, swapped), 0.5 * before);
}

TEST(Network, BindsWordsToAttributesInNewScenes) {
  Toy toy("chunk");
  TrainingBatch batch = ColourBatch(toy, 256, 1);
  Train(toy, batch, 500, 3e-3);
  const TrainingBatch fresh = ColourBatch(toy, 64, 2);
  EXPECT_LT(Error_(toy, fresh), 0.5 * fresh.actions.abs().mean().item<double>());
}

// Three colours, three shapes, one part of each pair in the scene, slots shuffled; the text names one pair.
constexpr std::array<const char*, 3> kColours{"red", "blue", "green"}, kShapes{"bolt", "nut", "gear"};
constexpr int kPairs = 9, kHeldOutPair = 1;  // red nut

EnvSpec PairSpec() {
  EnvSpec spec = ToySpec();
  spec.observation[1] = {"parts", {kPairs, 10}, "1", "present, position, colour, shape", -10, 10, {4, 5, 6, 7, 8, 9}};
  return spec;
}

ReadingBatch PairBatch(Toy& toy, int scenes, bool held_out, std::uint64_t seed) {
  std::vector<std::string> texts;
  for (const char* colour : kColours) {
    for (const char* shape : kShapes) texts.push_back(std::string("take the ") + colour + " " + shape);
  }
  Rng rng(seed, 0, "pair batch");
  std::vector<float> obs, wanted;
  std::vector<int> choice;
  for (int scene = 0; scene < scenes; ++scene) {
    std::vector<int> pairs(kPairs);
    std::iota(pairs.begin(), pairs.end(), 0);
    rng.Shuffle(pairs);
    int asked = kHeldOutPair;
    while (!held_out && asked == kHeldOutPair) asked = rng.Int(0, kPairs - 1);
    choice.push_back(asked);
    std::vector<float> row(static_cast<std::size_t>(toy.spec.obs_dim()));
    for (std::size_t slot = 0; slot < kPairs; ++slot) {
      float* part = row.data() + 5 + 10 * slot;
      part[0] = 1;
      for (int axis = 1; axis < 4; ++axis) part[axis] = static_cast<float>(rng.Normal() * 0.3);
      part[4 + pairs[slot] / 3] = part[7 + pairs[slot] % 3] = 1;
      wanted.push_back(pairs[slot] == asked ? 1.0f : 0.0f);
    }
    wanted.insert(wanted.end(), 3, 0.0f);  // places
    obs.insert(obs.end(), row.begin(), row.end());
  }
  ReadingBatch batch;
  batch.obs = Copy(obs, {scenes, toy.spec.obs_dim()});
  batch.wanted = Copy(wanted, {scenes, kPairs + 3});
  batch.known = at::ones({scenes});
  batch.quantity = at::zeros({scenes}, at::kLong);
  batch.answer = at::zeros({scenes}, at::kLong);
  batch.text = GatherTexts(toy.features, texts, choice, 0);
  return batch;
}

// The same scenes with an action that is always the same.
TrainingBatch Motionless(Toy& toy, const ReadingBatch& reading) {
  TrainingBatch batch;
  batch.obs = reading.obs;
  batch.actions = at::zeros({reading.obs.size(0), toy.config.chunk, 3});
  batch.mask = at::ones({reading.obs.size(0), toy.config.chunk});
  batch.text = reading.text;
  return batch;
}

// Share of scenes in which the grounding of every part is right.
double Grounded(Toy& toy, const ReadingBatch& batch) {
  const c10::InferenceMode no_gradients;
  const EncodedText text = Select(toy.network.reader().Read(toy.weights, batch.text), batch.text.index);
  const at::Tensor says = toy.network.reader().Ground(batch.obs, text).narrow(1, 0, kPairs) > 0;
  return (says == (batch.wanted.narrow(1, 0, kPairs) > 0.5)).all(1).to(at::kDouble).mean().item<double>();
}

// Whether the toy puts words together anew depends on its start: 4 of these 8 do (5 of 8 before layers were renamed).
TEST(Network, APairThatTrainingNeverNamedIsGroundedAllTheSame) {
  int grounded = 0;
  for (const std::uint64_t seed : {1, 2, 3, 4, 5, 6, 7, 8}) {
    Toy toy("chunk", PairSpec(), seed);
    const ReadingBatch reading = PairBatch(toy, 64, false, 1);
    TrainingBatch batch = Motionless(toy, reading);
    const ReadingBatch never_named = PairBatch(toy, 32, true, 2);
    EXPECT_LT(Grounded(toy, never_named), 0.5);  // the control: untrained
    Train(toy, batch, 400, 3e-3, &reading);
    EXPECT_GE(Grounded(toy, PairBatch(toy, 32, false, 3)), 0.7) << seed;
    grounded += Grounded(toy, never_named) == 1;
  }
  EXPECT_GE(grounded, 3);
}

TEST(Network, FlowHeadOverfitsOneMinibatch) {
  Toy toy("flow");
  TrainingBatch batch = ColourBatch(toy, 8, 1);
  const double before = Error_(toy, batch);
  Train(toy, batch, 1200, 3e-3);
  EXPECT_LT(Error_(toy, batch), 0.25 * before);
}

TEST(Network, FlowSamplesDependOnNoiseOnly) {
  Toy toy("flow");
  const TrainingBatch batch = ColourBatch(toy, 4, 1);
  EXPECT_TRUE(Predict(toy, batch, 7).equal(Predict(toy, batch, 7)));
  EXPECT_FALSE(Predict(toy, batch, 7).equal(Predict(toy, batch, 8)));
}

// Nothing but the correction learns from it: neither what planned, nor what saw.
TEST(Network, ACorrectionBeginsAsNoneAndLearnsAlone) {
  PolicyConfig config = ToyConfig("chunk");
  config.residual_width = 16;
  ToyFeatures features;
  const Network network(ToySpec(), config, features.shape(), UnitNormalizer(ToySpec()));
  const at::Tensor flat = network.layout().Initial(1), gradient = at::zeros_like(flat);
  const Weights weights = network.layout().TrainableViews(flat, gradient);
  Toy toy("chunk");
  const TrainingBatch batch = ColourBatch(toy, 4, 1);
  const EncodedText text = Select(network.reader().Read(weights, batch.text), batch.text.index);
  const at::Tensor context = network.Context(weights, batch.obs, text),
                   planned = network.PlanFrom(weights, context, {}).select(1, 0);
  const at::Tensor corrected = network.Correct(weights, context, planned);
  EXPECT_TRUE(corrected.equal(planned));
  network.layout().Views(flat)[weights.size() - 2].fill_(0.1);  // correction.second.weight: what is below it is reached
  (network.Correct(weights, context, planned) - batch.actions.select(1, 0)).square().sum().backward();
  const std::vector<Parameter>& parameters = network.layout().parameters();
  int learning = 0;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const bool moves = gradient.narrow(0, parameters[i].offset, parameters[i].size()).abs().max().item<float>() > 0;
    learning += moves;
    EXPECT_TRUE(!moves || parameters[i].name.starts_with(kCorrection)) << parameters[i].name;
  }
  EXPECT_EQ(learning, 4);
}

TEST(Network, SlotOrderDoesNotMatter) {
  for (const char* head : {"chunk", "flow"}) {
    Toy toy(head);
    const TrainingBatch batch = ColourBatch(toy, 8, 1);
    TrainingBatch shuffled = batch;
    shuffled.obs = batch.obs.clone();
    const int order[] = {2, 0, 3, 1};
    for (int k = 0; k < 4; ++k) shuffled.obs.narrow(1, 5 + 6 * k, 6).copy_(batch.obs.narrow(1, 5 + 6 * order[k], 6));
    EXPECT_LT((Predict(toy, batch) - Predict(toy, shuffled)).abs().max().item<double>(), 1e-5);
    // Negative control: another content does matter.
    shuffled.obs.narrow(1, 6, 1).add_(1.0);
    shuffled.obs.narrow(1, 12, 1).add_(1.0);
    EXPECT_GT((Predict(toy, batch) - Predict(toy, shuffled)).abs().max().item<double>(), 1e-4);
  }
}

TEST(Network, AbsentSlotsAndPaddedWordsAreNotSeen) {
  Toy toy("chunk");
  TrainingBatch batch = ColourBatch(toy, 8, 1);
  const at::Tensor expected = Predict(toy, batch);
  TrainingBatch changed = batch;
  changed.obs = batch.obs.clone();
  for (std::int64_t i = 0; i < changed.obs.size(0); ++i) {
    for (int k = 0; k < 4; ++k) {
      at::Tensor slot = changed.obs[i].narrow(0, 5 + 6 * k, 6);
      if (slot[0].item<float>() < 0.5f) slot.narrow(0, 1, 5).fill_(9.0);
    }
  }
  EXPECT_LT((Predict(toy, changed) - expected).abs().max().item<double>(), 1e-6);
  changed = batch;
  const std::vector<std::string> texts = {"take the red part", "take the blue part"};
  std::vector<int> choice;
  for (int i = 0; i < 16; ++i) choice.push_back(i % 2);
  changed.text = GatherTexts(toy.features, texts, choice, 8);
  EXPECT_LT((Predict(toy, changed) - expected).abs().max().item<double>(), 1e-5);
}

// A batch of many texts is encoded in groups of about equal length: each as if it were alone.
TEST(Network, TextsEncodedTogetherEqualTextsEncodedAlone) {
  const c10::InferenceMode no_gradients;
  Toy toy("chunk");
  std::vector<std::string> texts;
  std::vector<int> choice;
  for (int i = 0; i < 80; ++i) {
    std::string text = "part" + std::to_string(i);
    for (int word = 0; word < i % 7; ++word) text += " w" + std::to_string(word * i);
    texts.push_back(text);
    choice.push_back(79 - i);
  }
  const TextBatch batch = GatherTexts(toy.features, texts, choice, 0);
  ASSERT_EQ(batch.lengths.front(), 2);
  ASSERT_EQ(batch.lengths.back(), 8);
  const EncodedText together = Select(toy.network.reader().Read(toy.weights, batch), batch.index);
  const auto differs = [](const at::Tensor& a, const at::Tensor& b) {
    return (a - b).abs().max().item<double>() > 1e-5;
  };
  for (std::int64_t i = 0; i < 80; ++i) {
    const int own = choice[static_cast<std::size_t>(i)];
    const EncodedText alone = toy.network.reader().Read(toy.weights, GatherTexts(toy.features, texts, {&own, 1}, 0));
    const std::int64_t length = alone.keys_values.size(1);
    EXPECT_EQ((together.mask[i] == 0).sum().item<std::int64_t>(), length);
    EXPECT_FALSE(differs(together.keys_values[i].narrow(0, 0, length), alone.keys_values[0]));
    EXPECT_FALSE(differs(together.wanted[i], alone.wanted[0]));
    EXPECT_TRUE(differs(together.wanted[i], together.wanted[(i + 1) % 80]));  // the control: texts are told apart
  }
}

// Two weights of one name would be one in the file, and the policy that is read another than the one that was trained.
TEST(Network, WhatIsReadIsWhatWasSaved) {
  for (const char* head : {"chunk", "flow"}) {
    Toy toy(head);
    for (std::size_t i = 0; i < toy.weights.size(); ++i)  // no two parameters alike
      toy.network.layout().Views(toy.flat)[i].fill_(static_cast<double>(i) + 0.5);
    TensorFile file;
    toy.network.layout().ToFile(toy.flat, file);
    EXPECT_EQ(file.tensors.size(), toy.weights.size());
    EXPECT_TRUE(toy.network.layout().FromFile(file, "file").equal(toy.flat)) << head;
  }
  ParameterLayout layout;
  layout.Add("twice", {2}, 0, 0);
  EXPECT_THROW(layout.Add("twice", {2}, 0, 0), std::logic_error);
}

TEST(Network, PaddedActionsDoNotChangeTheLoss) {
  for (const char* head : {"chunk", "flow"}) {
    Toy toy(head);
    TrainingBatch batch = ColourBatch(toy, 8, 1);
    AddNoise(batch, 0);
    batch.mask.narrow(1, 2, 2).zero_();
    const at::Tensor clean = toy.network.Loss(toy.weights, batch);
    batch.actions = batch.actions.clone();
    batch.actions.narrow(1, 2, 2).fill_(0.9);
    const at::Tensor padded = toy.network.Loss(toy.weights, batch);
    EXPECT_TRUE(clean.equal(padded));
    batch.actions.narrow(1, 0, 2).fill_(0.9);  // negative control
    EXPECT_FALSE(clean.equal(toy.network.Loss(toy.weights, batch)));
  }
}

TEST(Network, BlankTextIsLegal) {
  Toy toy("chunk");
  TrainingBatch batch = ColourBatch(toy, 2, 1);
  const std::vector<std::string> texts = {""};
  batch.text = GatherTexts(toy.features, texts, std::vector<int>{0, 0, 0, 0}, 0);
  EXPECT_EQ(batch.text.tokens.size(1), 1);
  EXPECT_TRUE(Predict(toy, batch).isfinite().all().item<bool>());
}

TEST(Network, InitialWeightsArePureInTheSeed) {
  Toy toy("chunk");
  EXPECT_TRUE(toy.network.layout().Initial(1).equal(toy.network.layout().Initial(1)));
  EXPECT_FALSE(toy.network.layout().Initial(1).equal(toy.network.layout().Initial(2)));
}

TEST(ParameterLayout, FileRoundTripAndRefusals) {
  Toy toy("chunk");
  TensorFile file;
  toy.network.layout().ToFile(toy.flat, file);
  EXPECT_TRUE(toy.network.layout().FromFile(file, "file").equal(toy.flat));
  const auto refused = [&](const TensorFile& wrong, const std::string& name) {
    try {
      toy.network.layout().FromFile(wrong, "file");
      ADD_FAILURE() << "accepted";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
    }
  };
  TensorFile missing = file;
  missing.tensors.erase("head.out.weight");
  refused(missing, "head.out.weight");
  TensorFile reshaped = file;
  std::swap(reshaped.tensors["head.out.weight"].shape[0], reshaped.tensors["head.out.weight"].shape[1]);
  refused(reshaped, "head.out.weight");
  TensorFile extra = file;
  extra.tensors["zz"] = file.tensors["head.out.bias"];
  refused(extra, "zz");
  TensorFile poisoned = file;
  const float nan = std::nanf("");
  std::memcpy(poisoned.tensors["head.out.bias"].bytes.data(), &nan, sizeof nan);
  refused(poisoned, "head.out.bias");
}

}  // namespace
}  // namespace genba::policies
