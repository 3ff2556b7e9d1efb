#include "policies/sentencepiece_check.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "core/error.h"
#include "core/utf8.h"

namespace genba::policies {
namespace {

constexpr std::size_t kMaxPieces = std::size_t{1} << 20, kMaxPieceBytes = 1024;
// Of what the normaliser may put in place of a few characters; Unicode's longest compatibility form has 33 bytes.
constexpr std::size_t kMaxReplacement = 256;
constexpr int kMaxPieceType = 6;
constexpr std::uint32_t kLeaf = 1u << 31, kHasLeaf = 1u << 8;  // of a unit of the normaliser's table

enum class Wire { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

struct Field {
  std::uint64_t number = 0;
  Wire wire = Wire::kVarint;
  std::uint64_t value = 0;  // of numbers
  std::string_view bytes;   // of texts and messages
};

// One message of a protocol buffer, field by field (protobuf.dev/programming-guides/encoding).
class Message {
 public:
  Message(std::string_view bytes, std::string place, const std::string& file)
      : left_(bytes), place_(std::move(place)), file_(file) {}

  bool Next(Field& field) {
    if (left_.empty()) return false;
    const std::uint64_t tag = Varint();
    field = {tag >> 3, static_cast<Wire>(tag & 7), 0, {}};
    if (field.number == 0 || field.number > 1000) Refuse("a field number", std::to_string(field.number));
    switch (field.wire) {
      case Wire::kVarint:
        field.value = Varint();
        break;
      case Wire::kFixed64:
        field.value = Fixed(8);
        break;
      case Wire::kFixed32:
        field.value = Fixed(4);
        break;
      case Wire::kBytes:
        field.bytes = Take(Varint());
        break;
      default:
        Refuse("a wire type of 0, 1, 2 or 5", std::to_string(tag & 7));
    }
    return true;
  }
  void Want(const Field& field, Wire wire) const {
    if (field.wire != wire) Refuse("field " + std::to_string(field.number) + " of its type", "another type");
  }
  [[noreturn]] void Refuse(const std::string& expected, const std::string& got) const {
    throw BadInput({file_, place_, expected, got});
  }

 private:
  std::string_view Take(std::uint64_t count) {
    if (count > left_.size()) Refuse("at most " + std::to_string(left_.size()) + " bytes", std::to_string(count));
    const std::string_view taken = left_.substr(0, count);
    left_.remove_prefix(count);
    return taken;
  }
  std::uint64_t Fixed(std::size_t size) {
    std::uint64_t value = 0;
    std::memcpy(&value, Take(size).data(), size);
    return value;
  }
  std::uint64_t Varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(Take(1).front());
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    Refuse("a number of at most ten bytes", "more");
  }

