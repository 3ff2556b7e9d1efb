// A network is on one device, whichever it is: no tensor of the CPU is hidden in it. Shown without a GPU, on LibTorch's device
// "meta", whose tensors have shapes and no numbers, and whose operations refuse tensors of another device.
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <gtest/gtest.h>
#include <torch/library.h>

#include "policies/network.h"
#include "tests/policies/fakes.h"

namespace genba::policies {
namespace {

// Operations that LibTorch has for CPU and CUDA, and not for meta: shapes from zeros on the CPU. As on a device, a number on the
// CPU may stand beside tensors, anything larger may not.
void ShapesFromZeros(const c10::OperatorHandle& operation, c10::Stack* stack) {
  for (c10::IValue& argument : *stack) {
    if (!argument.isTensor() || !argument.toTensor().defined()) continue;
    const at::Tensor tensor = argument.toTensor();
    TORCH_CHECK(tensor.is_meta() || tensor.dim() == 0, operation.schema().name(),
                ": expected tensors on meta, got one on ", tensor.device());
    argument = at::zeros(tensor.sizes(), tensor.options().device(at::kCPU));
  }
  operation.callBoxed(stack);
  for (c10::IValue& result : *stack)
    if (result.isTensor() && result.toTensor().defined()) result = result.toTensor().to(at::kMeta);
}

TORCH_LIBRARY_IMPL(aten, Meta, library) {
  for (const char* name :
       {"native_layer_norm", "native_layer_norm_backward", "index_select", "log_sigmoid_forward", "unfold_backward",
        "where.self", "where.self_out", "abs", "logsumexp", "logical_not", "logical_and", "log_sigmoid_backward"})
    library.impl(name, torch::CppFunction::makeFromBoxedFunction<&ShapesFromZeros>());
}

struct OnMeta {
  explicit OnMeta(const char* head)
      : config(ToyConfig(head)),
        network(spec, config, features.shape(), UnitNormalizer(spec), at::kMeta),
        flat(network.layout().Initial(1).to(at::kMeta)),
        gradient(at::zeros_like(flat)),
        weights(network.layout().TrainableViews(flat, gradient)) {}
  TextBatch Texts() {
    const std::vector<std::string> texts{"take the red part", "take it"};
    return GatherTexts(features, texts, std::vector<int>{0, 1, 1, 0}, 0);
  }
  TrainingBatch Batch() {
    const at::Tensor actions = at::zeros({4, config.chunk, 3});
    return {at::zeros({4, spec.obs_dim()}), actions,        at::ones({4, config.chunk}),
            at::zeros_like(actions),        at::zeros({4}), Texts()};
  }
  ReadingBatch Reading() {
    const at::Tensor whole = at::zeros({4}, at::kLong);
    return {Texts(), at::zeros({4, spec.obs_dim()}), at::zeros({4, network.reader().num_slots()}), at::ones({4}), whole,
            whole};
  }
  EnvSpec spec = ToySpec();
  PolicyConfig config;
  ToyFeatures features;
  Network network;
  at::Tensor flat, gradient;
  Weights weights;
};

TEST(OnDevice, LossesAndTheirGradientsStayThere) {
  for (const char* head : {"chunk", "flow"}) {
    OnMeta on(head);
    const at::Tensor loss = on.network.Loss(on.weights, To(on.Batch(), at::kMeta));
    const ReadingLoss read = ComputeLoss(on.network.reader(), on.weights, To(on.Reading(), at::kMeta));
    const at::Tensor all = loss + read.grounding + read.quantity + read.answer;
    all.backward();
    EXPECT_TRUE(all.is_meta()) << head;
  }
}

TEST(OnDevice, PlansStayThere) {
  for (const char* head : {"chunk", "flow"}) {
    OnMeta on(head);
    const TrainingBatch batch = To(on.Batch(), at::kMeta);
    const EncodedText text = Select(on.network.reader().Read(on.weights, batch.text), batch.text.index);
    EXPECT_TRUE(on.network.Predict(on.weights, batch.obs, text, batch.noise).is_meta()) << head;
    EXPECT_TRUE(on.network.AnswerLogits(on.weights, batch.obs, text).is_meta()) << head;
  }
}

// The control: what lies elsewhere is noticed.
TEST(OnDevice, AnObservationThatStayedBehindIsNoticed) {
  OnMeta on("chunk");
  TrainingBatch batch = To(on.Batch(), at::kMeta);
  batch.obs = batch.obs.new_zeros(batch.obs.sizes(), at::TensorOptions(at::kCPU));
  EXPECT_THROW(on.network.Loss(on.weights, batch), c10::Error);
  batch = To(on.Batch(), at::kMeta);
  batch.text.index = on.Texts().index;
  EXPECT_THROW(on.network.Loss(on.weights, batch), c10::Error);
}

}  // namespace
}  // namespace genba::policies
