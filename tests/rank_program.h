// rank_program.h - a small program that a test starts on several ranks: it starts itself again, as genba does.
#pragma once
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>

#include "core/error.h"
#include "core/interrupt.h"
#include "trainer/ranks/local_ranks.h"
#include "trainer/ranks/mpi_comm.h"
#include "trainer/ranks/rank_place.h"

namespace genba::trainer {

// Of so many ranks the one that this process is; the first that comes here starts them and does not return.
struct Joined {
  std::unique_ptr<RankPage> page;
  std::unique_ptr<Comm> comm;
};
inline Joined Join(int ranks, double timeout_s, bool listen = false) {
  const RankPlace place = FindRankPlace(::getenv, ranks > 1 ? ranks : 0);
  if (place.size == 1 && ranks > 1) StartLocalRanks({ranks, listen});
  Joined joined{OpenRankPage(place.size), nullptr};
  joined.comm = MakeComm({place.rank, place.size, timeout_s, place.several_hosts, "", joined.page.get()});
  return joined;
}

// What main returns: of run, or of the Error that ended it, whose sentence is told.
template <class Run>
int RankProgram(const char* name, Run run) {
  CatchInterrupts();
  std::optional<LocalRank> local;
  int code = 0;
  try {
    local.emplace();
    run();
  } catch (const Error& error) {
    std::fprintf(stderr, "%s: %s\n", name, error.what());
    code = error.exit_code();
  }
  return local ? local->Ended(code) : code;
}

}  // namespace genba::trainer
