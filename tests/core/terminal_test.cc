#include "core/terminal.h"

#include <gtest/gtest.h>

#include "core/nearest.h"
#include "core/numbers.h"
#include "core/progress.h"

namespace genba {
namespace {

TEST(Terminal, WideCharactersTakeTwoColumns) {
  EXPECT_EQ(DisplayWidth("bolt"), 4);
  EXPECT_EQ(DisplayWidth("赤いボルト"), 10);
  EXPECT_EQ(DisplayWidth("ﾎﾞﾙﾄ"), 4);
  EXPECT_EQ(DisplayWidth("e\u0301"), 1);
  EXPECT_EQ(DisplayWidth("\xff\xfe"), 2);
}

TEST(Terminal, TextsAreCutAndFilledByColumns) {
  EXPECT_EQ(Fitted("赤いボルト", 10), "赤いボルト");
  EXPECT_EQ(Fitted("赤いボルト", 9), "赤いボル…");
  EXPECT_EQ(Fitted("赤いボルト", 8), "赤いボ…");
  EXPECT_EQ(Fitted("abc", 0), "");
  for (int columns = 1; columns < 14; ++columns) EXPECT_EQ(DisplayWidth(Padded("赤いboltを", columns)), columns);
}

TEST(Terminal, ALineOfProgressFits) {
  ProgressState state{"collect pick_bin", "episodes", "loss 0.123  赤いボルト", 50, 100, 10};
  for (int columns = 20; columns < 140; ++columns) EXPECT_LE(DisplayWidth(ProgressLine(state, columns)), columns);
  EXPECT_NE(ProgressLine(state, 120).find("[############............]"), std::string::npos);
  EXPECT_EQ(ProgressLine(state, 60).find('['), std::string::npos);
  state.done = 101;  // more than was announced
  EXPECT_NE(ProgressLine(state, 120).find("########################]"), std::string::npos);
}

// What was done before does not count as fast work.
TEST(Terminal, RateAndEtaAreOfThisRun) {
  const ProgressState anew{"train bc", "steps", "", 50, 100, 10, 5}, resumed{"train bc", "steps", "", 50, 100, 10, 1};
  EXPECT_NE(ProgressLine(anew, 0).find("5/s  0:10  ETA 0:10"), std::string::npos) << ProgressLine(anew, 0);
  EXPECT_NE(ProgressLine(resumed, 0).find("1/s  0:10  ETA 0:50"), std::string::npos) << ProgressLine(resumed, 0);
}

TEST(RecentRate, IsOfWhatIsDoneNowAndNotOfAnEarlierPhase) {
  RecentRate rate(40);  // a run that goes on
  EXPECT_EQ(rate.PerSecond(), 0);
  for (int second = 1; second <= 100; ++second) rate.Note(second, 40 + 2 * second);
  EXPECT_NEAR(rate.PerSecond(), 2, 1e-9);
  for (int second = 101; second <= 180; ++second) rate.Note(second, 240 + (second - 100) / 2);  // four times slower
  EXPECT_NEAR(rate.PerSecond(), 0.5, 0.02);
  // The control: over all it would be three times as fast as it is.
  EXPECT_NEAR((280.0 - 40) / 180, 1.33, 0.01);
}

TEST(RecentRate, OfFewSlowStepsIsOfSeveral) {
  RecentRate rate(0);
  for (int step = 1; step <= 20; ++step) rate.Note(60.0 * step + (step % 2 == 0 ? 20 : 0), step);
  EXPECT_NEAR(rate.PerSecond(), 1 / 60.0, 0.0015);
}

TEST(Nearest, OneSlipOfTheHand) {
  const std::vector<std::string> known{"collect", "train", "eval", "data", "view"};
  EXPECT_EQ(Nearest("colect", known), "collect");
  EXPECT_EQ(Nearest("tarin", known), "train");
  EXPECT_EQ(Nearest("evla", known), "eval");
  EXPECT_EQ(Nearest("x", known), "");
  EXPECT_EQ(Nearest("something_else", known), "");
  EXPECT_EQ(NearestOrAll("zzzzzz", {"a", "b"}), "one of a, b");
}

TEST(Numbers, OnlyDecimalsInRange) {
  const auto whole = [](const std::string& text) { return ParseWhole<int>(text, -10, 1000, "--set", "a.b"); };
  EXPECT_EQ(whole("010"), 10);
  EXPECT_EQ(whole("08"), 8);
  EXPECT_EQ(whole("-5"), -5);
  for (const char* text : {"", " ", "+1", " 1", "1 ", "0x10", "1e2", "2.0", "1_000", "--1", "1001", "-11", "4294967297",
                           "99999999999999999999", "１", "nan", "true"})
    EXPECT_THROW(whole(text), Error) << text;
  const auto seed = [](const std::string& text) {
    return ParseWhole<std::uint64_t>(text, 0, UINT64_MAX, "", "--seed");
  };
  EXPECT_EQ(seed("18446744073709551615"), UINT64_MAX);
  EXPECT_THROW(seed("18446744073709551616"), Error);
  EXPECT_THROW(seed("-1"), Error);
  EXPECT_THROW(seed("-0"), Error);
  const auto real = [](const std::string& text) { return ParseReal(text, 0, 1, "--set", "a.b"); };
  EXPECT_EQ(real("3e-4"), 3e-4);
  EXPECT_EQ(real("1"), 1.0);
  for (const char* text : {"", "nan", "-nan", "inf", "1e999", "0x1p-3", "+0.5", "0.5f", "0,5", "1.1", "-0.1", ".", "e"})
    EXPECT_THROW(real(text), Error) << text;
}

}  // namespace
}  // namespace genba
