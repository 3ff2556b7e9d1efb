// A build without LibTorch reads and checks policy files, but cannot act on them.
#include "core/error.h"
#include "policies/make_trained.h"

namespace genba::policies {

std::unique_ptr<Policy> MakeTrained(const ReadPolicy& read, std::uint64_t, const FeaturePlaces&) {
  throw BadInput({read.file, "policy", "a build with LibTorch (GENBA_TORCH=ON)", "one without: random and zero act"});
}

}  // namespace genba::policies
