#include "trainer/reading_batch.h"

#include <ATen/ops/empty.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <numeric>

#include "trainer/understood.h"

namespace genba::trainer {

namespace {

constexpr int kBatch = 256;  // items read together
constexpr int kReadingThreads = 2;
static_assert(policies::kNumQuantities == static_cast<int>(envs::Count::kAll) + 1);

at::Tensor Rows(const std::vector<ReadingItem>& items, std::span<const int> which,
                const std::vector<float> ReadingItem::*member) {
  const auto width = static_cast<std::int64_t>((items.front().*member).size());
  at::Tensor rows = at::empty({static_cast<std::int64_t>(which.size()), width}, at::kFloat);
  float* to = rows.mutable_data_ptr<float>();
  for (const int i : which) {
    const std::vector<float>& row = items[static_cast<std::size_t>(i)].*member;
    to = std::copy(row.begin(), row.end(), to);
  }
  return rows;
}

}  // namespace

policies::ReadingBatch BatchOf(const std::vector<ReadingItem>& items, const std::vector<std::string>& texts,
                               std::span<const int> which, policies::FeatureSource& features) {
  const auto rows = static_cast<std::int64_t>(which.size());
  policies::ReadingBatch batch;
  batch.text = policies::GatherTexts(features, texts, which, 0);
  batch.obs = Rows(items, which, &ReadingItem::obs);
  batch.wanted = Rows(items, which, &ReadingItem::wanted);
  batch.known = at::empty({rows}, at::kFloat);
  batch.quantity = at::empty({rows}, at::kLong);
  batch.answer = at::empty({rows}, at::kLong);
  for (std::size_t i = 0; i < which.size(); ++i) {
    const ReadingItem& item = items[static_cast<std::size_t>(which[i])];
    const bool acts = item.answer == Answer::kAct;
    batch.known.mutable_data_ptr<float>()[i] = acts ? 1.0f : 0.0f;
    batch.quantity.mutable_data_ptr<std::int64_t>()[i] =
        acts ? static_cast<std::int64_t>(item.order.objects.count) : -1;
    batch.answer.mutable_data_ptr<std::int64_t>()[i] = item.answers ? static_cast<std::int64_t>(item.answer) : -1;
  }
  return batch;
}

std::vector<ReadingResult> Read(const policies::Reader& reader, const policies::Weights& weights,
                                const std::vector<ReadingItem>& items, policies::FeatureSource& features) {
  const c10::InferenceMode no_gradients;
  const std::vector<std::string> texts = TextsOf(items);
  features.Prefetch(texts, kReadingThreads);
  std::vector<ReadingResult> results(items.size());
  if (items.empty()) return results;
  const auto catalogue = Catalogue(static_cast<int>(items.front().obs.size()));
  for (std::size_t first = 0; first < items.size(); first += kBatch) {
    std::vector<int> which(std::min<std::size_t>(kBatch, items.size() - first));
    std::iota(which.begin(), which.end(), static_cast<int>(first));
    const policies::ReadingBatch batch = BatchOf(items, texts, which, features);
    const policies::EncodedText text = Select(reader.Read(weights, batch.text), batch.text.index);
    const at::Tensor answers =
        reader.AnswerLogits(weights, batch.obs, text, reader.Ground(batch.obs, text)).contiguous();
    const at::Tensor quantity = text.quantity.argmax(1);
    std::vector<at::Tensor> about;  // of each scene of the catalogue [B, slots]
    for (const std::vector<float>& row : catalogue) {
      at::Tensor obs = at::empty({1, static_cast<std::int64_t>(row.size())}, at::kFloat);
      std::copy(row.begin(), row.end(), obs.mutable_data_ptr<float>());
      about.push_back(
          (reader.Ground(obs.expand({answers.size(0), -1}), text).sigmoid() * reader.Present(obs)).contiguous());
    }
    for (std::size_t i = 0; i < which.size(); ++i) {
      ReadingResult& result = results[first + i];
      std::copy_n(answers.const_data_ptr<float>() + i * kNumAnswers, kNumAnswers, result.logits.begin());
      std::vector<std::vector<float>> slots;
      for (const at::Tensor& scene : about) {
        const float* from = scene.const_data_ptr<float>() + i * static_cast<std::size_t>(reader.num_slots());
        slots.emplace_back(from, from + reader.num_slots());
      }
      const auto count = static_cast<envs::Count>(quantity.const_data_ptr<std::int64_t>()[i]);
      result.exact = Means(UnderstoodFrom(slots, count), items[first + i].order);
    }
  }
  return results;
}

std::vector<AnswerSample> SamplesOf(const std::vector<ReadingItem>& items, const std::vector<ReadingResult>& results) {
  std::vector<AnswerSample> samples;
  for (std::size_t i = 0; i < items.size(); ++i) samples.push_back({results[i].logits, items[i].answer});
  return samples;
}

}  // namespace genba::trainer
