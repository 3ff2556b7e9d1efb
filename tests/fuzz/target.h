// target.h - what a fuzz target is: tests/fuzz/<name>.cc defines Seeds and Feed for one of our parsers.
// libfuzzer.cc drives it with libFuzzer (preset fuzz, script/fuzz); replay.cc in the ordinary tests, over the seeds,
// over tests/data/fuzz/<name>/* (inputs that once broke it) and over a few thousand simple mutations. One thread. Law:
// whatever the bytes, Feed returns or throws genba::Error of kind kBadInput; anything else is a finding.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace genba::fuzz {

std::vector<std::string> Seeds();   // sound inputs, from our own writers, so that they never grow stale
void Feed(std::string_view input);  // reads it, as the program would

// Calls Feed and lets only a refusal pass. Aborts otherwise.
void FeedChecked(std::string_view input);

}  // namespace genba::fuzz
