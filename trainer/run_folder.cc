#include "trainer/run_folder.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <sstream>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/log.h"
#include "core/processor.h"
#include "policies/checkpoint.h"

namespace genba::trainer {

namespace {

namespace fs = std::filesystem;

// What a run that goes on may do otherwise: where its inputs lie (they are known by content) and how often it reports.
// Everything else decides the weights, the number of steps too: the learning rate follows it.
constexpr std::array kMayChange{"run.data", "run.from", "policy.backbone", "policy.cache", "trainer.skips"};
constexpr const char *kCheckpointEvery = ".checkpoint_every", *kKeepCheckpoints = ".keep_checkpoints",
                     *kLogEvery = ".log_every";

bool MayChange(const std::string& key) {
  return key.ends_with(kCheckpointEvery) || key.ends_with(kKeepCheckpoints) || key.ends_with(kLogEvery) ||
         std::find(kMayChange.begin(), kMayChange.end(), key) != kMayChange.end();
}

// Visits a text of ConfigTable::ToToml: one line a section or a setting.
template <class Visit>
void VisitSettings(const std::string& toml, Visit&& visit) {
  std::istringstream lines(toml);
  std::string section;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t equals = line.find(" = ");
    if (line.starts_with('[')) section = line.substr(1, line.find(']') - 1);
    if (!line.starts_with('[') && equals != std::string::npos)
      visit((section.empty() ? "" : section + ".") + line.substr(0, equals), line.substr(equals + 3));
  }
}

// "process 4711 on hall-3", from what Begin wrote; a run that was killed leaves its own words behind.
std::string HolderOf(int lock) {
  std::array<char, 512> text{};
  if (::pread(lock, text.data(), text.size() - 1, 0) <= 0) return "another process, which is starting";
  std::istringstream words(text.data());
  long pid = 0;
  std::string host;
  if (!(words >> pid >> host) || pid <= 0) return "another process";
  const bool dead = host == HostName("this host") && ::kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH;
  return dead ? "another process, which is starting" : "process " + std::to_string(pid) + " on " + host;
}

std::vector<fs::path> MissingFolders(const fs::path& folder) {
  std::vector<fs::path> missing;
  std::error_code ignored;
  for (fs::path at = fs::absolute(folder, ignored); at.has_relative_path() && !fs::exists(at, ignored);
       at = at.parent_path())
    missing.insert(missing.begin(), at);
  return missing;
}

}  // namespace

RunFolder::RunFolder(const fs::path& folder, bool resume, bool owner) : path_(folder) {
  if (owner) created_ = MissingFolders(folder);
  try {
    if (owner) TakeLock();
    Look(resume);
  } catch (...) {
    Release();
    throw;
  }
}

RunFolder::~RunFolder() { Release(); }

void RunFolder::Look(bool resume) {
  const policies::FoundCheckpoint found = policies::FindNewestCheckpoint(checkpoints());
  const bool known = fs::exists(path_ / "config.toml");
  if (!resume && (!found.folder.empty() || !found.problems.empty()))
    throw BadInput({path_.string(), "", "a new folder, or --resume", "a run with checkpoints"});
  if (!resume && known && created_lock_)
    throw BadInput({path_.string(), "config.toml", "a new folder, or a run's", "a file that no run of Genba made"});
  if (resume && found.folder.empty() && !found.problems.empty())
    throw BadInput({path_.string(), "checkpoints", "one that is whole", found.problems.front()});
  for (const std::string& problem : found.problems) LogWarning(problem);
  if (resume && !found.folder.empty() && !known)
    throw BadInput({(path_ / "config.toml").string(), "", "the settings of the run", "nothing"});
  newest_ = found.folder;
  resumes_ = resume && known;
}

void RunFolder::Release() {
  std::error_code ignored;
  if (begun_ && LockIsThere() && ::ftruncate(lock_, 0) != 0) LogWarning((path_ / "lock").string() + " keeps its words");
  if (!begun_ && created_lock_) fs::remove(path_ / "lock", ignored);
  if (!begun_) {
    std::for_each(created_.rbegin(), created_.rend(), [&](const fs::path& made) { ::rmdir(made.c_str()); });
  }
  if (lock_ >= 0) ::close(lock_);
  lock_ = -1;
}

