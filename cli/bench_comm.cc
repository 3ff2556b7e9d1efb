// genba bench comm: what summing and gathering among ranks costs.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/ranks.h"
#include "trainer/ranks/bench_comm.h"

namespace genba::cli {
namespace {

struct Options {
  RankOptions ranks;
  int repeats = 200;
  JsonOption json;
};

void Print(const nlohmann::json& result) {
  std::printf("%d ranks; sums are bit for bit those of one process\n", result["ranks"].get<int>());
  std::printf("%-10s %10s %12s %12s %10s\n", "operation", "bytes", "median [us]", "p90 [us]", "[MB/s]");
  for (const nlohmann::json& row : result["rows"])
    std::printf("%-10s %10lld %12.1f %12.1f %10.1f\n", row["operation"].get<std::string>().c_str(),
                row["bytes"].get<long long>(), row["median_us"].get<double>(), row["p90_us"].get<double>(),
                row["MB_per_s"].get<double>());
}

void Run(const Options& options) {
  const Ranks ranks(options.ranks);
  const nlohmann::json result = trainer::BenchComm(ranks.comm(), options.repeats);
  if (ranks.comm().rank() == 0) options.json.Answer(result, [&] { Print(result); });
}

}  // namespace

void AddBenchComm(CLI::App& bench) {
  auto options = std::make_shared<Options>();
  CLI::App* command = bench.add_subcommand("comm", "sums and gathers among ranks, 1 KB to 16 MB");
  options->ranks.AddTo(*command);
  AddWhole(*command, "--repeats", &options->repeats, 1, 1000000, "of each operation and size; a tenth from 1 MB on");
  options->json.AddTo(*command);
  command->callback([options] { Run(*options); });
}

}  // namespace genba::cli
