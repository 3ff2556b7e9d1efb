// checked.h - what is read of an episode, held against itself: plan, cell, order, specification and array widths
// against each other, against the registered task and against every fixed capacity. Replay, train, view, render, report
// and `data verify --deep` go through it; what it lets pass cannot crash them. Pure; any thread. Failure:
// Error(kBadInput) naming file and key.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "datasets/dataset.h"
#include "envs/scene.h"
#include "sim/model.h"

namespace genba::trainer {

// file: what refusals call the episode: "data/pick: episode 3".
std::string EpisodePlace(const datasets::Dataset& dataset, const datasets::Episode& episode);

// The data set's task is registered, and is today what it was when the data were made.
void CheckSpec(const datasets::DatasetInfo& info, const std::string& file);

struct CheckedEpisode {
  envs::EpisodePlan plan;
  sim::CellSpec cell;
};
CheckedEpisode Checked(const datasets::Episode& episode, const datasets::DatasetInfo& info, const std::string& file);

// What made the data set against what this program is: "builder_version 1, here 2; …". Empty: the same builder, engine
// and processor type, which give the same bits.
std::string MakerDifference(const datasets::DatasetInfo& info);

// The model of today's builder for a checked cell. One that differs from the recorded one although the maker is the
// same is refused; otherwise `drift` says so (empty: it is the recorded model).
struct RebuiltModel {
  std::shared_ptr<const sim::Model> model;
  std::string drift;
};
RebuiltModel Rebuild(const CheckedEpisode& checked, const datasets::Episode& episode, const datasets::DatasetInfo& info,
                     const std::string& file);

// What `data verify --deep` adds: every plan and cell is read and checked, every model rebuilt. Never throws for a bad
// episode.
std::vector<datasets::Dataset::Problem> VerifyScenes(const datasets::Dataset& dataset);

}  // namespace genba::trainer
