// What failed comes again, the oldest first, until it succeeds; and a run that goes on goes on with the same.
#include "trainer/failed_episodes.h"

#include <gtest/gtest.h>

#include <cmath>

namespace genba::trainer {
namespace {

// The next one that is played again.
Attempt NextOf(FailedEpisodes& failed) {
  for (int i = 0; i < 1000; ++i) {
    if (const std::optional<Attempt> next = failed.Next()) return *next;
  }
  ADD_FAILURE() << "nothing to play again";
  return {};
}

TEST(FailedEpisodes, ComeAgainTheOldestFirstUntilTheySucceed) {
  FailedEpisodes failed(0.5, 1, 0);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(failed.Next());
  failed.Ended({7, 0}, false);
  failed.Ended({8, 0}, true);
  failed.Ended({9, 0}, false);
  const Attempt first = NextOf(failed);
  EXPECT_EQ(first.episode, 7u);
  EXPECT_EQ(first.number, 1);
  failed.Ended(first, false);
  EXPECT_EQ(NextOf(failed).episode, 9u);
  const Attempt again = NextOf(failed);
  EXPECT_EQ(again.episode, 7u);
  EXPECT_EQ(again.number, 2);
  failed.Ended(again, true);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(failed.Next());
}

TEST(FailedEpisodes, AreTheShareThatIsAskedForAndNoneIsNone) {
  FailedEpisodes some(0.25, 1, 0), none(0, 1, 0), other(0.25, 1, 1000);
  int played = 0, differs = 0;
  for (std::uint64_t i = 0; i < 4000; ++i) {
    for (FailedEpisodes* failed : {&some, &none, &other}) failed->Ended({i, 0}, false);
    const bool again = some.Next().has_value();
    played += again;
    differs += again != other.Next().has_value();
    EXPECT_FALSE(none.Next());
  }
  EXPECT_NEAR(played / 4000.0, 0.25, 0.03);
  EXPECT_GT(differs, 1000);  // groups draw by themselves
}

TEST(FailedEpisodes, GoOnAsTheyWereSaved) {
  FailedEpisodes failed(0.5, 3, 0), restored(0.5, 3, 0);
  for (std::uint64_t i = 0; i < 2000; ++i) {  // more than are kept
    failed.Ended({i, 0}, i % 3 == 0);
    failed.Next();
  }
  ASSERT_TRUE(restored.Restore(failed.Save()));
  for (int i = 0; i < 500; ++i) {
    const std::optional<Attempt> a = failed.Next(), b = restored.Next();
    ASSERT_EQ(a.has_value(), b.has_value());
    if (!a) continue;
    EXPECT_EQ(a->episode, b->episode);
    EXPECT_EQ(a->number, b->number);
  }
  EXPECT_FALSE(restored.Restore({}));
  EXPECT_FALSE(restored.Restore(std::vector<double>{1, 2}));
  for (const double wrong : {-1.0, 0.5, 1e300, std::nan("")}) {
    EXPECT_FALSE(restored.Restore(std::vector<double>{wrong})) << wrong;
    EXPECT_FALSE(restored.Restore(std::vector<double>{0, wrong, 1})) << wrong;
    EXPECT_FALSE(restored.Restore(std::vector<double>{0, 1, wrong})) << wrong;
  }
}

}  // namespace
}  // namespace genba::trainer
