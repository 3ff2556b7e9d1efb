// A small job of ranks that ranks_test.cc starts and mistreats.
//   comm_ranks CASE RANKS TIMEOUT_S FOLDER [listen]
// exchange: every operation against what one process computes; loop: for ever, until a signal; skip, fail, differ: rank 1
// leaves out an operation, meets an error, or has other weights, at step 5. Each rank leaves FOLDER/rank-K with its pid after the first step, and
// FOLDER/stopped-K with the step at which a signal stopped it.
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/rng.h"
#include "tests/rank_program.h"

namespace {

using namespace genba;
using namespace genba::trainer;

constexpr int kStepOfMishap = 5;

void Note(const std::string& file, long long number) {
  std::ofstream(file + ".new") << number << "\n";
  std::filesystem::rename(file + ".new", file);
}

template <class T>
void Fill(const at::Tensor& data, int rank) {
  Rng rng(5, static_cast<std::uint64_t>(rank), "comm");
  T* values = data.mutable_data_ptr<T>();
  std::vector<T> pattern(10'007);  // of many magnitudes: another order of adding gives other bits
  for (T& value : pattern) value = static_cast<T>(std::ldexp(rng.Normal(), rng.Int(0, 30)));
  for (std::int64_t i = 0; i < data.numel(); ++i) values[i] = pattern[static_cast<std::size_t>(i) % pattern.size()];
}

at::Tensor Brought(std::int64_t n, int ranks, at::ScalarType type) {
  const at::Tensor all = at::empty({ranks, n}, type);
  for (int rank = 0; rank < ranks; ++rank) {
    const at::Tensor row = all.select(0, rank);
    type == at::kFloat    ? Fill<float>(row, rank)
    : type == at::kDouble ? Fill<double>(row, rank)
                          : Fill<std::int64_t>(row, rank);
  }
  return all;
}

void Expect(bool equal, const std::string& what) {
  if (!equal) throw Error(ErrorKind::kFailed, what + " differs");
}

void Exchange(Comm& comm, std::int64_t n, at::ScalarType type) {
  const at::Tensor all = Brought(n, comm.size(), type), mine = all.select(0, comm.rank()).clone();
  const std::string what = std::to_string(n) + " of " + at::toString(type);
  const at::Tensor gathered = at::zeros({comm.size() * n}, mine.options());
  comm.AllGather(mine, gathered, "gather");
  Expect(gathered.equal(all.view({-1})), "gather of " + what);
  const at::Tensor in_place = at::zeros_like(gathered), place = in_place.narrow(0, comm.rank() * n, n);
  place.copy_(mine);
  comm.AllGather(place, in_place, "gather in place");
  Expect(in_place.equal(gathered), "gather in place of " + what);
  const at::Tensor told = comm.rank() == comm.size() - 1 ? mine.clone() : at::zeros_like(mine);
  comm.Broadcast(told, comm.size() - 1, "broadcast");
  Expect(told.equal(all.select(0, comm.size() - 1)), "broadcast of " + what);
  const at::Tensor part = at::zeros_like(mine), parts = gathered.mul(comm.rank() + 1);
  comm.SumParts(parts, part, "parts");
  const at::Tensor expected = at::empty({comm.size(), n}, mine.options());
  for (int rank = 0; rank < comm.size(); ++rank) expected.select(0, rank).copy_(mine.mul(rank + 1));
  SumInPairs(expected);
  Expect(part.equal(expected.select(0, 0)), "parts of " + what);
  comm.SumParts(parts, parts.narrow(0, comm.rank() * n, n), "parts in place");
  Expect(part.equal(parts.narrow(0, comm.rank() * n, n)), "parts in place of " + what);
  comm.Sum(mine, "sum");
  SumInPairs(all);
  Expect(mine.equal(all.select(0, 0)), "sum of " + what);
}

void ExchangeAll(Comm& comm) {
  for (const at::ScalarType type : {at::kFloat, at::kDouble, at::kLong}) {
    for (const std::int64_t n : {1, 7, 1000, 100'003}) Exchange(comm, n, type);
  }
  Exchange(comm, 5'000'011, at::kFloat);  // more than one block
  const at::Tensor bytes = at::empty({5}, at::kByte).fill_(comm.rank()), all = at::empty({5 * comm.size()}, at::kByte);
  comm.AllGather(bytes, all, "bytes");
  Expect(all.const_data_ptr<std::uint8_t>()[5 * comm.size() - 1] == comm.size() - 1, "gather of bytes");
}

void Loop(Comm& comm, const std::string& mishap, const std::string& folder) {
  const at::Tensor data = at::zeros({1 << 16}, at::kFloat), all = at::zeros({comm.size() << 16}, at::kFloat);
  for (std::int64_t step = 1;; ++step) {
    comm.AtStep(step);
    const bool here = comm.rank() == 1 && step == kStepOfMishap;
    if (here && mishap == "fail") throw Error(ErrorKind::kEnvironment, "the disk of rank 1 is full");
    if (!here || mishap != "skip") comm.Sum(data, "gradients");
    comm.AllGather(data, all, "weights");
    comm.Agree(here && mishap == "differ" ? 2 : 1, "fingerprint");
    if (step == 1) Note(folder + "/rank-" + std::to_string(comm.rank()), ::getpid());
    if (comm.StopSignal() == 0) continue;
    Note(folder + "/stopped-" + std::to_string(comm.rank()), step);
    throw InterruptedError(comm.StopSignal());
  }
}

void Run(char** words, bool listen) {
  const std::string what = words[1], folder = words[4];
  const Joined joined = Join(std::atoi(words[2]), std::atof(words[3]), listen);
  what == "exchange" ? ExchangeAll(*joined.comm) : Loop(*joined.comm, what, folder);
}

}  // namespace

int main(int count, char** words) {
  if (count < 5) return 2;
  return RankProgram("comm_ranks", [&] { Run(words, count > 5); });
}
