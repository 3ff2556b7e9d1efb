#include "policies/features.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <map>
#include <set>
#include <string_view>
#include <thread>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/hash.h"
#include "core/log.h"
#include "core/rng.h"
#include "core/utf8.h"
#include "policies/compute.h"
#include "policies/decoder.h"
#include "policies/tokenizer.h"

namespace genba::policies {

namespace {

namespace fs = std::filesystem;

// Features in memory and, when a folder is given, in one small file per text: shape, numbers, and their SHA-256 in
// front. A file that does not check is computed again.
class Cache {
 public:
  Cache(fs::path folder, std::string model, int dim) : folder_(std::move(folder)), model_(std::move(model)), dim_(dim) {
    if (!folder_.empty()) MakeWritableFolder(folder_);
  }

  // most: tokens of the window; an entry made with a larger one is not this text's.
  const Features* Find(const std::string& text, int most) {
    const auto found = memory_.find(text);
    if (found != memory_.end()) return &found->second;
    Features features;
    if (folder_.empty() || !ReadEntry(PathOf(text), features) || features.num_tokens > most) return nullptr;
    return &memory_.emplace(text, std::move(features)).first->second;
  }

  // whole false: cut to this window; kept in memory only, another window cuts elsewhere.
  const Features& Put(const std::string& text, Features features, bool whole) {
    if (!folder_.empty() && whole) {
      std::string body(sizeof(std::int32_t) * 2 + features.values.size() * sizeof(float), '\0');
      const std::int32_t shape[2] = {features.num_tokens, features.dim};
      std::memcpy(body.data(), shape, sizeof(shape));
      std::memcpy(body.data() + sizeof(shape), features.values.data(), features.values.size() * sizeof(float));
      Keep(PathOf(text), Sha256(body) + body);
    }
    return memory_.insert_or_assign(text, std::move(features)).first->second;
  }

 private:
  // A copy for next time: that it cannot be kept is said once and costs nothing else.
  void Keep(const fs::path& path, const std::string& bytes) {
    if (!keeps_) return;
    try {
      WriteFileAtomically(path, bytes);
    } catch (const Error& error) {
      keeps_ = false;
      LogWarning(std::string(error.what()) + "; features are no longer kept");
    }
  }

  fs::path PathOf(const std::string& text) const { return folder_ / (Sha256(model_ + "\n" + text) + ".features"); }

  bool ReadEntry(const fs::path& path, Features& features) const {
    std::error_code ignored;
    if (!fs::exists(path, ignored)) return false;
    if (Parse(ReadFile(path, 64 << 20), features)) return true;
    LogWarning(path.string() + " is damaged; its text is computed again");
    return false;
  }

  bool Parse(std::string_view bytes, Features& features) const {
    constexpr std::size_t kHash = 64;
    std::int32_t shape[2] = {0, 0};
    if (bytes.size() < kHash + sizeof(shape) || Sha256(bytes.substr(kHash)) != bytes.substr(0, kHash)) return false;
    std::memcpy(shape, bytes.data() + kHash, sizeof(shape));
    const std::size_t count = (bytes.size() - kHash - sizeof(shape)) / sizeof(float);
    if (shape[0] < 1 || shape[1] != dim_ ||
        static_cast<std::size_t>(shape[0]) * static_cast<std::size_t>(dim_) != count)
      return false;
    features.num_tokens = shape[0];
    features.dim = shape[1];
    features.values.resize(count);
    std::memcpy(features.values.data(), bytes.data() + kHash + sizeof(shape), count * sizeof(float));
    return std::all_of(features.values.begin(), features.values.end(), [](float v) { return std::isfinite(v); });
  }

