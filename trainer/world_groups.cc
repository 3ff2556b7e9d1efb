#include "trainer/world_groups.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "trainer/tensors.h"

namespace genba::trainer {

namespace {

constexpr std::uint64_t kEpisodesOfAGroup = std::uint64_t{1} << 40;  // none plays as many

envs::VecEnvConfig ConfigOf(int group, int worlds, envs::VecEnvConfig config) {
  config.num_worlds = worlds;
  config.first_episode = static_cast<std::uint64_t>(group) * kEpisodesOfAGroup;
  return config;
}

at::Tensor Flat(const EpisodeSums& sums) {
  std::vector<double> values{sums.episodes, sums.successes, sums.reward, sums.steps, sums.again};
  values.insert(values.end(), sums.terms.begin(), sums.terms.end());
  values.insert(values.end(), sums.causes.begin(), sums.causes.end());
  return DoubleTensor(values);
}

EpisodeSums SumsOf(const at::Tensor& flat, std::size_t num_terms) {
  const double* values = flat.const_data_ptr<double>();
  const double *terms = values + 5, *causes = terms + num_terms, *end = values + flat.numel();
  return {values[0], values[1], values[2], values[3], {terms, causes}, {causes, end}, values[4]};
}

// Bytes of every rank, one after another, on every rank. Lengths differ: room is for the longest.
std::vector<std::string> GatherBytes(Comm& comm, const std::string& mine) {
  const auto ranks = static_cast<std::size_t>(comm.size());
  const at::Tensor length = at::empty({1}, at::kLong).fill_(static_cast<std::int64_t>(mine.size())),
                   lengths = at::empty({comm.size()}, at::kLong);
  comm.AllGather(length, lengths, "length of worlds");
  const std::int64_t room = lengths.max().item<std::int64_t>();
  const at::Tensor padded = at::zeros({room}, at::kByte), all = at::empty({comm.size() * room}, at::kByte);
  std::copy(mine.begin(), mine.end(), padded.mutable_data_ptr<std::uint8_t>());
  comm.AllGather(padded, all, "worlds");
  std::vector<std::string> bytes(ranks);
  for (std::size_t rank = 0; rank < ranks; ++rank) {
    const std::uint8_t* from = all.const_data_ptr<std::uint8_t>() + static_cast<std::int64_t>(rank) * room;
    bytes[rank].assign(from, from + lengths.const_data_ptr<std::int64_t>()[rank]);
  }
  return bytes;
}

}  // namespace

WorldGroups::WorldGroups(const Playing& playing, const CriticView& view, const Reading& reading, const Shards& shards,
                         Comm& comm)
    : comm_(comm), shards_(shards), each_(playing.worlds.num_worlds / shards.all) {
  for (int own = 0; own < shards.own; ++own) {
    groups_.push_back(std::unique_ptr<WorldGroup>(
        new WorldGroup{Worlds(ConfigOf(shards.first + own, each_, playing.worlds), playing.repeated, view),
                       ToldTexts(reading.reader, reading.weights, reading.features)}));
  }
}

std::vector<Rollout> WorldGroups::Play(int num_steps, const Worlds::Player& player, EpisodeSums& sums) {
  std::vector<Rollout> rollouts;
  std::vector<at::Tensor> played;
  std::size_t num_terms = 0;
  for (const auto& group : groups_) {
    EpisodeSums own;
    rollouts.push_back(group->worlds.Play(num_steps, player, group->told, own));
    played.push_back(Flat(own));
    num_terms = own.terms.size();
  }
  sums = SumsOf(SumOfShards(comm_, played, "episodes"), num_terms);
  return rollouts;
}

void WorldGroups::Save(policies::TensorFile& file) const {
  policies::TensorFile own;
  for (std::size_t i = 0; i < groups_.size(); ++i) groups_[i]->worlds.Save(first_world(i), own);
  if (comm_.size() == 1) {
    file.tensors.merge(own.tensors);
    return;
  }
  for (const std::string& bytes : GatherBytes(comm_, policies::SerializeSafetensors(own))) {
    if (comm_.rank() == 0) file.tensors.merge(policies::ParseSafetensors(bytes, "another rank's worlds").tensors);
  }
}

void WorldGroups::Restore(const policies::TensorFile& file, const std::string& name) {
  for (std::size_t i = 0; i < groups_.size(); ++i) groups_[i]->worlds.Restore(file, name, first_world(i));
}

}  // namespace genba::trainer
