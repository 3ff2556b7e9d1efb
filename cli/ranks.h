// ranks.h - the options of commands that several processes can take part in, and how a command finds the others: it is
// a rank that somebody started, or it starts ranks, or it is alone.
#pragma once
#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "trainer/ranks/comm.h"
#include "trainer/ranks/rank_page.h"

namespace genba::cli {

struct RankOptions {
  int ranks = 0;  // 0: not given
  bool allow_listening = false;
  std::string interface;
  double timeout_s = 60;  // longest wait for another rank
  void AddTo(CLI::App& command);
};

// Made by a command before it does anything else: when it is to start ranks, the command does not go on in this process.
class Ranks {
 public:
  explicit Ranks(const RankOptions& options);
  trainer::Comm& comm() const { return *comm_; }

 private:
  std::unique_ptr<trainer::RankPage> page_;
  std::unique_ptr<trainer::Comm> comm_;
};

}  // namespace genba::cli