  fs::path folder_;
  std::string model_;
  int dim_;
  bool keeps_ = true;
  std::map<std::string, Features> memory_;
};

void WarnOfCut(const std::string& text, int window) {
  LogWarning("instruction '" + std::string(CutUtf8(text, 60)) + "…' is longer than the window of " +
             std::to_string(window) + " tokens (policy.max_tokens); only its beginning is read");
}

// A frozen network that nobody trained, to compare with. What a block adds has a size of its own, whatever comes in, so
// embeddings as small as training begins with drown in what attention mixes, and no word is left at any layer. Of unit
// variance they stay the larger part of every state.
at::Tensor DrawnWeights(const Decoder& decoder) {
  const at::Tensor flat = decoder.layout().Initial(1);
  for (const Parameter& parameter : decoder.layout().parameters()) {
    if (parameter.name == "model.embed_tokens.weight")
      flat.narrow(0, parameter.offset, parameter.size()).div_(parameter.deviation);
  }
  return flat;
}

std::string Listed(const std::vector<int>& numbers) {
  std::string text;
  for (const int number : numbers) text += " " + std::to_string(number);
  return text;
}

// Of a logit: one column among hundreds is learned from as fast as they are together.
constexpr double kExpected = 0.85;

// A decoder's hidden states at one layer or several, and how much it expected each token. Of the model only the blocks up
// to there are read and run.
class BackboneFeatures final : public FeatureSource {
 public:
  BackboneFeatures(const fs::path& folder, const FeatureConfig& config, bool random_weights)
      : BackboneFeatures(folder, ReadDecoderConfig(folder / "config.json"), config, random_weights) {}
  const std::string& hash() const override { return hash_; }
  TextShape shape() const override {
    const int each = decoder_.config().hidden_size;
    return {each * static_cast<int>(depths_.layers.size()) + decoder_.expects(), each * depths_.num_of_words};
  }
  int max_tokens() const override { return max_tokens_; }
  int num_model_runs() const override { return runs_; }

  const Features& Get(const std::string& text) override {
    if (const Features* found = cache_->Find(text, max_tokens_)) return *found;
    const Tokens tokens = TokensOf(text);
    ++runs_;
    return cache_->Put(text, Run(tokens.ids), tokens.whole);
  }

  void Prefetch(const std::vector<std::string>& texts, int threads) override {
    std::vector<std::string> missing;
    for (const std::string& text : std::set<std::string>(texts.begin(), texts.end())) {
      if (cache_->Find(text, max_tokens_) == nullptr) missing.push_back(text);
    }
    std::vector<Tokens> tokens;
    for (const std::string& text : missing) tokens.push_back(TokensOf(text));
    std::vector<Features> features(missing.size());
    RunAll(tokens, threads, features);
    for (std::size_t i = 0; i < missing.size(); ++i) cache_->Put(missing[i], std::move(features[i]), tokens[i].whole);
    runs_ += static_cast<int>(missing.size());
  }

 private:
  BackboneFeatures(const fs::path& folder, const DecoderConfig& model, const FeatureConfig& config, bool random_weights)
      : tokenizer_(folder / "tokenizer.model"),
        max_tokens_(std::min(config.max_tokens, model.max_position_embeddings)),
        depths_(ChosenDepths(config, model.num_hidden_layers)),
        decoder_(model, depths_.layers.back()) {
    if (tokenizer_.vocab_size() > model.vocab_size) {
      throw BadInput({(folder / "config.json").string(), "vocab_size",
                      "at least the tokenizer's " + std::to_string(tokenizer_.vocab_size()),
                      std::to_string(model.vocab_size)});
    }
    DecoderWeights read =
        random_weights ? DecoderWeights{DrawnWeights(decoder_), "random 2"} : ReadDecoderWeights(decoder_, folder);
    weights_ = decoder_.layout().Views(read.flat);
    hash_ = Sha256(read.identity + " " + tokenizer_.hash() + " layers" + Listed(depths_.layers) +
                   (decoder_.expects() ? " expected " : " ") + ToConfigJson(model));
    cache_ = std::make_unique<Cache>(config.cache, hash_, dim());
  }

  static int ChosenLayer(const char* key, int layer, double share, int num_layers) {
    if (layer > num_layers)
      throw BadInput({"features", key, "-1 … " + std::to_string(num_layers), std::to_string(layer)});
    return layer >= 0 ? layer : std::clamp(static_cast<int>(std::lround(share * num_layers)), 1, num_layers);
  }

  // Layers, ascending; what a word is is read from the first so many of them.
  struct Depths {
    std::vector<int> layers;
    int num_of_words = 0;
  };

  // low, layer, high, equal ones once: what was not chosen gives way, what was may not be out of order.
  static Depths ChosenDepths(const FeatureConfig& config, int num_layers) {
    const int layer = ChosenLayer("layer", config.layer, 0.6, num_layers);
    int low = ChosenLayer("low_layer", config.low_layer, 0.15, num_layers);
    const int high = ChosenLayer("high_layer", config.high_layer, 1, num_layers);
    if (config.low_layer < 0) low = std::min(low, layer);
    if (low > layer)
      throw BadInput({"features", "low_layer", "at most layer " + std::to_string(layer), std::to_string(low)});
    if (high < layer)
      throw BadInput({"features", "high_layer", "at least layer " + std::to_string(layer), std::to_string(high)});
    Depths depths{{low}, 1};
    if (layer > low) depths = {{low, layer}, 2};
    if (high > layer) depths.layers.push_back(high);
    return depths;
  }

