#include "trainer/ranks/rank_page.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>

#include "core/error.h"

namespace genba::trainer {
namespace {

std::size_t Bytes(int ranks) { return sizeof(RankRow) * static_cast<std::size_t>(ranks); }

RankRow* Map(const std::string& file, int ranks, int flags) {
  const int descriptor = ::open(file.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) throw SystemError("open", file, errno);
  void* memory = MAP_FAILED;
  if ((flags & O_CREAT) == 0 || ::ftruncate(descriptor, static_cast<off_t>(Bytes(ranks))) == 0)
    memory = ::mmap(nullptr, Bytes(ranks), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  const int error = errno;
  ::close(descriptor);
  if (memory == MAP_FAILED) throw SystemError("map", file, error);
  return static_cast<RankRow*>(memory);
}

}  // namespace

void RankPage::Create(const std::string& file, int ranks) {
  RankRow* rows = Map(file, ranks, O_RDWR | O_CREAT | O_EXCL);
  for (int i = 0; i < ranks; ++i) new (rows + i) RankRow();
  ::munmap(rows, Bytes(ranks));
}

RankPage::RankPage(const std::string& file, int ranks) : size_(ranks), rows_(Map(file, ranks, O_RDWR)) {}
RankPage::~RankPage() { ::munmap(rows_, Bytes(size_)); }

void RankPage::Begin(int rank, std::int64_t step, std::int64_t operation, const std::string& name) const {
  RankRow& mine = row(rank);
  mine.step = step;
  mine.operations = operation;
  std::strncpy(mine.operation, name.c_str(), sizeof mine.operation - 1);
  mine.is_inside = 1;
}

void RankPage::End(int rank) const { row(rank).is_inside = 0; }

std::string RankPage::Place(int rank) const {
  const RankRow& its = row(rank);
  if (its.operations == 0) return "before it joined the others";
  const std::string step = its.step < 0 ? "before the first step" : "at step " + std::to_string(its.step);
  return step + (its.is_inside != 0 ? ", in '" : ", after '") +
         std::string(its.operation, ::strnlen(its.operation, sizeof its.operation)) + "' (operation " +
         std::to_string(its.operations) + ")";
}

}  // namespace genba::trainer
