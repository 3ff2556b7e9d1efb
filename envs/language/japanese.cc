// Japanese: particles, counters (本 個 つ), て-forms, levels of politeness, kanji, kana and full-width variants, 以外.
#include "envs/language/grammar.h"

namespace genba::envs {

namespace {

using Use::kCalibration, Use::kEvaluation;
using Word::kTaught, Word::kUnseen;

// Before a noun: 赤いボルト, 赤ボルト.
const std::array<Forms, kNumColours> kAdnominal{
    {{{"赤い"}, {"赤色の"}, {"あかい"}, {"赤の"}, {"赤"}, {"レッドの"}, {"真紅の", kTaught}, {"緋色の", kUnseen}},
     {{"青い"}, {"青色の"}, {"あおい"}, {"青の"}, {"青"}, {"ブルーの", kTaught}, {"紺色の", kUnseen}},
     {{"緑の"}, {"緑色の"}, {"みどりの"}, {"緑"}, {"グリーンの", kTaught}, {"若草色の", kUnseen}},
     {{"黄色い"}, {"黄色の"}, {"きいろい"}, {"黄色"}, {"イエローの", kTaught}, {"山吹色の", kUnseen}},
     {{"紫の"}, {"紫色の"}, {"むらさきの"}, {"紫"}, {"パープルの", kTaught}, {"すみれ色の", kUnseen}},
     {{"白い"}, {"白色の"}, {"しろい"}, {"白の"}, {"白"}, {"ホワイトの", kTaught}, {"ミルク色の", kUnseen}}}};
// What 以外の excludes.
const std::array<Forms, kNumColours> kColourNouns{{{{"赤"}, {"赤色"}, {"レッド"}, {"真紅", kTaught}, {"緋色", kUnseen}},
                                                   {{"青"}, {"青色"}, {"ブルー", kTaught}, {"紺色", kUnseen}},
                                                   {{"緑"}, {"緑色"}, {"グリーン", kTaught}, {"若草色", kUnseen}},
                                                   {{"黄色"}, {"きいろ"}, {"イエロー", kTaught}, {"山吹色", kUnseen}},
                                                   {{"紫"}, {"紫色"}, {"パープル", kTaught}, {"すみれ色", kUnseen}},
                                                   {{"白"}, {"白色"}, {"ホワイト", kTaught}, {"ミルク色", kUnseen}}}};
const std::array<Forms, kNumColours> kNotAdnominal{{{{"赤くない"}, {"赤ではない"}},
                                                    {{"青くない"}, {"青ではない"}},
                                                    {{"緑ではない"}, {"緑じゃない"}},
                                                    {{"黄色くない"}, {"黄色ではない"}},
                                                    {{"紫ではない"}, {"紫じゃない"}},
                                                    {{"白くない"}, {"白ではない"}}}};
const std::array<Forms, kNumShapes + 1> kShapeWords{
    {{{"ボルト"}, {"ねじ"}, {"ネジ"}, {"ﾎﾞﾙﾄ"}, {"ぼると"}, {"ビス", kTaught}, {"スクリュー", kUnseen}},
     {{"ナット"}, {"六角ナット"}, {"ﾅｯﾄ"}, {"なっと"}, {"ロックナット", kTaught}, {"袋ナット", kUnseen}},
     {{"歯車"}, {"ギア"}, {"ギヤ"}, {"はぐるま"}, {"スプロケット", kTaught}, {"ピニオン", kUnseen}},
     {{"部品"}, {"パーツ"}, {"ワーク", kTaught}, {"部材", kUnseen}}}};
const std::array<Forms, kNumPlaces> kPlaceWords{
    {{{"左の"}, {"左側の"}, {"ひだりの"}, {"左端の", kTaught}, {"左手の", kUnseen}},
     {{"真ん中の"}, {"中央の"}, {"まんなかの"}, {"センターの", kTaught}, {"中ほどの", kUnseen}},
     {{"右の"}, {"右側の"}, {"みぎの"}, {"右端の", kTaught}, {"右手の", kUnseen}}}};
const Forms kBinWords{{"箱"}, {"はこ"}, {"ケース"}, {"トレー", kTaught}, {"容器", kUnseen}};

// Counters: long things 本, others 個, anything つ. Index: Count.
const std::array<Forms, 3> kLongCounters{{{{"1本"}, {"一本"}, {"１本"}, {"一点", kTaught}},
                                          {{"2本"}, {"二本"}, {"２本"}, {"二点", kTaught}},
                                          {{"3本"}, {"三本"}, {"３本"}, {"三点", kTaught}}}};
const std::array<Forms, 3> kPieceCounters{{{{"1個"}, {"一個"}, {"１個"}, {"一点", kTaught}},
                                           {{"2個"}, {"二個"}, {"２個"}, {"二点", kTaught}},
                                           {{"3個"}, {"三個"}, {"３個"}, {"三点", kTaught}}}};
const std::array<Forms, 3> kThingCounters{{{{"1つ"}, {"一つ"}, {"ひとつ"}, {"一点", kTaught}},
                                           {{"2つ"}, {"二つ"}, {"ふたつ"}, {"二点", kTaught}},
                                           {{"3つ"}, {"三つ"}, {"みっつ"}, {"三点", kTaught}}}};
const Forms kAnyWords{{"どれか"}, {"いずれか"}, {"任意の", kTaught}};
const Forms kAllAdverbs{{"全部"}, {"すべて"}, {"全て"}, {"残らず", kTaught}};
const Forms kAllBefore{{"全部の"}, {"すべての"}, {"全ての"}, {"あらゆる", kTaught}};

const Forms& Counters(const ObjectSet& set, WordPicker& words) {
  const auto count = static_cast<std::size_t>(set.count);
  if (words.rng().Chance(0.3) || !set.has_shape) return kThingCounters[count];
  return set.shape == Shape::kBolt ? kLongCounters[count] : kPieceCounters[count];
}

// 赤いボルト, 緑以外のナット: what is meant, without its number.
std::string SpeakKind(const ObjectSet& set, WordPicker& words) {
  const std::string noun =
      words.PickShape(kShapeWords[set.has_shape ? static_cast<std::size_t>(set.shape) : kAnyShape]);
  if (!set.has_colour) return noun;
  const auto colour = static_cast<std::size_t>(set.colour);
  if (!set.negated_colour) return words.PickColour(kAdnominal[colour]) + noun;
  if (words.rng().Chance(0.4)) return words.Pick(kNotAdnominal[colour]).text + noun;
  return words.Pick(kColourNouns[colour]).text + ("以外の" + noun);
}

std::string CountBefore(const ObjectSet& set, WordPicker& words) {
  if (set.count == Count::kOne && !words.spare()) return "";
  if (set.count == Count::kAll) return words.Pick(kAllBefore).text;
  return words.Pick(Counters(set, words)).text + std::string("の");
}

std::string SpeakObject(const ObjectSet& set, WordPicker& words) {
  const std::string before = CountBefore(set, words);
  return before + SpeakKind(set, words);
}

// With を, where there are more than are asked for: 赤いボルトを2本, 赤いボルトのうち2本を, どれか2本の赤いボルトを.
std::string SpeakSome(const ObjectSet& set, WordPicker& words) {
  const std::string kind = SpeakKind(set, words);
  const std::string counter = words.Pick(Counters(set, words)).text;
  const double style = words.rng().Uniform();
  if (style < 0.35) return kind + "を" + counter;
  if (style < 0.6) return kind + "のうち" + counter + "を";
  return (style < 0.8 ? words.Pick(kAnyWords).text : "") + counter + "の" + kind + "を";
}

// With を: the number may stand behind it as an adverb (赤いボルトを2本).
std::string SpeakObjectWithParticle(const ObjectSet& set, WordPicker& words) {
  if (words.spare()) return SpeakSome(set, words);
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
  AddForms(phrases, kAnyWords, {TokenKind::kFiller});
  AddForms(phrases, {{"を"}, {"だけを"}, {"のうち"}}, {TokenKind::kFiller});
  return phrases;
}

std::vector<Template> PickTemplates() {
  return {{"ja.p1", "{place}に{objo}入れて。"},
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
          {"ja.p16", "{objo}{place}に入れてくれ。"},
          {"ja.p17", "{objo}{place}に置いてもらえる？"},
          {"ja.p18", "{objo}{place}に入れてほしい。"},
          {"ja.p19", "{objo}{place}に移しましょう。"},
          {"ja.p20", "{objo}{place}に入れたいです。"},
          {"ja.p21", "{obj}は{place}に入れるべきです。"},
          {"ja.p22", "{objo}{place}に入れる必要があります。"},
          {"ja.p23", "{objo}{place}に入れるようにしてください。"},
          {"ja.p24", "{objo}{place}に入れること。"},
          {"ja.p25", "{objo}{place}に。"},
          {"ja.p26", "{objo}{place}へ。"},
          {"ja.p27", "{obj}、{place}。"},
          {"ja.p28", "{obj}は{place}へ。"},
          {"ja.p29", "{place}に{objo}。"},
          {"ja.p30", "{place}の中へ{objo}入れてください。"},
          {"ja.p31", "{objo}{place}まで運んで。"},
          {"ja.p32", "{objo}{place}まで持っていってください。"},
          {"ja.p33", "{obj}が{place}に入るようにしてください。"},
          {"ja.p34", "{obj}は{place}に置かれるべきです。"},
          {"ja.p35", "{objo}{place}に入れられますか。"},
          {"ja.p36", "お手数ですが、{objo}{place}にお入れください。"},
          {"ja.p37", "{objo}{place}へお運びいただけますか。"},
          {"ja.p38", "{objo}持ち上げて{place}まで運べ。"},
          {"ja.p39", "まず{objo}取り、次に{place}に入れてください。"},
          {"ja.p40", "{objo}手に取って、{place}に置いてください。"},
          {"ja.p41", "{place}に入れるものは、{obj}。"},
          {"ja.p42", "入れる場所は{place}、入れる物は{obj}。"},
          {"ja.p43", "{obj}の置き場所は{place}。"},
          {"ja.p44", "{objo}{place}に入れといて。"},
          {"ja.p45", "{objo}{place}に入れておいてください。"},
          {"ja.p46", "{objo}{place}に入れなさい。"},
          {"ja.p47", "{objo}{place}に入れるんだ。"},
          {"ja.p48", "{objo}{place}にしまってください。"},
          {"ja.p49", "次の仕事は、{objo}{place}に入れること。"},
          {"ja.p50", "{objo}{place}に移す。"},
          {"ja.p51", "{obj}、{place}へ頼む。"},
          {"ja.p52", "{objo}{place}に入れてくださると助かります。"},
          {"ja.p53", "{objo}{place}に落としてください。"},
          {"ja.p54", "{place}まで{objo}運んでもらえませんか。"},
          {"ja.p55", "{objo}そっと{place}に置いてください。"},
          {"ja.p56", "ロボット、{objo}{place}に入れて。"},
          {"ja.p57", "作業指示：{obj}を{place}へ。"},
          {"ja.p58", "{place}、{obj}。"},
          {"ja.k1", "{objo}{place}あてに回してください。", kCalibration},
          {"ja.k2", "{objo}{place}に送り込んで。", kCalibration},
          {"ja.k3", "{obj}が{place}にある状態にして。", kCalibration},
          {"ja.h1", "{objo}{place}へ運搬願います。", kEvaluation},
          {"ja.h2", "{place}行きは{obj}です。", kEvaluation},
          {"ja.h3", "{objo}ピックして{place}に収めてください。", kEvaluation},
          {"ja.h4", "{place}には{objo}お願いします。", kEvaluation}};
}

std::vector<Template> ReachTemplates() {
  return {{"ja.r1", "{obj}の上に移動して。"},
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
          {"ja.r13", "{obj}の上に移動してくれ。"},
          {"ja.r14", "{obj}の上に来てもらえる？"},
          {"ja.r15", "{obj}の真上に行ってほしい。"},
          {"ja.r16", "{obj}の上に行きましょう。"},
          {"ja.r17", "ハンドを{obj}の上に移動させたい。"},
          {"ja.r18", "{obj}の上に行くべきです。"},
          {"ja.r19", "{obj}の上に移動する必要があります。"},
          {"ja.r20", "{obj}の上に移動すること。"},
          {"ja.r21", "{obj}の上に。"},
          {"ja.r22", "{obj}の上へ。"},
          {"ja.r23", "{obj}の真上。"},
          {"ja.r24", "目標は{obj}。"},
          {"ja.r25", "グリッパを{obj}の上へ。"},
          {"ja.r26", "{obj}の方へ動いて。"},
          {"ja.r27", "{objo}指し示してください。"},
          {"ja.r28", "{objo}見せて。"},
          {"ja.r29", "{objo}上から指してくれますか。"},
          {"ja.r30", "{obj}に近寄って。"},
          {"ja.r31", "{obj}に手先を向けてください。"},
          {"ja.r32", "グリッパを{obj}の真上に合わせてください。"},
          {"ja.r33", "{objo}探して、その上に移動してください。"},
          {"ja.r34", "{objo}見つけて、その真上で止まってください。"},
          {"ja.r35", "{obj}の上に移動しなさい。"},
          {"ja.r36", "{obj}の上までお越しください。"},
          {"ja.r37", "お手数ですが、{obj}の真上まで動いていただけますか。"},
          {"ja.r38", "ロボット、{obj}の上に移動して。"},
          {"ja.r39", "次の仕事は、{obj}の上に移動すること。"},
          {"ja.r40", "グリッパは{obj}の上に。"},
          {"ja.r41", "作業指示：{obj}の真上へ移動。"},
          {"ja.r42", "{objo}見せてもらえませんか。"},
          {"ja.k4", "{obj}の頭上に寄せて。", kCalibration},
          {"ja.k5", "{objo}ターゲットにしてください。", kCalibration},
          {"ja.k6", "指先で{objo}教えて。", kCalibration},
          {"ja.h5", "{obj}の直上で待機願います。", kEvaluation},
          {"ja.h6", "{objo}狙って位置決めしてください。", kEvaluation},
          {"ja.h7", "アームの先が{obj}の上に来るようにして。", kEvaluation},
          {"ja.h8", "次は{obj}へ。", kEvaluation}};
}

}  // namespace

const Grammar& Japanese() {
  static const Grammar grammar{Language::kJapanese, WithKeptTemplates(Language::kJapanese, "pick", PickTemplates()),
                               WithKeptTemplates(Language::kJapanese, "reach", ReachTemplates()), SayJapanese,
                               JapanesePhrases};
  return grammar;
}

}  // namespace genba::envs
