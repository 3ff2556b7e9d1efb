#include "trainer/ranks/rank_place.h"

#include <optional>
#include <vector>

#include "core/error.h"
#include "core/numbers.h"

namespace genba::trainer {
namespace {

using Read = std::function<const char*(const char*)>;

constexpr int kMostRanks = 1 << 20;

struct Variables {
  const char *launcher, *rank, *size;
};
// srun's are counted only inside a step: a batch script has SLURM_PROCID, too. The rank is PMIx's, which is what MPI reads.
constexpr Variables kMpirun = {"mpirun", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
                    kSrun = {"srun", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS"},
                    kTorchrun = {"torchrun", "RANK", "WORLD_SIZE"};

std::optional<int> Number(const Read& read, const char* name, int low) {
  const char* text = read(name);
  if (text == nullptr) return {};
  return ParseWhole<int>(text, low, kMostRanks, "environment", name);
}

std::optional<RankPlace> Look(const Read& read, const Variables& names) {
  const std::optional<int> rank = Number(read, names.rank, 0), size = Number(read, names.size, 1);
  if (!rank && !size) return {};
  if (!rank || !size)
    throw BadInput({"environment", rank ? names.size : names.rank,
                    std::string("a number beside ") + (rank ? names.rank : names.size), "none"});
  if (*rank >= *size)
    throw BadInput({"environment", names.rank, std::string("less than ") + names.size + "=" + std::to_string(*size),
                    std::to_string(*rank)});
  return RankPlace{*rank, *size, names.launcher};
}

void RefuseTorchrun(const Read& read) {
  if (read("MASTER_ADDR") == nullptr) return;  // RANK alone may be anybody's
  const std::optional<RankPlace> place = Look(read, kTorchrun);
  if (place && place->size > 1)
    throw BadInput({"environment", "RANK, WORLD_SIZE, MASTER_ADDR",
                    "mpirun or srun --mpi=pmix, from which MPI can start (or --ranks N on one host)", "torchrun"});
}

// Of a step that srun started; MPI finds the others through PMIx only.
std::optional<RankPlace> LookAtSrun(const Read& read) {
  if (read(kSrun.size) == nullptr) return {};
  const std::optional<RankPlace> place = Look(read, kSrun);
  const std::optional<int> pmix = Number(read, "PMIX_RANK", 0);
  if (place->size > 1 && !pmix)
    throw BadInput({"environment", "PMIX_RANK", "srun --mpi=pmix",
                    "srun without it (SLURM_STEP_NUM_TASKS=" + std::to_string(place->size) + ")"});
  if (pmix && *pmix != place->rank)
    throw BadInput({"environment", "PMIX_RANK", std::string(kSrun.rank) + "=" + std::to_string(place->rank),
                    std::to_string(*pmix)});
  return place;
}

bool IsOnSeveralHosts(const Read& read, const RankPlace& place) {
  if (place.launcher == kSrun.launcher) return Number(read, "SLURM_STEP_NUM_NODES", 1).value_or(1) > 1;
  return Number(read, "OMPI_COMM_WORLD_LOCAL_SIZE", 1).value_or(place.size) < place.size;
}

}  // namespace

RankPlace FindRankPlace(const Read& read, int expected_ranks) {
  std::optional<RankPlace> place = Look(read, kMpirun);  // inside an allocation of Slurm, mpirun is the one that counts
  if (!place) place = LookAtSrun(read);
  if (!place) RefuseTorchrun(read);
  if (!place) return {};
  if (expected_ranks > 0 && place->size != expected_ranks)
    throw BadInput({"--ranks", "", std::to_string(place->size) + ", as " + place->launcher + " started",
                    std::to_string(expected_ranks)});
  place->several_hosts = IsOnSeveralHosts(read, *place);
  if (place->size == 1) place->launcher.clear();
  return *place;
}

}  // namespace genba::trainer
