// A trace is read back as its readers do: a whole array, or one whose end is missing.
#include "core/trace.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/phases.h"

namespace genba {
namespace {

class TraceTest : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("genba-trace-" + std::to_string(::getpid()));
  std::filesystem::path file_ = folder_ / "trace.json";
};

nlohmann::json Parsed(const std::string& text) { return nlohmann::json::parse(text); }

// chrome://tracing's rule: an array that does not end is ended.
nlohmann::json Forgiving(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  if (!text.ends_with("]")) text += "]";
  return Parsed(text);
}

std::vector<nlohmann::json> Spans(const nlohmann::json& events) {
  std::vector<nlohmann::json> spans;
  for (const nlohmann::json& event : events) {
    if (event.at("ph") == "X") spans.push_back(event);
  }
  return spans;
}

// Whether any two of a thread are one behind the other, or one inside the other.
bool Nest(const std::vector<nlohmann::json>& spans) {
  const auto start = [](const nlohmann::json& span) { return std::llround(1e3 * span.at("ts").get<double>()); };
  const auto end = [&](const nlohmann::json& span) {
    return start(span) + std::llround(1e3 * span.at("dur").get<double>());
  };
  for (const nlohmann::json& a : spans) {
    for (const nlohmann::json& b : spans) {
      if (a.at("tid") == b.at("tid") && start(a) < start(b) && start(b) < end(a) && end(a) < end(b)) return false;
    }
  }
  return true;
}

void Work(Trace* trace) {
  const Span outer(trace, "outer");
  for (int i = 0; i < 3; ++i) {
    const Span inner(trace, "inner");
    const Span innermost(trace, "innermost");
  }
}

TEST_F(TraceTest, SpansNestAndAreNamed) {
  {
    Trace trace(file_, 3, "rank 2");
    Work(&trace);
  }
  const nlohmann::json events = Parsed(ReadFile(file_));
  const std::vector<nlohmann::json> spans = Spans(events);
  EXPECT_EQ(spans.size(), 7u);
  EXPECT_EQ(spans.back().at("name"), "outer");
  EXPECT_TRUE(Nest(spans));
  for (const nlohmann::json& event : events) EXPECT_EQ(event.at("pid"), 3);
  EXPECT_EQ(events[0].at("args").at("name"), "main");
  EXPECT_EQ(events[1].at("args").at("name"), "rank 2");
  EXPECT_FALSE(events[1].contains("ts"));
}

// The control of the law above: two that overlap are seen.
TEST_F(TraceTest, OverlappingSpansAreNotTakenForNested) {
  const auto at = [](int us) { return Trace::Clock::time_point(std::chrono::microseconds(us)); };
  {
    Trace trace(file_, 1, "one");
    trace.Add("first", at(10), at(30));
    trace.Add("second", at(20), at(40));
  }
  const std::vector<nlohmann::json> spans = Spans(Parsed(ReadFile(file_)));
  EXPECT_EQ(spans.at(0).at("ts"), 10.0);
  EXPECT_EQ(spans.at(0).at("dur"), 20.0);
  EXPECT_FALSE(Nest(spans));
}

TEST_F(TraceTest, WhatAKilledRunLeftIsRead) {
  Trace trace(file_, 1, "killed");
  for (int i = 0; i < 2000; ++i) Work(&trace);  // more than a buffer; the rest of it is lost
  const std::string left = ReadFile(file_);
  EXPECT_THROW(Parsed(left), nlohmann::json::exception);
  const std::vector<nlohmann::json> spans = Spans(Forgiving(left));
  EXPECT_GT(spans.size(), 500u);
  EXPECT_LT(spans.size(), 14000u);
  // The control: cut inside of an event it is no array that was merely not ended.
  EXPECT_THROW(Forgiving(left.substr(0, left.size() - 1)), nlohmann::json::exception);
}

TEST_F(TraceTest, EveryThreadHasItsOwnRow) {
  {
    Trace trace(file_, 1, "threads");
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        for (int k = 0; k < 200; ++k) Work(&trace);
      });
    for (std::thread& thread : threads) thread.join();
  }
  const std::vector<nlohmann::json> spans = Spans(Parsed(ReadFile(file_)));
  EXPECT_EQ(spans.size(), 4u * 200 * 7);
  std::map<int, int> of_thread;
  for (const nlohmann::json& span : spans) ++of_thread[span.at("tid").get<int>()];
  for (const auto& [thread, count] : of_thread) EXPECT_EQ(count % (200 * 7), 0) << thread;
}

TEST_F(TraceTest, NamesAreEscaped) {
  const std::string name = "a \"quote\", a \\ and a\nline, 赤";
  {
    Trace trace(file_, 1, name);
    const Span span(&trace, name);
  }
  const nlohmann::json events = Parsed(ReadFile(file_));
  EXPECT_EQ(events.at(1).at("args").at("name"), name);
  EXPECT_EQ(events.at(2).at("name"), name);
  {
    Trace trace(file_, 1, "not UTF-8");
    const Span span(&trace, "\xff");
  }
  EXPECT_NO_THROW(Parsed(ReadFile(file_)));
}

TEST_F(TraceTest, WithoutATraceNothingIsWritten) {
  Work(nullptr);
  Phases phases;
  { const Phases::Scope in = phases.In("learn"); }
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(TraceTest, WhereNoFileCanBeItIsRefusedByName) {
  const std::filesystem::path nowhere = folder_ / "missing" / "trace.json";
  try {
    Trace trace(nowhere, 1, "nowhere");
    FAIL() << "expected a refusal";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kEnvironment);
    EXPECT_NE(std::string(error.what()).find(nowhere.string()), std::string::npos) << error.what();
  }
}

// A full disk ends the trace, not the work.
TEST_F(TraceTest, AFullDiskEndsOnlyTheTrace) {
  {
    Trace trace("/dev/full", 1, "full");
    for (int i = 0; i < 2000; ++i) Work(&trace);
  }
  SUCCEED();
}

TEST_F(TraceTest, PhasesAddUpWhatTheirSpansShow) {
  double outer = 0;
  {
    Phases phases;
    phases.Into(std::make_unique<Trace>(file_, 1, "phases"));
    for (int i = 0; i < 3; ++i) {
      const Phases::Scope in = phases.In("outer");
      const Phases::Scope inside = phases.In("inner");
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    outer = phases.seconds("outer");
    EXPECT_GE(phases.seconds("inner"), 0.006);
    EXPECT_GE(outer, phases.seconds("inner"));
    EXPECT_EQ(phases.seconds("none"), 0);
    EXPECT_DOUBLE_EQ(phases.Lap().at("outer"), outer);
    EXPECT_EQ(phases.Lap().at("outer"), 0);  // since the last call
  }
  double shown = 0;
  const std::vector<nlohmann::json> spans = Spans(Parsed(ReadFile(file_)));
  EXPECT_TRUE(Nest(spans));
  for (const nlohmann::json& span : spans) shown += span.at("name") == "outer" ? span.at("dur").get<double>() : 0;
  EXPECT_NEAR(1e-6 * shown, outer, 1e-7);
}

}  // namespace
}  // namespace genba
