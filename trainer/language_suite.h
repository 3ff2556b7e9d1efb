// language_suite.h - what a policy reads in sentences, without physics: is the order it reads the order that is meant, by
// split, language and kind of phrase; what would it answer, to orders and to what is not to be acted on, and how sure is it?
// Thousands of sentences a second. Called by `genba eval --suite language`; what the figures say is language_figures.h.
// Law: a function of (task, seed, number of sentences) and the policy.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "trainer/acting.h"
#include "trainer/reading.h"
#include "trainer/understood.h"

namespace genba::trainer {

struct ReadCount {
  int texts = 0;
  int exact = 0;  // the order it reads is the one that is meant
  int acted = 0;  // it would act
};

// What was answered to one text in its scene.
struct ReadAnswer {
  std::string row;  // a split or kind of noise of the orders; a family of what is not to be acted on
  envs::Language language = envs::Language::kEnglish;
  Answer expect = Answer::kAct, answer = Answer::kAct;
  double probability = 1;  // of the answer
  bool right() const { return answer == expect; }
};

struct LanguageResult {
  std::vector<std::pair<std::string, ReadCount>> by_split;  // train, templates, taught, unseen, pairs, varied, slips
  std::map<std::string, ReadCount> by_language, by_kind;    // of the training split
  // Row by row: the orders of by_split, then every family, in patterns that neither training nor calibration said where it
  // has such.
  std::vector<ReadAnswer> answers;
  double texts_per_s = 0;  // orders
};

// of.items: of every row; of a family those whose scene it has something to say about. How they are said is the row's.
// Error(kBadInput) when the actor does not read (the expert, random, zero).
LanguageResult ReadSuite(Actor& actor, const ReadingDraw& of);

// Which orders the texts mean to the actor, beside what it makes of them in their scenes. Empty where it does not read.
struct ReadText {
  policies::Heard heard;
  Understood understood;
};
std::vector<ReadText> ReadTexts(Actor& actor, View2<const float> scenes, std::span<const std::string> texts);

}  // namespace genba::trainer
