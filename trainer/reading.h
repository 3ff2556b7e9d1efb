// reading.h - texts said in scenes with what they mean there: what the reading part of a policy is taught and judged by.
// No physics: a scene is what lies in it. Called by behaviour cloning, `genba probe` and evaluations. Pure; no torch.
// Law: items are a function of (task, seed, number, options).
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "envs/vec_env.h"

namespace genba::trainer {

struct ReadingItem {
  std::string text;
  std::string family;  // of what is not to be acted on
  envs::Language language = envs::Language::kEnglish;
  envs::Order order;  // what an order means
  Answer answer = Answer::kAct;
  bool answers = true;        // false: what should be answered is anybody's guess
  std::vector<float> obs;     // [obs_dim] what is in the scene (envs::WriteKinds)
  std::vector<float> wanted;  // [num_slots] 1: the text is about it
};

// What a reading part learns from, in training and in a probe of it: how many texts, and how they are said (ReadingDraw).
inline constexpr int kLearnedTexts = 120000;
inline constexpr double kLearnedLoose = 0.2, kLearnedFramed = 0.55, kLearnedVaried = 0.3, kLearnedSlips = 0.15;

struct ReadingDraw {
  std::string task = "pick_bin";
  std::uint64_t seed = 1;
  int items = 1000;
  double loose = 0;   // share of orders said in made-up patterns, from which no answer is learned
  double framed = 0;  // share of orders said in frames
  double varied = 0;  // share of texts as people say and type them
  double slips = 0;   // share of texts with a slip of the finger
  envs::EpisodeOptions options = {};
};
std::vector<ReadingItem> DrawReading(const ReadingDraw& draw);
inline constexpr int kCalibrationTexts = 3000;  // in patterns that are said nowhere else

// What a policy's reading part learns from, and what its answers are calibrated on.
struct ReadingSet {
  std::vector<ReadingItem> learned, calibration;
};
struct ReadingSetDraw {
  std::vector<std::string> tasks = {"pick_bin"};  // in turns
  std::uint64_t seed = 1;
  int learned = kLearnedTexts, calibration = kCalibrationTexts;  // texts
  double negatives = 0.5;                                        // share of what is not to be acted on
};
ReadingSet DrawReadingSet(const ReadingSetDraw& draw);

std::vector<std::string> TextsOf(const std::vector<ReadingItem>& items);

// Which items a step learns from: a function of (seed, step, purpose).
struct LessonDraw {
  std::uint64_t seed = 1;
  const char* purpose = "";
  int batch = 256, items = 0;
};
std::vector<int> DrawLesson(const LessonDraw& draw, std::int64_t step);
// Of k slices of a batch the i-th: rows [first, last).
struct Slice {
  int first = 0, last = 0;
};
inline Slice SliceOf(std::int64_t batch, int i, int k) {
  return {static_cast<int>(batch * i / k), static_cast<int>(batch * (i + 1) / k)};
}
// The slice's part of what stands for a whole batch, row by row.
template <class T>
std::span<const T> Of(const Slice& rows, const std::vector<T>& batch, std::size_t per_row = 1) {
  const auto first = static_cast<std::size_t>(rows.first), count = static_cast<std::size_t>(rows.last) - first;
  return std::span<const T>(batch).subspan(first * per_row, count * per_row);
}
// The texts that lessons before this many steps read: of a short run, and of a slice of each batch, a few of a large set.
std::vector<std::string> TextsRead(const LessonDraw& draw, const Slice& slice, std::int64_t steps,
                                   const std::vector<std::string>& texts);

}  // namespace genba::trainer
