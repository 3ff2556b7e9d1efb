// rank_files.h - what lies in the private folder of a job of local ranks, for both sides of local_ranks.h.
#pragma once
#include <string>

namespace genba::trainer {

inline constexpr const char* kRanksFolder = "GENBA_RANKS";  // the variable that names it to the ranks

inline std::string PageFile(const std::string& folder) { return folder + "/page"; }
inline std::string OutputSocket(const std::string& folder) { return folder + "/output"; }
inline std::string MpirunOutput(const std::string& folder) { return folder + "/mpirun.txt"; }
inline std::string RankOutput(const std::string& folder, int rank) {
  return folder + "/rank-" + std::to_string(rank) + ".txt";
}

}  // namespace genba::trainer
