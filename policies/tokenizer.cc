#include "policies/tokenizer.h"

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <sstream>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/hash.h"

namespace genba::policies {

namespace {

constexpr std::size_t kMaxText = 4096;  // bytes

class Lines final : public sentencepiece::SentenceIterator {
 public:
  explicit Lines(const std::vector<std::string>& lines) : lines_(lines) {}
  bool done() const override { return at_ >= lines_.size(); }
  void Next() override { ++at_; }
  const std::string& value() const override { return lines_[at_]; }
  sentencepiece::util::Status status() const override { return {}; }

 private:
  const std::vector<std::string>& lines_;
  std::size_t at_ = 0;
};

// RFC 3629: no stray or overlong bytes, no surrogates.
bool IsUtf8(const std::string& text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xC2 && lead < 0xE0 ? 2
                               : lead >= 0xE0 && lead < 0xF0 ? 3
                               : lead >= 0xF0 && lead < 0xF5 ? 4
                                                             : 0;
    if (length == 0 || i + length > text.size()) return false;
    for (std::size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
    }
    const auto second = length > 1 ? static_cast<unsigned char>(text[i + 1]) : 0;
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) || (lead == 0xF0 && second < 0x90) ||
        (lead == 0xF4 && second > 0x8F))
      return false;
    i += length;
  }
  return true;
}

}  // namespace

struct Tokenizer::Impl {
  sentencepiece::SentencePieceProcessor processor;
};

Tokenizer::Tokenizer(const std::filesystem::path& model_file)
    : Tokenizer(ReadFile(model_file, 64 << 20), model_file.string()) {}

Tokenizer::Tokenizer(const std::string& model_bytes, const std::string& name)
    : impl_(std::make_unique<Impl>()), file_(name), hash_(Sha256(model_bytes)) {
  const auto status = impl_->processor.LoadFromSerializedProto(model_bytes);
  if (!status.ok() || impl_->processor.GetPieceSize() < 3)
    throw BadInput({file_, "", "a SentencePiece model", "something else"});
  if (bos() < 0 || eos() < 0) throw BadInput({file_, "", "begin and end of sentence among its pieces", "none"});
}

Tokenizer::~Tokenizer() = default;

std::vector<int> Tokenizer::Encode(const std::string& text) const {
  if (text.size() > kMaxText)
    throw BadInput(
        {"instruction", "length", "at most " + std::to_string(kMaxText) + " bytes", std::to_string(text.size())});
  if (!IsUtf8(text)) throw BadInput({"instruction", "", "UTF-8 text", "other bytes"});
  std::vector<int> tokens;
  const auto status = impl_->processor.Encode(text, &tokens);
  if (!status.ok()) throw BadInput({"instruction", "", "text that " + file_ + " can split", text.substr(0, 40)});
  tokens.insert(tokens.begin(), bos());
  return tokens;
}

std::string Tokenizer::Decode(const std::vector<int>& tokens) const {
  std::string text;
  return impl_->processor.Decode(tokens, &text).ok() ? text : "";
}

int Tokenizer::vocab_size() const { return impl_->processor.GetPieceSize(); }
int Tokenizer::bos() const { return impl_->processor.bos_id(); }
int Tokenizer::eos() const { return impl_->processor.eos_id(); }

std::string TrainTokenizer(const std::vector<std::string>& lines, int vocab_size) {
  std::ostringstream options;
  options << "--model_type=bpe --vocab_size=" << vocab_size
          << " --byte_fallback=true --character_coverage=1.0 --normalization_rule_name=nmt_nfkc --num_threads=1"
             " --hard_vocab_limit=false --add_dummy_prefix=false --minloglevel=2";
  Lines iterator(lines);
  std::string proto;
  const auto status = sentencepiece::SentencePieceTrainer::Train(options.str(), &iterator, &proto);
  if (!status.ok()) throw Error(ErrorKind::kFailed, "tokenizer training: " + status.ToString());
  return proto;
}

}  // namespace genba::policies
