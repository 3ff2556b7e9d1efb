// hash.h - one fast hash for states and streams, one cryptographic hash for files. Thread-safe, never fails
// on memory.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace genba {

// 64-bit FNV-1a over bytes; for streams of random numbers and state comparison, not against an adversary.
// seed chains calls: Hash64(b, Hash64(a)) == hash of a then b.
inline constexpr std::uint64_t kHash64Start = 0xcbf29ce484222325ull;
std::uint64_t Hash64(std::string_view bytes, std::uint64_t seed = kHash64Start);
template <class T>
std::uint64_t Hash64(std::span<const T> values, std::uint64_t seed = kHash64Start) {
  static_assert(std::is_trivially_copyable_v<T>);
  return Hash64(std::string_view(reinterpret_cast<const char*>(values.data()), values.size_bytes()), seed);
}

// Lower-case hexadecimal SHA-256.
std::string Sha256(std::string_view bytes);
// The same over parts that come one after the other.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  void Add(std::string_view bytes);
  std::string Finish();  // once

 private:
  struct State;
  std::unique_ptr<State> state_;
};
std::string Sha256File(const std::filesystem::path& path);  // throws Error(kBadInput) when it cannot be read

}  // namespace genba
