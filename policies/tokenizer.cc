#include "policies/tokenizer.h"

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/utf8.h"
#include "policies/sentencepiece_check.h"

namespace genba::policies {

namespace {

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

TokenizerOptions ReadOptions(const std::filesystem::path& file) {
  TokenizerOptions options;
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return options;
  constexpr JsonLimits kLimits{};  // chat templates and added tokens make it large
  const nlohmann::json json = ParseJson(ReadFile(file, kLimits.bytes), file.string(), kLimits);
  if (!json.is_object()) throw BadInput({file.string(), "", "a JSON object", Shown(json)});
  const auto read = [&](const char* key, bool& option) {
    if (json.contains(key) && !json[key].is_null()) option = JsonBool(json, key, file.string());
  };
  read("add_bos_token", options.add_bos_token);
  read("add_eos_token", options.add_eos_token);
  return options;
}

// SentencePiece reports through a status, and through exceptions of the library it builds tables with.
template <class Call>
bool Succeeds(Call call) {
  try {
    return call().ok();
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace

struct Tokenizer::Impl {
  sentencepiece::SentencePieceProcessor processor;
};

Tokenizer::Tokenizer(const std::filesystem::path& model_file)
    : Tokenizer(ReadFile(model_file, 64 << 20), model_file.string(),
                ReadOptions(model_file.parent_path() / "tokenizer_config.json")) {}

Tokenizer::Tokenizer(const std::string& model_bytes, const std::string& name, const TokenizerOptions& options)
    : impl_(std::make_unique<Impl>()),
      options_(options),
      file_(name),
      hash_(
          Sha256(Sha256(model_bytes) + (options.add_bos_token ? " bos" : "") + (options.add_eos_token ? " eos" : ""))) {
  CheckSentencePieceModel(model_bytes, file_);
  if (!Succeeds([&] { return impl_->processor.LoadFromSerializedProto(model_bytes); }))
    throw BadInput({file_, "", "a SentencePiece model", "something else"});
  for (const int id : {bos(), eos()}) {
    if (id < 0 || id >= vocab_size())
      throw BadInput({file_, "", "begin and end of sentence among its pieces", std::to_string(id)});
  }
}

Tokenizer::~Tokenizer() = default;

std::vector<int> Tokenizer::Encode(const std::string& text) const {
  if (text.size() > kMaxText)
    throw BadInput(
        {"instruction", "length", "at most " + std::to_string(kMaxText) + " bytes", std::to_string(text.size())});
  if (!IsUtf8(text)) throw BadInput({"instruction", "", "UTF-8 text", "other bytes"});
  std::vector<int> tokens;
  if (!Succeeds([&] { return impl_->processor.Encode(text, &tokens); }))
    throw BadInput({"instruction", "", "text that " + file_ + " can split", text.substr(0, 40)});
  if (options_.add_bos_token || tokens.empty()) tokens.insert(tokens.begin(), bos());
  if (options_.add_eos_token) tokens.push_back(eos());
  return tokens;
}

std::string Tokenizer::Decode(const std::vector<int>& tokens) const {
  std::string text;
  return Succeeds([&] { return impl_->processor.Decode(tokens, &text); }) ? text : "";
}

int Tokenizer::vocab_size() const { return impl_->processor.GetPieceSize(); }
int Tokenizer::bos() const { return impl_->processor.bos_id(); }
int Tokenizer::eos() const { return impl_->processor.eos_id(); }

// A small vocabulary has no room for every character: the rarest are then spelled in bytes.
std::string TrainTokenizer(const std::vector<std::string>& lines, int vocab_size) {
  std::string trouble;
  for (const double coverage : {1.0, 0.999, 0.995, 0.98, 0.95}) {
    std::ostringstream options;
    options << "--model_type=bpe --vocab_size=" << vocab_size
            << " --byte_fallback=true --character_coverage=" << coverage
            << " --normalization_rule_name=nmt_nfkc --num_threads=1"
               " --hard_vocab_limit=false --add_dummy_prefix=false --minloglevel=2";
    Lines iterator(lines);
    std::string proto;
    const auto status = sentencepiece::SentencePieceTrainer::Train(options.str(), &iterator, &proto);
    if (status.ok()) return proto;
    trouble = status.ToString();
  }
  throw Error(ErrorKind::kFailed, "tokenizer training: " + trouble);
}

}  // namespace genba::policies
