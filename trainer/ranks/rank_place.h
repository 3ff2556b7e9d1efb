// rank_place.h - which rank of how many this process is, by the variables of whoever started it: our own launcher and
// mpirun, or srun with PMIx. torchrun's are known and refused: MPI cannot start from them. No torch, no MPI.
// Failure: Error(kBadInput) naming the variables when one is missing, is no number, or two contradict each other.
#pragma once
#include <functional>
#include <string>

namespace genba::trainer {

struct RankPlace {
  int rank = 0, size = 1;
  std::string launcher;  // "" for a single process
  bool several_hosts = false;
};

// read("NAME") is a variable's text, or null. expected_ranks: what --ranks said, 0 when it was not given.
RankPlace FindRankPlace(const std::function<const char*(const char*)>& read, int expected_ranks);

}  // namespace genba::trainer
