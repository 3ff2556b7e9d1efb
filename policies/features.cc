#include "policies/features.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/log.h"
#include "core/rng.h"
#include "policies/decoder.h"
#include "policies/tokenizer.h"

namespace genba::policies {

namespace {

namespace fs = std::filesystem;

// Features in memory and, when a folder is given, in one small file per text: shape, numbers, and their SHA-256 in
// front. A file that does not check is computed again.
class Cache {
 public:
  Cache(fs::path folder, std::string model) : folder_(std::move(folder)), model_(std::move(model)) {
    if (!folder_.empty()) MakeWritableFolder(folder_);
  }

  const Features* Find(const std::string& text) {
    const auto found = memory_.find(text);
    if (found != memory_.end()) return &found->second;
    Features features;
    if (folder_.empty() || !ReadEntry(PathOf(text), features)) return nullptr;
    return &memory_.emplace(text, std::move(features)).first->second;
  }

  const Features& Put(const std::string& text, Features features) {
    if (!folder_.empty()) {
      std::string body(sizeof(std::int32_t) * 2 + features.values.size() * sizeof(float), '\0');
      const std::int32_t shape[2] = {features.num_tokens, features.dim};
      std::memcpy(body.data(), shape, sizeof(shape));
      std::memcpy(body.data() + sizeof(shape), features.values.data(), features.values.size() * sizeof(float));
      WriteFileAtomically(PathOf(text), Sha256(body) + body);
    }
    return memory_.insert_or_assign(text, std::move(features)).first->second;
  }

 private:
  fs::path PathOf(const std::string& text) const { return folder_ / (Sha256(model_ + "\n" + text) + ".features"); }

  static bool ReadEntry(const fs::path& path, Features& features) {
    if (!fs::exists(path)) return false;
    constexpr std::size_t kHash = 64;
    const std::string bytes = ReadFile(path, 64 << 20);
    std::int32_t shape[2] = {0, 0};
    if (bytes.size() < kHash + sizeof(shape) ||
        Sha256(std::string_view(bytes).substr(kHash)) != bytes.substr(0, kHash)) {
      LogWarning(path.string() + " is damaged; its text is computed again");
      return false;
    }
    std::memcpy(shape, bytes.data() + kHash, sizeof(shape));
    const std::size_t count = (bytes.size() - kHash - sizeof(shape)) / sizeof(float);
    if (shape[0] < 1 || shape[1] < 1 ||
        static_cast<std::size_t>(shape[0]) * static_cast<std::size_t>(shape[1]) != count)
      return false;
    features.num_tokens = shape[0];
    features.dim = shape[1];
    features.values.resize(count);
    std::memcpy(features.values.data(), bytes.data() + kHash + sizeof(shape), count * sizeof(float));
    return true;
  }

  fs::path folder_;
  std::string model_;
  std::map<std::string, Features> memory_;
};

// One text that is too long costs its end, not the job it is in.
template <class Token>
void Cut(const std::string& text, std::vector<Token>& tokens, int max_tokens) {
  if (tokens.size() <= static_cast<std::size_t>(max_tokens)) return;
  LogWarning("an instruction of " + std::to_string(tokens.size()) + " tokens is cut to " + std::to_string(max_tokens) +
             " (policy.max_tokens): " + Shown(nlohmann::json(text)));
  tokens.resize(static_cast<std::size_t>(max_tokens));
}

// A decoder's hidden states at one layer.
class BackboneFeatures final : public FeatureSource {
 public:
  BackboneFeatures(const fs::path& folder, const FeatureConfig& config, bool random_weights)
      : tokenizer_(folder / "tokenizer.model"),
        decoder_(ReadDecoderConfig(folder / "config.json")),
        max_tokens_(config.max_tokens),
        layer_(ChosenLayer(config.layer, decoder_.config().num_hidden_layers)) {
    if (tokenizer_.vocab_size() > decoder_.config().vocab_size) {
      throw BadInput({(folder / "config.json").string(), "vocab_size",
                      "at least the tokenizer's " + std::to_string(tokenizer_.vocab_size()),
                      std::to_string(decoder_.config().vocab_size)});
    }
    const fs::path weights = folder / "model.safetensors";
    flat_ = random_weights ? decoder_.layout().Initial(1) : ReadDecoderWeights(decoder_, weights);
    weights_ = decoder_.layout().Views(flat_);
    const std::string model = random_weights ? "random" : Sha256File(weights);
    hash_ = Sha256(model + " " + tokenizer_.hash() + " layer " + std::to_string(layer_) + " " +
                   ToConfigJson(decoder_.config()));
    cache_ = std::make_unique<Cache>(config.cache, hash_);
  }
  const std::string& hash() const override { return hash_; }
  int dim() const override { return decoder_.config().hidden_size; }
  int max_tokens() const override { return max_tokens_; }
  int num_model_runs() const override { return runs_; }

