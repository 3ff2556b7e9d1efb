// What a build without LibTorch (GENBA_TORCH=OFF, for the sanitizers) says where it would be needed.
#include "core/error.h"
#include "policies/load_trained.h"

namespace genba::policies {

std::unique_ptr<Policy> LoadTrainedPolicy(const std::string& source, const EnvSpec&, std::uint64_t,
                                          const FeaturePlaces&) {
  throw Error(ErrorKind::kEnvironment, source + ": a trained policy needs a build with LibTorch");
}

}  // namespace genba::policies
