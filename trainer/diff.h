// diff.h - the first step, field and world at which two runs or two data sets part, bit for bit. Called by `genba diff`,
// which words it. One thread; no torch; an interrupt ends it. Nothing is written.
// Failure: Error(kBadInput) naming what each is when they are not two of a kind, or the file that is damaged and its key.
//   {a, b, kind: "run" | "data set", equal,
//    first: {step, world, episode, file, key | tensor | field, index, a, b} or null,
//    settings: {different: [{key, a, b}], apart: [{key, a, b}]}      apart: tells nothing of what was learnt or recorded
//    metrics: {common, different, first, last_step: {a, b}},         runs; null otherwise
//    checkpoints: [{step, policy, training, worlds, state}],         diff_tensors.h
//    length: {a, b}, checkpoints_in_one: {a: [step], b: [step]},
//    episodes: {a, b, common, steps, different, first, only_in: {a: {episodes, first}, b: …}, same_shards}}   data sets
// Nothing measured is null. Runs of other length are compared as far as both go, and are not equal.
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>

namespace genba::trainer {

nlohmann::json Diff(const std::filesystem::path& a, const std::filesystem::path& b);

// Its two halves; first is the earliest, by step, or by episode and step.
nlohmann::json DiffRuns(const std::filesystem::path& a, const std::filesystem::path& b);
nlohmann::json DiffDatasets(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace genba::trainer
