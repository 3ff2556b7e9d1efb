// rank_page.h - what each local rank is doing, in memory that its launcher reads when something goes wrong: a file in
// the job's private folder. Each rank writes its own row, one thread; the launcher may read in between and see a half
// changed name, never more. No torch. Failure: Error(kEnvironment) naming the file.
#pragma once
#include <atomic>
#include <cstdint>
#include <string>

namespace genba::trainer {

struct RankRow {
  std::atomic<std::int32_t> pid = 0;         // 0: not there yet
  std::atomic<std::int32_t> exit_code = -1;  // that the program ended with by itself
  std::atomic<std::int64_t> step = -1;
  std::atomic<std::int64_t> operations = 0;  // begun so far
  char operation[32] = "";                   // the last one
  std::atomic<std::int32_t> is_inside = 0;   // of that operation
};

class RankPage {
 public:
  static void Create(const std::string& file, int ranks);
  RankPage(const std::string& file, int ranks);
  ~RankPage();
  RankPage(const RankPage&) = delete;
  RankPage& operator=(const RankPage&) = delete;

  RankRow& row(int rank) const { return rows_[rank]; }
  int size() const { return size_; }
  void Begin(int rank, std::int64_t step, std::int64_t operation, const std::string& name) const;
  void End(int rank) const;
  // "after step 12, in 'gradients' (operation 37)"
  std::string Place(int rank) const;

 private:
  int size_;
  RankRow* rows_ = nullptr;
};

}  // namespace genba::trainer