  struct Tokens {
    std::vector<int> ids;
    bool whole = true;  // not cut to the window
  };
  Tokens TokensOf(const std::string& text) const {
    const std::string_view readable = CutUtf8(text, Tokenizer::kMaxText);
    Tokens tokens{tokenizer_.Encode(std::string(readable)), true};
    tokens.whole = readable.size() == text.size() && static_cast<int>(tokens.ids.size()) <= max_tokens_;
    if (!tokens.whole) WarnOfCut(text, max_tokens_);
    tokens.ids.resize(std::min(tokens.ids.size(), static_cast<std::size_t>(max_tokens_)));
    return tokens;
  }

  // Each text on its own, so that who computes it changes nothing.
  void RunAll(const std::vector<Tokens>& tokens, int threads, std::vector<Features>& features) const {
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
      for (std::size_t i = next++; i < tokens.size(); i = next++) features[i] = Run(tokens[i].ids);
    };
    std::vector<std::jthread> workers;
    for (int i = 1; i < std::min(threads, static_cast<int>(tokens.size())); ++i) workers.emplace_back(work);
    work();
  }

  Features Run(const std::vector<int>& tokens) const {
    const c10::InferenceMode no_gradients;
    const MatrixThreads always(kActingThreads);  // a cache is shared by runs with any setting
    const auto count = static_cast<std::int64_t>(tokens.size());
    const at::Tensor ids = at::empty({1, count}, at::kLong), lengths = at::empty({1}, at::kLong);
    std::copy(tokens.begin(), tokens.end(), ids.mutable_data_ptr<std::int64_t>());
    *lengths.mutable_data_ptr<std::int64_t>() = count;
    std::vector<at::Tensor> states = decoder_.HiddenAt(weights_, ids, lengths, depths_.layers);
    if (decoder_.expects()) states.push_back(kExpected * decoder_.Expectation(weights_, ids, states.back()));
    const at::Tensor hidden = at::cat(states, -1).contiguous();
    Features features{static_cast<int>(count), dim(), {}};
    features.values.assign(hidden.const_data_ptr<float>(), hidden.const_data_ptr<float>() + count * dim());
    return features;
  }

  Tokenizer tokenizer_;
  int max_tokens_;
  Depths depths_;
  Decoder decoder_;
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
  TextShape shape() const override { return {kDim, kDim}; }
  int max_tokens() const override { return max_tokens_; }
  int num_model_runs() const override { return 0; }

  const Features& Get(const std::string& text) override {
    const auto [entry, fresh] = cache_.try_emplace(text);
    if (!fresh) return entry->second;
    std::vector<std::string> words{"<s>"};
    Split(text, words);
    if (static_cast<int>(words.size()) > max_tokens_) WarnOfCut(text, max_tokens_);
    words.resize(std::min(words.size(), static_cast<std::size_t>(max_tokens_)));
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
      const std::string character = text.substr(i, CharacterLength(text, i));
      if (!previous.empty()) words.push_back(previous + character);
      previous = character;
      i += character.size();
    }
    flush();
  }

  int max_tokens_;
  std::string hash_;
  std::map<std::string, Features> cache_;
};

}  // namespace

std::unique_ptr<FeatureSource> MakeFeatureSource(const FeatureConfig& config) {
  if (config.max_tokens < 2 || config.max_tokens > 4096)
    throw BadInput({"features", "max_tokens", "2 … 4096", std::to_string(config.max_tokens)});
  if (config.backbone == "bag_of_words") return std::make_unique<BagOfWords>(config);
  if (config.backbone == "random") return std::make_unique<BackboneFeatures>(DefaultBackbone(), config, true);
  const fs::path folder = config.backbone == "default" ? DefaultBackbone() : fs::path(config.backbone);
  std::error_code ignored;
  if (!fs::exists(folder / "config.json", ignored))
    throw BadInput({folder.string(), "config.json", "a model folder (or default | bag_of_words | random)", "nothing"});
  return std::make_unique<BackboneFeatures>(folder, config, false);
}

}  // namespace genba::policies
