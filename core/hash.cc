#include "core/hash.h"

#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <vector>

#include "core/error.h"

namespace genba {

std::uint64_t Hash64(std::string_view bytes, std::uint64_t seed) {
  std::uint64_t hash = seed;
  for (const char c : bytes) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ull;
  }
  return hash;
}

struct Sha256Stream::State {
  State() { GENBA_CHECK(context != nullptr && EVP_DigestInit_ex(context, EVP_sha256(), nullptr) == 1, "SHA-256"); }
  ~State() { EVP_MD_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  EVP_MD_CTX* context = EVP_MD_CTX_new();
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {}
Sha256Stream::~Sha256Stream() = default;

void Sha256Stream::Add(std::string_view bytes) {
  GENBA_CHECK(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1, "SHA-256");
}

std::string Sha256Stream::Finish() {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::array<unsigned char, 32> digest;
  GENBA_CHECK(EVP_DigestFinal_ex(state_->context, digest.data(), nullptr) == 1, "SHA-256");
  std::string text;
  for (const unsigned char byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string Sha256(std::string_view bytes) {
  Sha256Stream stream;
  stream.Add(bytes);
  return stream.Finish();
}

std::string Sha256File(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored))
    throw BadInput(
        {path.string(), "", "a readable file", std::filesystem::exists(path, ignored) ? "no plain one" : "none"});
  std::ifstream file(path, std::ios::binary);
  if (!file) throw BadInput({path.string(), "", "a readable file", "none"});
  Sha256Stream stream;
  std::vector<char> buffer(1 << 20);
  while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || file.gcount() > 0)
    stream.Add({buffer.data(), static_cast<std::size_t>(file.gcount())});
  if (file.bad()) throw BadInput({path.string(), "", "a readable file", "a read error"});
  return stream.Finish();
}

}  // namespace genba
