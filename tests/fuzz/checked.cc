#include <cstdio>
#include <cstdlib>

#include "core/error.h"
#include "tests/fuzz/target.h"

namespace genba::fuzz {

void FeedChecked(std::string_view input) {
  try {
    Feed(input);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kBadInput) return;
    std::fprintf(stderr, "an Error of another kind: %s\n", error.what());
    std::abort();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "an untyped exception: %s\n", error.what());
    std::abort();
  }
}

}  // namespace genba::fuzz
