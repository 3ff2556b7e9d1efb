#include "core/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace genba {

namespace {

spdlog::logger& Logger() {
  static const std::shared_ptr<spdlog::logger> logger = [] {
    auto made = std::make_shared<spdlog::logger>("genba", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    made->set_pattern("genba: %v");
    return made;
  }();
  return *logger;
}

}  // namespace

void LogInfo(const std::string& line) { Logger().info("{}", line); }
void LogWarning(const std::string& line) { Logger().warn("{}", line); }
void LogError(const std::string& line) { Logger().critical("{}", line); }

}  // namespace genba