// The lock is an flock on a file that stays: a name that is removed and made anew could be held twice.
void RunFolder::TakeLock() {
  MakeWritableFolder(path_);
  const fs::path file = path_ / "lock";
  for (;;) {
    created_lock_ = !fs::exists(file);
    lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (lock_ < 0) throw SystemError("open", file.string(), errno);
    if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
      const int error = errno;
      const std::string holder = HolderOf(lock_);
      ::close(lock_);
      lock_ = -1;
      created_lock_ = false;  // or the other's would be removed
      if (error != EWOULDBLOCK) throw SystemError("lock", file.string(), error);
      throw BadInput({path_.string(), "lock", "a run that nobody trains", "held by " + holder});
    }
    if (LockIsThere()) return;
    ::close(lock_);  // it was removed by one who gave up between our open and our lock
  }
}

bool RunFolder::LockIsThere() const {
  struct stat held {
  }, named{};
  return ::fstat(lock_, &held) == 0 && ::stat((path_ / "lock").c_str(), &named) == 0 && held.st_ino == named.st_ino &&
         held.st_dev == named.st_dev;
}

void RunFolder::Resolve(ConfigTable& table, const std::function<void(ConfigTable&)>& apply) {
  if (resumes_) {
    const fs::path file = path_ / "config.toml";
    table.ReadTomlText(ReadFile(file, 1 << 20), file.string());
  }
  const std::string before = table.ToToml();
  apply(table);
  config_toml_ = table.ToToml();
  if (!resumes_) return;
  std::string keys;
  for (const std::string& key : FixedDifferences(before, config_toml_)) keys += (keys.empty() ? "" : ", ") + key;
  if (!keys.empty()) throw BadInput({path_.string(), keys, "the settings the run was started with", "other settings"});
}

void RunFolder::Begin() {
  GENBA_CHECK(lock_ >= 0, "only its owner begins a run");
  const fs::path file = path_ / "config.toml";
  if (!fs::exists(file) || ReadFile(file) != config_toml_) WriteFileAtomically(file, config_toml_);
  const std::string holder = std::to_string(::getpid()) + " " + HostName("this host") + "\n";
  if (::ftruncate(lock_, 0) != 0 ||
      ::pwrite(lock_, holder.data(), holder.size(), 0) != static_cast<ssize_t>(holder.size()))
    throw SystemError("write", (path_ / "lock").string(), errno);
  begun_ = true;
  RemoveTemporaries(path_);
}

std::string RunFolder::fixed_settings() const {
  std::string text;
  VisitSettings(config_toml_, [&](const std::string& key, const std::string& value) {
    if (!MayChange(key)) text += key + " = " + value + "\n";
  });
  return text;
}

void RunFolder::CheckThere() const {
  if (!LockIsThere())
    throw Error(ErrorKind::kEnvironment,
                path_.string() + ": the run's folder was removed or replaced while it trained");
}

void RegisterReporting(ConfigTable& table, const std::string& section, const Reporting& settings) {
  table.Add(section + kCheckpointEvery, settings.checkpoint_every, {1, 1e9}, "steps between checkpoints");
  table.Add(section + kKeepCheckpoints, settings.keep_checkpoints, {1, 1e6}, "how many of them stay");
  table.Add(section + kLogEvery, settings.log_every, {1, 1e6}, "steps between lines of metrics");
}

std::string ReportingSection(const std::string& toml) {
  std::string section;
  VisitSettings(toml, [&](const std::string& key, const std::string&) {
    if (key.ends_with(kLogEvery)) section = key.substr(0, key.size() - std::strlen(kLogEvery));
  });
  return section;
}

std::vector<SettingDifference> SettingDifferences(const std::string& before, const std::string& now) {
  std::map<std::string, std::pair<std::string, std::string>> values;
  std::vector<std::string> order;
  VisitSettings(now, [&](const std::string& key, const std::string& value) {
    order.push_back(key);
    values[key].second = value;
  });
  VisitSettings(before, [&](const std::string& key, const std::string& value) {
    if (!values.contains(key)) order.push_back(key);
    values[key].first = value;
  });
  std::vector<SettingDifference> differences;
  for (const std::string& key : order) {
    const auto& [old, new_one] = values[key];
    if (old != new_one) differences.push_back({key, old, new_one, MayChange(key)});
  }
  return differences;
}

std::vector<std::string> FixedDifferences(const std::string& before, const std::string& now) {
  std::vector<std::string> differences;
  for (const SettingDifference& setting : SettingDifferences(before, now)) {
    if (!setting.may_change && !setting.now.empty())
      differences.push_back(setting.key + " (" + setting.before + ", now " + setting.now + ")");
  }
  return differences;
}

}  // namespace genba::trainer
