// genba with one more learner: its own main does this for every learner (cli/main.cc, cli/train.cc).
#include "example_learner.h"
#include "tests/rank_program.h"

int main(int count, char** words) {
  return genba::trainer::RankProgram("example", [&] {
    CLI::App app("an example");
    genba::cli::AddLearner<genba::cli::LineLearning>(app, "line", "a line through points");  // the registration
    app.parse(count, words);
  });
}