  std::string_view left_;
  std::string place_;
  const std::string& file_;
};

void CheckPiece(std::string_view bytes, std::size_t index, const std::string& file) {
  Message message(bytes, "pieces[" + std::to_string(index) + "]", file);
  bool has_text = false;
  for (Field field; message.Next(field);) {
    if (field.number == 1) {
      message.Want(field, Wire::kBytes);
      has_text = !field.bytes.empty() && field.bytes.size() <= kMaxPieceBytes && IsUtf8(field.bytes) &&
                 field.bytes.find('\0') == std::string_view::npos;
      if (!has_text) message.Refuse("1 … 1024 bytes of UTF-8", std::to_string(field.bytes.size()) + " bytes");
    } else if (field.number == 2) {
      message.Want(field, Wire::kFixed32);
      float score = 0;
      std::memcpy(&score, &field.value, sizeof score);
      if (!std::isfinite(score)) message.Refuse("a finite score", std::to_string(score));
    } else if (field.number == 3) {
      message.Want(field, Wire::kVarint);
      if (field.value < 1 || field.value > kMaxPieceType)
        message.Refuse("a type of 1 … 6", std::to_string(field.value));
    } else {
      message.Refuse("piece, score and type", "field " + std::to_string(field.number));
    }
  }
  if (!has_text) message.Refuse("a text", "nothing");
}

// The normaliser's table: the size of a double array (darts-clone), the array, and the texts that its leaves point at.
// Wherever a walk may go it must stay inside: from unit p by any byte c to p ^ offset ^ c, and to the leaf p ^ offset.
void CheckCharsMap(std::string_view blob, const Message& message) {
  if (blob.empty()) return;
  std::uint32_t trie_bytes = 0;
  if (blob.size() < sizeof trie_bytes) message.Refuse("a table's size", "nothing");
  std::memcpy(&trie_bytes, blob.data(), sizeof trie_bytes);
  blob.remove_prefix(sizeof trie_bytes);
  constexpr std::size_t kBlock = 256 * sizeof(std::uint32_t);
  if (trie_bytes == 0 || trie_bytes % kBlock != 0 || trie_bytes >= blob.size())
    message.Refuse("whole blocks of 256 units, and texts behind them", std::to_string(trie_bytes) + " bytes");
  const std::size_t num_units = trie_bytes / sizeof(std::uint32_t);
  const std::string_view texts = blob.substr(trie_bytes);
  if (texts.back() != '\0') message.Refuse("texts that end", "one that does not");
  const auto unit_at = [&](std::size_t p) {
    std::uint32_t unit = 0;
    std::memcpy(&unit, blob.data() + p * sizeof unit, sizeof unit);
    return unit;
  };
  const auto points_at_a_text = [&](std::uint32_t leaf) {
    const std::uint32_t start = leaf & ~kLeaf;
    return (leaf & kLeaf) != 0 && start < texts.size() && texts.find('\0', start) - start <= kMaxReplacement;
  };
  for (std::size_t p = 0; p < num_units; ++p) {
    const std::uint32_t unit = unit_at(p);
    if (p > 0 && (unit & kLeaf) != 0) continue;  // no walk goes on from a leaf
    const std::size_t next = p ^ ((unit >> 10) << ((unit & (1u << 9)) >> 6));
    if (next >= num_units)
      message.Refuse("units that lead inside the table", std::to_string(next) + " of " + std::to_string(num_units));
    if ((unit & kHasLeaf) != 0 && !points_at_a_text(unit_at(next)))
      message.Refuse("leaves that point at a short text", "unit " + std::to_string(next));
  }
}

void CheckNormalizer(std::string_view bytes, const std::string& place, const std::string& file) {
  constexpr std::uint64_t kCharsMap = 2, kRules = 6;
  Message message(bytes, place, file);
  bool has_map = false;
  for (Field field; message.Next(field);) {
    if (field.number == kCharsMap) {
      message.Want(field, Wire::kBytes);
      if (has_map) message.Refuse("one table", "two");  // protobuf would take the last one
      has_map = true;
      CheckCharsMap(field.bytes, message);
    } else if (field.number > kRules) {
      message.Refuse("fields 1 … 6", std::to_string(field.number));
    }
  }
}

}  // namespace

void CheckSentencePieceModel(std::string_view bytes, const std::string& file) {
  enum : std::uint64_t { kPieces = 1, kTrainer = 2, kNormalizer = 3, kSelfTest = 4, kDenormalizer = 5 };
  Message message(bytes, "", file);
  std::size_t num_pieces = 0;
  bool seen[kDenormalizer + 1] = {};
  for (Field field; message.Next(field);) {
    if (field.number > kDenormalizer) message.Refuse("a SentencePiece model", "field " + std::to_string(field.number));
    message.Want(field, Wire::kBytes);
    // protobuf would merge a second one into the first, past what was checked.
    if (field.number != kPieces && seen[field.number])
      message.Refuse("field " + std::to_string(field.number) + " once", "twice");
    seen[field.number] = true;
    if (field.number == kPieces) {
      if (num_pieces == kMaxPieces) message.Refuse("at most " + std::to_string(kMaxPieces) + " pieces", "more");
      CheckPiece(field.bytes, num_pieces++, file);
    } else if (field.number == kNormalizer || field.number == kDenormalizer) {
      CheckNormalizer(field.bytes, field.number == kNormalizer ? "normalizer_spec" : "denormalizer_spec", file);
    } else {
      Message inner(field.bytes, field.number == kTrainer ? "trainer_spec" : "self_test_data", file);
      for (Field ignored; inner.Next(ignored);) {
      }
    }
  }
  if (num_pieces < 3) message.Refuse("a SentencePiece model with pieces", std::to_string(num_pieces));
}

}  // namespace genba::policies
