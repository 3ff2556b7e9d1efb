#include "trainer/ranks/mpi_comm.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>
#include <dlfcn.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <mutex>
#include <thread>
#include <tuple>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "core/processor.h"
#include "trainer/ranks/mpi/mpi_module.h"
#include "trainer/ranks/mpi_network.h"

namespace genba::trainer {

// Compared whole but for the signal. kind: which exchange follows.
struct MpiComm::Place {
  std::int64_t operation = 0, step = -1, bytes = 0;
  std::int32_t kind = 0, stop_signal = 0;
  char name[32] = "";
};

namespace {

using Clock = std::chrono::steady_clock;
double SecondsSince(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

enum Kind { kBroadcast = 1, kAllGather, kSum, kSumParts, kBarrier, kAgree };

constexpr std::int64_t kBlockBytes = 16 << 20;  // exchanged at once: bounds the scratch memory and MPI's counts
constexpr std::int64_t kSmallBytes = 16 << 10;  // sums below it are made by everyone: one exchange instead of two
constexpr double kSpin_s = 50e-6, kAskAfter_s = 0.25, kJoin_s = 60;

// Spinning answers in a microsecond; it lets others run, because ranks may share a core. Then it sleeps.
void Rest(double waited) {
  if (waited < kSpin_s) {
    ::sched_yield();
  } else {
    std::this_thread::sleep_for(std::chrono::microseconds(waited < 0.01 ? 20 : 200));
  }
}

std::string RankName(int rank) { return "rank " + std::to_string(rank); }

std::string Listed(const std::vector<int>& ranks) {
  std::string text = ranks.size() == 1 ? "rank " : "ranks ";
  for (std::size_t i = 0; i < ranks.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(ranks[i]);
  return text;
}

const GenbaMpi* LoadModule() {
  // Global: MPI's own plug-ins look for its symbols there.
  void* library = ::dlopen("libgenba_mpi.so", RTLD_NOW | RTLD_GLOBAL);
  if (library == nullptr) {
    const char* why = ::dlerror();
    throw Error(ErrorKind::kEnvironment,
                std::string("ranks: expected OpenMPI (Debian's libopenmpi3 and openmpi-bin), got: ") +
                    (why != nullptr ? why : "no libgenba_mpi.so"));
  }
  const auto table = reinterpret_cast<const GenbaMpi* (*)()>(::dlsym(library, "genba_mpi"));
  if (table == nullptr || table()->interface != kGenbaMpiInterface)
    throw Error(ErrorKind::kEnvironment, "libgenba_mpi.so: expected that of this build, got another");
  return table();
}

// MPI_Init waits for all ranks and cannot be asked to stop: when it takes too long, the process ends with this sentence.
class Deadline {
 public:
  Deadline(double seconds, const std::string& sentence)
      : thread_([this, seconds, sentence] {
          std::unique_lock lock(mutex_);
          if (over_.wait_for(lock, std::chrono::duration<double>(seconds), [this] { return met_; })) return;
          std::fprintf(stderr, "genba: %s\n", sentence.c_str());
          ::_exit(static_cast<int>(ErrorKind::kEnvironment));
        }) {}
  ~Deadline() {
    {
      const std::lock_guard lock(mutex_);
      met_ = true;
    }
    over_.notify_one();
    thread_.join();
  }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable over_;
  bool met_ = false;
  std::thread thread_;
};

std::int64_t Bytes(const at::Tensor& data) { return data.numel() * data.element_size(); }

void CheckFlat(const at::Tensor& data) {
  GENBA_CHECK(data.is_contiguous() && data.is_cpu(), "ranks exchange contiguous CPU tensors");
}

// take(first, n): parts of a length of whole elements, so that p of them make at most one block.
template <class Take>
void InBlocks(std::int64_t length, std::int64_t bytes_each, Take take) {
  const std::int64_t most = std::max<std::int64_t>(1, kBlockBytes / bytes_each);
  for (std::int64_t first = 0; first < length; first += most) take(first, std::min(most, length - first));
}

}  // namespace

// From the moment it is named until it is over; the launcher can see it.
class MpiComm::Operation {
 public:
  Operation(MpiComm& comm, Kind kind, const char* name, std::int64_t bytes) : comm_(comm) {
    GENBA_CHECK(!comm.failed_, "a Comm that failed is of no use");
    *comm.here_ = {++comm.operations_, comm.step_, bytes, kind, InterruptSignal(), ""};
    std::strncpy(comm.here_->name, name, sizeof comm.here_->name - 1);
    if (comm.settings_.page != nullptr) comm.settings_.page->Begin(comm.rank(), comm.step_, comm.operations_, name);
    comm.Compare();
  }
  ~Operation() {
    if (comm_.settings_.page != nullptr && !comm_.failed_) comm_.settings_.page->End(comm_.rank());
  }
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

 private:
  MpiComm& comm_;
};

MpiComm::MpiComm(const MpiSettings& settings)
    : settings_(settings), places_(static_cast<std::size_t>(settings.size)), here_(std::make_unique<Place>()) {
  const MpiNetwork network = ChooseMpiNetwork(::getenv, settings.interface, settings.several_hosts);
  PutIntoEnvironment(network);
  mpi_ = LoadModule();
  const double longest = std::max(settings.timeout_s, kJoin_s);
  const char* failure = nullptr;
  {
    const Deadline deadline(longest, RankName(settings.rank) + " of " + std::to_string(settings.size) + " (" +
                                         HostName() + "): waited " + std::to_string(static_cast<int>(longest)) +
                                         " s for all ranks to join");
    failure = mpi_->join();
  }
  if (failure != nullptr) Fail(std::string("MPI_Init: ") + failure);
  if (mpi_->rank() != settings.rank || mpi_->size() != settings.size)
    Fail("expected that rank and size of MPI, got rank " + std::to_string(mpi_->rank()) + " of " +
         std::to_string(mpi_->size()) + ": the launcher and the MPI library do not belong together");
  if (!network.interface.empty()) KeepListenersOn(network.interface);
  Barrier("join");
}

MpiComm::~MpiComm() {
  if (failed_ || (std::uncaught_exceptions() > 0 && stop_signal_ == 0)) return;
  try {
    Barrier("leave");
    mpi_->leave();
  } catch (const std::exception& error) {
    LogError(error.what());
  }
}

void MpiComm::Broadcast(const at::Tensor& data, int root, const char* operation) {
  CheckFlat(data);
  const Operation here(*this, kBroadcast, operation, Bytes(data));
  InBlocks(data.numel(), data.element_size(), [&](std::int64_t first, std::int64_t n) {
    const at::Tensor block = data.view({-1}).narrow(0, first, n);
    mpi_->begin_broadcast(block.data_ptr(), static_cast<int>(Bytes(block)), root);
    Wait();
  });
}

void MpiComm::AllGather(const at::Tensor& mine, const at::Tensor& all, const char* operation) {
  CheckFlat(mine), CheckFlat(all);
  GENBA_CHECK(all.numel() == mine.numel() * size() && all.dtype() == mine.dtype(), "AllGather: sizes");
  const Operation here(*this, kAllGather, operation, Bytes(mine));
  if (Bytes(all) <= kBlockBytes) return Gather(mine, all);
  const at::Tensor rows = all.view({size(), -1});
  InBlocks(mine.numel(), mine.element_size() * size(), [&](std::int64_t first, std::int64_t n) {
    const at::Tensor got = at::empty({size(), n}, all.options());
    Gather(mine.view({-1}).narrow(0, first, n), got);
    rows.narrow(1, first, n).copy_(got);
  });
}

void MpiComm::Sum(const at::Tensor& data, const char* operation) {
  CheckFlat(data);
  const Operation here(*this, kSum, operation, Bytes(data));
  InBlocks(data.numel(), data.element_size(),
           [&](std::int64_t first, std::int64_t n) { SumBlock(data.view({-1}).narrow(0, first, n)); });
}

void MpiComm::SumParts(const at::Tensor& all, const at::Tensor& mine, const char* operation) {
  CheckFlat(mine), CheckFlat(all);
  GENBA_CHECK(all.numel() == mine.numel() * size() && all.dtype() == mine.dtype(), "SumParts: sizes");
  const Operation here(*this, kSumParts, operation, Bytes(mine));
  const at::Tensor rows = all.view({size(), -1});
  InBlocks(mine.numel(), mine.element_size() * size(), [&](std::int64_t first, std::int64_t n) {
    mine.view({-1}).narrow(0, first, n).copy_(SumOfMyPiece(rows.narrow(1, first, n).contiguous()));
  });
}

void MpiComm::Barrier(const char* operation) { const Operation here(*this, kBarrier, operation, 0); }

void MpiComm::Agree(std::uint64_t fingerprint, const char* operation) {
  const Operation here(*this, kAgree, operation, sizeof fingerprint);
  std::vector<std::uint64_t> all(static_cast<std::size_t>(size()));
  mpi_->begin_gather(&fingerprint, all.data(), sizeof fingerprint);
  Wait();
  for (int other = 1; other < size(); ++other) {
    if (all[static_cast<std::size_t>(other)] != all[0])
      Fail("expected the same on all ranks, got another " + std::string(operation) + " on " + RankName(other) +
           " than on rank 0");
  }
}

void MpiComm::Gather(const at::Tensor& mine, const at::Tensor& all) {
  mpi_->begin_gather(mine.const_data_ptr(), all.mutable_data_ptr(), static_cast<int>(Bytes(mine)));
  Wait();
}

// pieces [p, n]: row r is for rank r. The sum [n] of the rows that are for this one.
at::Tensor MpiComm::SumOfMyPiece(const at::Tensor& pieces) {
  const at::Tensor got = at::empty_like(pieces);
  mpi_->begin_swap(pieces.const_data_ptr(), got.mutable_data_ptr(), static_cast<int>(Bytes(pieces) / size()));
  Wait();
  SumInPairs(got);
  return got.select(0, 0);
}

void MpiComm::SumBlock(const at::Tensor& block) {
  const std::int64_t n = block.numel(), piece = (n + size() - 1) / size();
  if (Bytes(block) <= kSmallBytes) {
    const at::Tensor all = at::empty({size(), n}, block.options());
    Gather(block, all);
    SumInPairs(all);
    block.copy_(all.select(0, 0));
    return;
  }
  const bool fits = piece * size() == n;
  const at::Tensor whole = fits ? block : at::zeros({piece * size()}, block.options());
  if (!fits) whole.narrow(0, 0, n).copy_(block);
  Gather(SumOfMyPiece(whole.view({size(), piece})), whole);
  if (!fits) block.copy_(whole.narrow(0, 0, n));
}

// Where everyone is: fails unless they are at the same operation. Signals are taken from here, so that all see the same.
void MpiComm::Compare() {
  mpi_->begin_gather(here_.get(), places_.data(), static_cast<int>(sizeof(Place)));
  Wait();
  int stop = 0;
  for (int other = 0; other < size(); ++other) {
    const Place &theirs = places_[static_cast<std::size_t>(other)], &first = places_[0];
    stop = std::max(stop, theirs.stop_signal);
    const auto key = [](const Place& p) { return std::tie(p.operation, p.step, p.bytes, p.kind); };
    if (key(theirs) == key(first) && std::strncmp(theirs.name, first.name, sizeof first.name) == 0) continue;
    const auto at = [](int rank, const Place& p) {
      return RankName(rank) + " is at step " + std::to_string(p.step) + " '" +
             std::string(p.name, ::strnlen(p.name, sizeof p.name)) + "' (operation " + std::to_string(p.operation) +
             ", " + std::to_string(p.bytes) + " bytes)";
    };
    Fail("the ranks are out of step: " + at(0, first) + ", " + at(other, theirs));
  }
  stop_signal_ = stop;
}

void MpiComm::Wait() {
  const Clock::time_point start = Clock::now();
  bool asked = false;
  for (int state = mpi_->poll(); state != 1; state = mpi_->poll()) {
    const double waited = SecondsSince(start);
    if (state < 0) Fail(std::string("MPI: ") + mpi_->failure());
    if (!asked && waited > kAskAfter_s) AskWhoIsHere(), asked = true;
    if (waited > settings_.timeout_s) {
      const std::vector<int> missing = Missing();
      Fail("waited " + std::to_string(static_cast<int>(waited)) + " s for " +
           (missing.empty() ? "data, though every rank is there" : Listed(missing)));
    }
    Rest(waited);
  }
}

// Tells the others that this rank is here; who waits, too, will have told us, and who does not is who is missing.
void MpiComm::AskWhoIsHere() const {
  for (int other = 0; other < size(); ++other) {
    if (other != rank()) mpi_->tell(other, &operations_, sizeof operations_);
  }
}

std::vector<int> MpiComm::Missing() const {
  std::vector<std::int64_t> heard(static_cast<std::size_t>(size()), 0);
  heard[static_cast<std::size_t>(rank())] = operations_;
  std::int64_t at = 0;
  for (int from = mpi_->hear(&at, sizeof at); from >= 0; from = mpi_->hear(&at, sizeof at))
    heard[static_cast<std::size_t>(from)] = std::max(heard[static_cast<std::size_t>(from)], at);
  std::vector<int> missing;
  for (int other = 0; other < size(); ++other) {
    if (heard[static_cast<std::size_t>(other)] < operations_) missing.push_back(other);
  }
  return missing;
}

std::string MpiComm::Me() const {
  std::string text = RankName(rank()) + " of " + std::to_string(size()) + " (" + HostName() + ", pid " +
                     std::to_string(::getpid()) + ")";
  if (operations_ == 0) return text;
  if (step_ >= 0) text += ", step " + std::to_string(step_);
  return text + ", '" + here_->name + "' (operation " + std::to_string(operations_) + ")";
}

void MpiComm::Fail(const std::string& what) {
  failed_ = true;
  throw Error(ErrorKind::kEnvironment, Me() + ": " + what);
}

std::unique_ptr<Comm> MakeComm(const MpiSettings& settings) {
  if (settings.size == 1) return std::make_unique<SelfComm>();
  return std::make_unique<MpiComm>(settings);
}

}  // namespace genba::trainer