  const Features& Get(const std::string& text) override {
    if (const Features* found = cache_->Find(text)) return *found;
    std::vector<int> tokens = tokenizer_.Encode(text);
    Cut(text, tokens, max_tokens_);
    return cache_->Put(text, Run(tokens));
  }

 private:
  static int ChosenLayer(int layer, int num_layers) {
    if (layer > num_layers)
      throw BadInput({"features", "layer", "-1 … " + std::to_string(num_layers), std::to_string(layer)});
    return layer >= 0 ? layer : static_cast<int>(std::lround(0.6 * num_layers));
  }

  Features Run(const std::vector<int>& tokens) {
    const c10::InferenceMode no_gradients;
    ++runs_;
    const auto count = static_cast<std::int64_t>(tokens.size());
    const at::Tensor ids = at::empty({1, count}, at::kLong), lengths = at::empty({1}, at::kLong);
    std::copy(tokens.begin(), tokens.end(), ids.mutable_data_ptr<std::int64_t>());
    *lengths.mutable_data_ptr<std::int64_t>() = count;
    const at::Tensor hidden = decoder_.Hidden(weights_, ids, lengths, layer_).contiguous();
    Features features{static_cast<int>(count), dim(), {}};
    features.values.assign(hidden.const_data_ptr<float>(), hidden.const_data_ptr<float>() + count * dim());
    return features;
  }

  Tokenizer tokenizer_;
  Decoder decoder_;
  int max_tokens_, layer_;
  at::Tensor flat_;
  Weights weights_;
  std::string hash_;
  std::unique_ptr<Cache> cache_;
  int runs_ = 0;
};

// What a language model is compared with: every word (every pair of characters in Japanese) a fixed random vector,
// nothing known about meaning or order.
class BagOfWords final : public FeatureSource {
 public:
  explicit BagOfWords(const FeatureConfig& config) : max_tokens_(config.max_tokens), hash_(Sha256("bag of words 1")) {}
  const std::string& hash() const override { return hash_; }
  int dim() const override { return kDim; }
  int max_tokens() const override { return max_tokens_; }
  int num_model_runs() const override { return 0; }

  const Features& Get(const std::string& text) override {
    const auto [entry, fresh] = cache_.try_emplace(text);
    if (!fresh) return entry->second;
    std::vector<std::string> words{"<s>"};
    Split(text, words);
    Cut(text, words, max_tokens_);
    Features& features = entry->second;
    features.num_tokens = static_cast<int>(words.size());
    features.dim = kDim;
    for (const std::string& word : words) {
      Rng rng(1, 0, "word " + word);
      for (int i = 0; i < kDim; ++i) features.values.push_back(static_cast<float>(rng.Normal()));
    }
    return features;
  }

 private:
  static constexpr int kDim = 192;

  static void Split(const std::string& text, std::vector<std::string>& words) {
    std::string word, previous;
    const auto flush = [&] {
      if (!word.empty()) words.push_back(word);
      word.clear();
    };
    for (std::size_t i = 0; i < text.size();) {
      const auto lead = static_cast<unsigned char>(text[i]);
      if (lead < 0x80) {
        if (std::isalnum(lead) != 0) {
          word += static_cast<char>(std::tolower(lead));
        } else {
          flush();
        }
        previous.clear();
        ++i;
        continue;
      }
      flush();
      const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
      const std::string character = text.substr(i, length);
      if (!previous.empty()) words.push_back(previous + character);
      previous = character;
      i += length;
    }
    flush();
  }

  int max_tokens_;
  std::string hash_;
  std::map<std::string, Features> cache_;
};

}  // namespace

fs::path DefaultBackbone() {
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  const fs::path installed = program.parent_path().parent_path() / "share/genba/models/genba-small";
  if (fs::exists(installed / "config.json")) return installed;
  return fs::path(GENBA_SOURCE_DIR) / "models/genba-small";
}

std::unique_ptr<FeatureSource> MakeFeatureSource(const FeatureConfig& config) {
  if (config.max_tokens < 2 || config.max_tokens > 4096)
    throw BadInput({"features", "max_tokens", "2 … 4096", std::to_string(config.max_tokens)});
  if (config.backbone == "bag_of_words") return std::make_unique<BagOfWords>(config);
  if (config.backbone == "random") return std::make_unique<BackboneFeatures>(DefaultBackbone(), config, true);
  const fs::path folder = config.backbone == "default" ? DefaultBackbone() : fs::path(config.backbone);
  if (!fs::exists(folder / "config.json"))
    throw BadInput({folder.string(), "config.json", "a model folder (or default | bag_of_words | random)", "nothing"});
  return std::make_unique<BackboneFeatures>(folder, config, false);
}

}  // namespace genba::policies
