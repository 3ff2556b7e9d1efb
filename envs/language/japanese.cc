// Japanese: particles, counters (本 個 つ), て-forms, levels of politeness, kanji, kana and full-width variants, 以外.
#include "envs/language/grammar.h"

namespace genba::envs {

namespace {

// Before a noun: 赤いボルト.
const std::array<Forms, kNumColours> kAdnominal{{{{"赤い"}, {"赤色の"}, {"あかい"}, {"真紅の", true}},
                                                 {{"青い"}, {"青色の"}, {"あおい"}, {"ブルーの", true}},
                                                 {{"緑の"}, {"緑色の"}, {"みどりの"}, {"グリーンの", true}},
                                                 {{"黄色い"}, {"黄色の"}, {"きいろい"}, {"イエローの", true}},
                                                 {{"紫の"}, {"紫色の"}, {"むらさきの"}, {"パープルの", true}},
                                                 {{"白い"}, {"白色の"}, {"しろい"}, {"ホワイトの", true}}}};
// What 以外の excludes.
const std::array<Forms, kNumColours> kColourNouns{{{{"赤"}, {"赤色"}, {"真紅", true}},
                                                   {{"青"}, {"青色"}, {"ブルー", true}},
                                                   {{"緑"}, {"緑色"}, {"グリーン", true}},
                                                   {{"黄色"}, {"きいろ"}, {"イエロー", true}},
                                                   {{"紫"}, {"紫色"}, {"パープル", true}},
                                                   {{"白"}, {"白色"}, {"ホワイト", true}}}};
const std::array<Forms, kNumColours> kNotAdnominal{{{{"赤くない"}, {"赤ではない"}},
                                                    {{"青くない"}, {"青ではない"}},
                                                    {{"緑ではない"}, {"緑じゃない"}},
                                                    {{"黄色くない"}, {"黄色ではない"}},
                                                    {{"紫ではない"}, {"紫じゃない"}},
                                                    {{"白くない"}, {"白ではない"}}}};
const std::array<Forms, kNumShapes + 1> kShapeWords{
    {{{"ボルト"}, {"ねじ"}, {"ネジ"}, {"ﾎﾞﾙﾄ"}, {"ビス", true}},
     {{"ナット"}, {"六角ナット"}, {"ﾅｯﾄ"}, {"ロックナット", true}},
     {{"歯車"}, {"ギア"}, {"ギヤ"}, {"はぐるま"}, {"スプロケット", true}},
     {{"部品"}, {"パーツ"}, {"ワーク", true}}}};
const std::array<Forms, kNumPlaces> kPlaceWords{{{{"左の"}, {"左側の"}, {"ひだりの"}, {"左端の", true}},
                                                 {{"真ん中の"}, {"中央の"}, {"まんなかの"}, {"センターの", true}},
                                                 {{"右の"}, {"右側の"}, {"みぎの"}, {"右端の", true}}}};
const Forms kBinWords{{"箱"}, {"はこ"}, {"ケース"}, {"トレー", true}};

// Counters: long things 本, others 個, anything つ. Index: Count.
const std::array<Forms, 3> kLongCounters{{{{"1本"}, {"一本"}, {"１本"}, {"一点", true}},
                                          {{"2本"}, {"二本"}, {"２本"}, {"二点", true}},
                                          {{"3本"}, {"三本"}, {"３本"}, {"三点", true}}}};
const std::array<Forms, 3> kPieceCounters{{{{"1個"}, {"一個"}, {"１個"}, {"一点", true}},
                                           {{"2個"}, {"二個"}, {"２個"}, {"二点", true}},
                                           {{"3個"}, {"三個"}, {"３個"}, {"三点", true}}}};
const std::array<Forms, 3> kThingCounters{{{{"1つ"}, {"一つ"}, {"ひとつ"}, {"一点", true}},
                                           {{"2つ"}, {"二つ"}, {"ふたつ"}, {"二点", true}},
                                           {{"3つ"}, {"三つ"}, {"みっつ"}, {"三点", true}}}};
const Forms kAllAdverbs{{"全部"}, {"すべて"}, {"全て"}, {"残らず", true}};
const Forms kAllBefore{{"全部の"}, {"すべての"}, {"全ての"}, {"あらゆる", true}};

const Forms& Counters(const ObjectSet& set, WordPicker& words) {
  const auto count = static_cast<std::size_t>(set.count);
  if (words.rng().Chance(0.3) || !set.has_shape) return kThingCounters[count];
  return set.shape == Shape::kBolt ? kLongCounters[count] : kPieceCounters[count];
}

// 赤いボルト, 緑以外のナット: what is meant, without its number.
std::string SpeakKind(const ObjectSet& set, WordPicker& words) {
  const std::string noun =
      words.Pick(kShapeWords[set.has_shape ? static_cast<std::size_t>(set.shape) : kAnyShape]).text;
  if (!set.has_colour) return noun;
  const auto colour = static_cast<std::size_t>(set.colour);
  if (!set.negated_colour) return words.Pick(kAdnominal[colour]).text + noun;
  if (words.rng().Chance(0.4)) return words.Pick(kNotAdnominal[colour]).text + noun;
  return words.Pick(kColourNouns[colour]).text + ("以外の" + noun);
}

std::string CountBefore(const ObjectSet& set, WordPicker& words) {
  if (set.count == Count::kOne) return "";
  if (set.count == Count::kAll) return words.Pick(kAllBefore).text;
  return words.Pick(Counters(set, words)).text + std::string("の");
}

std::string SpeakObject(const ObjectSet& set, WordPicker& words) {
  const std::string before = CountBefore(set, words);
  return before + SpeakKind(set, words);
}

// With を: the number may stand behind it as an adverb (赤いボルトを2本).
std::string SpeakObjectWithParticle(const ObjectSet& set, WordPicker& words) {
  if (set.count == Count::kOne) {
    const std::string kind = SpeakKind(set, words);
    const double style = words.rng().Uniform();
    if (style < 0.15) return kind + "だけを";
    if (style < 0.35) return kind + "を" + words.Pick(Counters(set, words)).text;
    return kind + "を";
  }
  if (words.rng().Chance(0.4)) return SpeakObject(set, words) + "を";
  const std::string kind = SpeakKind(set, words);
  return kind + "を" +
         (set.count == Count::kAll ? words.Pick(kAllAdverbs).text : words.Pick(Counters(set, words)).text);
}

std::string SayJapanese(const Order& order, const Template& sentence, WordPicker& words) {
  std::string text = sentence.text;
  if (text.find("{objo}") != std::string::npos) {
    text = Replaced(text, "{objo}", SpeakObjectWithParticle(order.objects, words));
  } else {
    text = Replaced(text, "{obj}", SpeakObject(order.objects, words));
  }
  if (order.place == PlaceWord::kNone) return text;
  const std::string place = words.Pick(kPlaceWords[static_cast<std::size_t>(order.place) - 1]).text;
  return Replaced(text, "{place}", place + words.Pick(kBinWords).text);
}

std::vector<Phrase> JapanesePhrases() {
  std::vector<Phrase> phrases;
  for (std::size_t c = 0; c < kNumColours; ++c) {
    const Token colour{TokenKind::kColour, static_cast<int>(c)};
    AddForms(phrases, kAdnominal[c], colour);
    // Colour and exclusion in one phrase: the value is the colour, negated.
    for (const Form& form : kColourNouns[c])
      phrases.push_back({std::string(form.text) + "以外の", {TokenKind::kExcept, static_cast<int>(c) + 1}});
    AddForms(phrases, kNotAdnominal[c], {TokenKind::kExcept, static_cast<int>(c) + 1});
  }
  for (std::size_t s = 0; s < kShapeWords.size(); ++s)
    AddForms(phrases, kShapeWords[s], {TokenKind::kShape, static_cast<int>(s)});
  for (std::size_t p = 0; p < kPlaceWords.size(); ++p)
    AddForms(phrases, kPlaceWords[p], {TokenKind::kPlace, static_cast<int>(p) + 1});
  AddForms(phrases, kBinWords, {TokenKind::kBin});
  for (std::size_t n = 0; n < 3; ++n) {
    for (const auto* counters : {&kLongCounters[n], &kPieceCounters[n], &kThingCounters[n]}) {
      for (const Form& form : *counters) {
        phrases.push_back({form.text, {TokenKind::kCount, static_cast<int>(n)}});
        phrases.push_back({std::string(form.text) + "の", {TokenKind::kCount, static_cast<int>(n)}});
      }
    }
  }
  for (const Forms* forms : {&kAllAdverbs, &kAllBefore})
    AddForms(phrases, *forms, {TokenKind::kCount, static_cast<int>(Count::kAll)});
  AddForms(phrases, {{"を"}, {"だけを"}}, {TokenKind::kFiller});
  return phrases;
}

}  // namespace

const Grammar& Japanese() {
  static const Grammar grammar{Language::kJapanese,
                               {{"ja.p1", "{place}に{objo}入れて。"},
                                {"ja.p2", "{objo}{place}に入れてください。"},
                                {"ja.p3", "{objo}取って、{place}に入れて。"},
                                {"ja.p4", "{objo}つかんで{place}へ運んでください。"},
                                {"ja.p5", "{place}へ{objo}移してください。"},
                                {"ja.p6", "{objo}{place}に置いてくれますか。"},
                                {"ja.p7", "{objo}{place}に入れてもらえますか。"},
                                {"ja.p8", "{place}の中に{objo}置いてください。"},
                                {"ja.p9", "{objo}{place}に入れろ。"},
                                {"ja.p10", "{objo}{place}に移せ。"},
                                {"ja.p11", "すみませんが、{objo}{place}に入れていただけますか。"},
                                {"ja.p12", "{objo}{place}へ移動してほしいです。"},
                                {"ja.p13", "{obj}は{place}に入れます。"},
                                {"ja.p14", "{objo}{place}に片付けてください。"},
                                {"ja.p15", "{objo}つまんで、{place}に置いて。"},
                                {"ja.h1", "{objo}{place}へ運搬願います。", true},
                                {"ja.h2", "{place}行きは{obj}です。", true},
                                {"ja.h3", "{objo}ピックして{place}に収めてください。", true},
                                {"ja.h4", "{place}には{objo}お願いします。", true}},
                               {{"ja.r1", "{obj}の上に移動して。"},
                                {"ja.r2", "{obj}の真上へ動いてください。"},
                                {"ja.r3", "{obj}の上まで行ってください。"},
                                {"ja.r4", "グリッパを{obj}の上に動かして。"},
                                {"ja.r5", "ハンドを{obj}の真上に持っていってください。"},
                                {"ja.r6", "{obj}の上で止まれ。"},
                                {"ja.r7", "{obj}の上に来てもらえますか。"},
                                {"ja.r8", "{objo}上から指してください。"},
                                {"ja.r9", "すみませんが、{obj}の上に移動していただけますか。"},
                                {"ja.r10", "{objo}示して。"},
                                {"ja.r11", "{obj}に近づいてください。"},
                                {"ja.r12", "手先を{obj}の上へ。"},
                                {"ja.h5", "{obj}の直上で待機願います。", true},
                                {"ja.h6", "{objo}狙って位置決めしてください。", true},
                                {"ja.h7", "アームの先が{obj}の上に来るようにして。", true},
                                {"ja.h8", "次は{obj}へ。", true}},
                               SayJapanese,
                               JapanesePhrases};
  return grammar;
}

}  // namespace genba::envs
