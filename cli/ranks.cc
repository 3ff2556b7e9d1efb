#include "cli/ranks.h"

#include <cstdlib>

#include "cli/commands.h"
#include "trainer/ranks/local_ranks.h"
#include "trainer/ranks/mpi_comm.h"
#include "trainer/ranks/rank_place.h"

namespace genba::cli {

void RankOptions::AddTo(CLI::App& command) {
  AddWhole(command, "--ranks", &ranks, 1, 1024, "processes on this host that work together (OpenMPI)");
  command.add_flag(
      "--allow-listening", allow_listening,
      "start ranks also where the kernel refuses a private network: mpirun then listens on all interfaces");
  command.add_option("--interface", interface, "of the network on which ranks on several hosts talk; its name");
  AddReal(command, "--rank-timeout", &timeout_s, 1, 86400, "longest wait for another rank [s]");
}

Ranks::Ranks(const RankOptions& options) {
  const trainer::RankPlace place = trainer::FindRankPlace(::getenv, options.ranks);
  if (place.size == 1 && options.ranks > 1) trainer::StartLocalRanks({options.ranks, options.allow_listening});
  page_ = trainer::OpenRankPage(place.size);
  comm_ = trainer::MakeComm(
      {place.rank, place.size, options.timeout_s, place.several_hosts, options.interface, page_.get()});
}

}  // namespace genba::cli
