// run_folder.h - a training run: a folder with one owner at a time, and the settings that may change when it goes on.
// Used by the training commands; one thread. No torch. Law: until Begin() nothing in the folder is changed, and what
// was created to take the lock goes again: a refused start or --resume leaves every byte as it was.
// Failure: Error(kBadInput) naming the holder of the lock, or the keys that differ; Error(kEnvironment) naming the
// folder when it cannot be written or is gone.
#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/config.h"

namespace genba::trainer {

class RunFolder {
 public:
  // resume false: a folder without checkpoints; true: also one to go on in. The owner takes the lock; of several ranks one
  // is it, and the others only read what was there before it began.
  RunFolder(const std::filesystem::path& folder, bool resume, bool owner = true);
  ~RunFolder();
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path checkpoints() const { return path_ / "checkpoints"; }
  // The newest whole checkpoint of the run that goes on; empty: from the start.
  const std::filesystem::path& newest() const { return newest_; }
  bool resumes() const { return resumes_; }
  // Where the run's time is to be shown (core/trace.h), outside of what decides it; empty: nowhere.
  void set_trace(const std::filesystem::path& file) { trace_ = file; }
  const std::filesystem::path& trace() const { return trace_; }

  // Settings of the run that goes on (its config.toml), then what apply changes in the table. A setting that changes
  // the weights may not differ from the run's: Error(kBadInput) naming every one that does.
  void Resolve(ConfigTable& table, const std::function<void(ConfigTable&)>& apply);
  // Everything was checked: writes config.toml and who holds the lock. From here on the folder is ours. The owner's.
  void Begin();
  // The part of config.toml that decides the weights, for checkpoints: no path, nothing that may change.
  std::string fixed_settings() const;
  // Error(kEnvironment) when the folder was removed or replaced; after Begin.
  void CheckThere() const;

 private:
  void TakeLock();
  void Look(bool resume);
  void Release();
  bool LockIsThere() const;

  std::filesystem::path path_, newest_, trace_;
  std::vector<std::filesystem::path> created_;  // folders that were not there, outermost first
  std::string config_toml_;
  int lock_ = -1;  // descriptor, held for the life of this object
  bool created_lock_ = false, resumes_ = false, begun_ = false;
};

// How often a run reports and what of it stays: settings of every learner, which may change in a run that goes on.
struct Reporting {
  int *checkpoint_every, *keep_checkpoints, *log_every;
};
void RegisterReporting(ConfigTable& table, const std::string& section, const Reporting& settings);
// The section in a text of ConfigTable::ToToml that they were registered in: it tells who learned. Empty: in none.
std::string ReportingSection(const std::string& toml);

// Settings whose value differs between two texts of ConfigTable::ToToml; empty: it is not there.
struct SettingDifference {
  std::string key, before, now;
  bool may_change = false;  // in a run that goes on
};
std::vector<SettingDifference> SettingDifferences(const std::string& before, const std::string& now);
// Those that may not change, as "trainer.steps (20, now 99)"; without what only before names.
std::vector<std::string> FixedDifferences(const std::string& before, const std::string& now);

}  // namespace genba::trainer
