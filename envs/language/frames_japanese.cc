// Japanese deeds and what an order, a prohibition and a question are made of.
#include "envs/language/frame_pieces.h"

namespace genba::envs {

namespace {

// Everything a verb is said in.
struct Verb5 {
  const char *base, *te, *nai, *masu, *imperative;
};
constexpr Verb5 kPut{"入れる", "入れて", "入れ", "入れ", "入れろ"}, kLay{"置く", "置いて", "置か", "置き", "置け"},
    kShift{"移す", "移して", "移さ", "移し", "移せ"}, kStore{"しまう", "しまって", "しまわ", "しまい", "しまえ"},
    kTidy{"片付ける", "片付けて", "片付け", "片付け", "片付けろ"},
    kDrop{"落とす", "落として", "落とさ", "落とし", "落とせ"}, kCarry{"運ぶ", "運んで", "運ば", "運び", "運べ"},
    kMove{"動かす", "動かして", "動かさ", "動かし", "動かせ"},
    kTake{"持っていく", "持っていって", "持っていか", "持っていき", "持っていけ"},
    kTransfer{"移動させる", "移動させて", "移動させ", "移動させ", "移動させろ"},
    kSort{"仕分ける", "仕分けて", "仕分け", "仕分け", "仕分けろ"},
    kThrowIn{"投入する", "投入して", "投入し", "投入し", "投入しろ"},
    kDeliver{"届ける", "届けて", "届け", "届け", "届けろ"}, kDivide{"分ける", "分けて", "分け", "分け", "分けろ"},
    kLoad{"積む", "積んで", "積ま", "積み", "積め"}, kReturn{"戻す", "戻して", "戻さ", "戻し", "戻せ"},
    kGo{"行く", "行って", "行か", "行き", "行け"}, kCome{"来る", "来て", "来", "来", "来い"},
    kTravel{"移動する", "移動して", "移動し", "移動し", "移動しろ"},
    kNear{"近づく", "近づいて", "近づか", "近づき", "近づけ"}, kPoint{"指す", "指して", "指さ", "指し", "指せ"},
    kShow{"示す", "示して", "示さ", "示し", "示せ"}, kHalt{"止まる", "止まって", "止まら", "止まり", "止まれ"},
    kAlign{"合わせる", "合わせて", "合わせ", "合わせ", "合わせろ"},
    kBring{"持ってくる", "持ってきて", "持ってこ", "持ってき", "持ってこい"},
    kSee{"見せる", "見せて", "見せ", "見せ", "見せろ"}, kClose{"閉める", "閉めて", "閉め", "閉め", "閉めろ"},
    kOpen{"開ける", "開けて", "開け", "開け", "開けろ"}, kSweep{"掃く", "掃いて", "掃か", "掃き", "掃け"},
    kWash{"洗う", "洗って", "洗わ", "洗い", "洗え"}, kWrite{"書く", "書いて", "書か", "書き", "書け"},
    kRead{"読む", "読んで", "読ま", "読み", "読め"}, kMake{"作る", "作って", "作ら", "作り", "作れ"},
    kCut{"切る", "切って", "切ら", "切り", "切れ"}, kBuy{"買う", "買って", "買わ", "買い", "買え"},
    kBurn{"焼く", "焼いて", "焼か", "焼き", "焼け"}, kFix{"直す", "直して", "直さ", "直し", "直せ"},
    kSend{"送る", "送って", "送ら", "送り", "送れ"}, kCall{"呼ぶ", "呼んで", "呼ば", "呼び", "呼べ"},
    kDrink{"飲む", "飲んで", "飲ま", "飲み", "飲め"}, kCheck{"確認する", "確認して", "確認し", "確認し", "確認しろ"},
    kSwap{"交換する", "交換して", "交換し", "交換し", "交換しろ"}, kTeach{"教える", "教えて", "教え", "教え", "教えろ"},
    kSleep{"寝る", "寝て", "寝", "寝", "寝ろ"}, kReturnHome{"帰る", "帰って", "帰ら", "帰り", "帰れ"},
    kPark{"止める", "止めて", "止め", "止め", "止めろ"};

// Several ways to lead up to a verb.
void Add(std::vector<Deed>& deeds, const std::vector<const char*>& before, const Verb5& verb) {
  for (const std::string text : before)
    deeds.push_back({text + verb.base, "", text + verb.te, text + verb.nai, text + verb.masu, text + verb.imperative});
}

std::vector<Deed> Picking() {
  std::vector<Deed> deeds;
  const std::vector<const char*> into{"{objo}{place}に", "{place}に{objo}", "{place}の中に{objo}",
                                      "{objo}取って{place}に", "{objo}つかんで{place}に"};
  for (const Verb5* verb :
       {&kPut, &kLay, &kShift, &kStore, &kTidy, &kDrop, &kSort, &kThrowIn, &kDivide, &kLoad, &kReturn})
    Add(deeds, into, *verb);
  const std::vector<const char*> towards{"{objo}{place}へ", "{objo}{place}まで", "{place}へ{objo}",
                                         "{place}まで{objo}"};
  for (const Verb5* verb : {&kCarry, &kMove, &kTake, &kTransfer, &kDeliver, &kShift}) Add(deeds, towards, *verb);
  return deeds;
}

std::vector<Deed> Reaching() {
  std::vector<Deed> deeds;
  const std::vector<const char*> above{"{obj}の上に", "{obj}の上まで", "{obj}の真上に", "{obj}の真上まで",
                                       "{obj}の方へ"};
  for (const Verb5* verb : {&kGo, &kCome, &kTravel}) Add(deeds, above, *verb);
  Add(deeds, {"{obj}に", "もっと{obj}に"}, kNear);
  for (const Verb5* verb : {&kPoint, &kShow, &kSee}) Add(deeds, {"{objo}", "上から{objo}"}, *verb);
  Add(deeds, {"{obj}の上で", "{obj}の真上で"}, kHalt);
  const std::vector<const char*> gripper{"グリッパを{obj}の上に", "手先を{obj}の上に", "ハンドを{obj}の真上に"};
  for (const Verb5* verb : {&kMove, &kAlign, &kTake, &kBring, &kTransfer}) Add(deeds, gripper, *verb);
  return deeds;
}

std::vector<Deed> OtherWork() {
  std::vector<Deed> deeds;
  Add(deeds, {"門を", "玄関の戸を", "倉庫のシャッターを"}, kClose);
  Add(deeds, {"門を", "非常口を"}, kOpen);
  Add(deeds, {"庭を", "階段を"}, kSweep);
  Add(deeds, {"皿を", "作業着を"}, kWash);
  Add(deeds, {"手紙を", "日記を"}, kWrite);
  Add(deeds, {"新聞を", "説明書を"}, kRead);
  Add(deeds, {"お茶を", "弁当を"}, kMake);
  Add(deeds, {"髪を", "ラジオの電源を"}, kCut);
  Add(deeds, {"切符を", "牛乳を"}, kBuy);
  Add(deeds, {"パンを", "魚を"}, kBurn);
  Add(deeds, {"屋根を", "自転車を"}, kFix);
  Add(deeds, {"請求書をお客さんに", "荷物を東京に"}, kSend);
  Add(deeds, {"救急車を", "課長を"}, kCall);
  Add(deeds, {"水を", "薬を"}, kDrink);
  Add(deeds, {"圧力を", "予定表を"}, kCheck);
  Add(deeds, {"フィルターを", "名刺を"}, kSwap);
  Add(deeds, {"駅までの道を", "新人に仕事を"}, kTeach);
  Add(deeds, {"少し", "早めに"}, kSleep);
  Add(deeds, {"家に", "先に"}, kReturnHome);
  Add(deeds, {"フォークリフトを", "車を車庫に"}, kPark);
  Add(deeds, {"はしごを壁に", "財布を鞄に"}, kLay);
  Add(deeds, {"コートを押し入れに", "砂糖を紅茶に"}, kPut);
  Add(deeds, {"荷物を二階へ", "書類を事務所まで"}, kCarry);
  Add(deeds, {"写真を", "出口を"}, kSee);
  Add(deeds, {"食堂に", "病院まで"}, kGo);
  return deeds;
}

std::vector<Manner> Ordering() {
  return {{"{te}。"},
          {"{te}。"},
          {"{te}ください。"},
          {"{te}ください。"},
          {"{te}くださいますか。"},
          {"{te}くださいませんか。"},
          {"{te}くれ。"},
          {"{te}くれる？"},
          {"{te}くれない？"},
          {"{te}くれますか。"},
          {"{te}くれませんか。"},
          {"{te}もらえる？"},
          {"{te}もらえない？"},
          {"{te}もらえますか。"},
          {"{te}もらえませんか。"},
          {"{te}もらってもいいですか。"},
          {"{te}もらいたい。"},
          {"{te}もらいたいのですが。"},
          {"{te}もらいましょう。"},
          {"{te}いただけますか。"},
          {"{te}いただけませんか。"},
          {"{te}いただきたいです。"},
          {"{te}いただけると助かります。"},
          {"{te}いただければ幸いです。"},
          {"{te}ほしい。"},
          {"{te}ほしいです。"},
          {"{te}ほしいのですが。"},
          {"{te}ほしいんだ。"},
          {"{te}おいて。"},
          {"{te}おいてください。"},
          {"{te}おいてくれますか。"},
          {"{te}おいてほしい。"},
          {"{te}おきましょう。"},
          {"{te}みて。"},
          {"{te}みてください。"},
          {"{te}もいいよ。"},
          {"{te}もいいですよ。"},
          {"{te}も構いません。"},
          {"{te}くれると嬉しい。"},
          {"{te}くれると助かるよ。"},
          {"{te}もらえると助かります。"},
          {"{te}もらえるとありがたい。"},
          {"{te}くださると幸いです。"},
          {"{te}よ。"},
          {"{te}ね。"},
          {"{te}くださいね。"},
          {"{te}くださいよ。"},
          {"{te}しまおう。"},
          {"{te}から次に進みます。"},
          {"{base}こと。"},
          {"{base}ことです。"},
          {"{base}ように。"},
          {"{base}ように頼みます。"},
          {"{base}ようお願いします。"},
          {"{base}ようにして。"},
          {"{base}ようにお願いします。"},
          {"{base}のがあなたの仕事です。"},
          {"{base}のが次の仕事。"},
          {"{base}のが目的です。"},
          {"{base}のをお願いします。"},
          {"{base}のを頼みます。"},
          {"{base}のを頼めますか。"},
          {"{base}のを忘れないで。"},
          {"{base}のを忘れないでください。"},
          {"{base}のを手伝って。"},
          {"{base}べきだ。"},
          {"{base}べきです。"},
          {"{base}必要がある。"},
          {"{base}必要があります。"},
          {"{base}作業をお願いします。"},
          {"{base}作業に入ってください。"},
          {"{base}よう指示します。"},
          {"{base}よう頼まれています。"},
          {"{base}ことになっています。"},
          {"{base}ことにしましょう。"},
          {"{base}だけでいいです。"},
          {"{base}ほうがいい。"},
          {"{base}ほうがいいです。"},
          {"{base}といいです。"},
          {"{base}んですよ。"},
          {"{base}んだよ。"},
          {"{base}時間です。"},
          {"{base}番です。"},
          {"{base}までが仕事です。"},
          {"{base}。"},
          {"{base}。"},
          {"{masu}ます。"},
          {"{masu}ましょう。"},
          {"{masu}ましょうか。"},
          {"{masu}なさい。"},
          {"{masu}たいです。"},
          {"{masu}たいのですが。"},
          {"{masu}始めてください。"},
          {"{imp}。"},
          {"{imp}。"},
          {"{imp}よ。"},
          {"{nai}ないといけません。"},
          {"{nai}ないとだめです。"},
          {"{nai}なければなりません。"},
          {"{nai}なければいけない。"},
          {"{nai}なくてはいけません。"},
          {"{nai}ないと困ります。"},
          {"{nai}ないわけにはいきません。"},
          {"{nai}ないうちは終わりません。"}};
}

std::vector<Manner> Prohibiting() {
  return {{"{nai}ないで。"},
          {"{nai}ないで。"},
          {"{nai}ないでください。"},
          {"{nai}ないでください。"},
          {"{nai}ないでくださいね。"},
          {"{nai}ないでくださいますか。"},
          {"{nai}ないでくれ。"},
          {"{nai}ないでくれる？"},
          {"{nai}ないでくれますか。"},
          {"{nai}ないでくれませんか。"},
          {"{nai}ないでもらえる？"},
          {"{nai}ないでもらえますか。"},
          {"{nai}ないでもらえませんか。"},
          {"{nai}ないでもらいたい。"},
          {"{nai}ないでいただけますか。"},
          {"{nai}ないでいただきたいです。"},
          {"{nai}ないでいただけると助かります。"},
          {"{nai}ないでほしい。"},
          {"{nai}ないでほしいです。"},
          {"{nai}ないでほしいのですが。"},
          {"{nai}ないでおいて。"},
          {"{nai}ないでおいてください。"},
          {"{nai}ないでおきましょう。"},
          {"{nai}ないでくれると助かるよ。"},
          {"{nai}ないでもらえると助かります。"},
          {"{nai}ないでよ。"},
          {"{nai}ないでね。"},
          {"{nai}ないこと。"},
          {"{nai}ないことです。"},
          {"{nai}ないように。"},
          {"{nai}ないように頼みます。"},
          {"{nai}ないようにして。"},
          {"{nai}ないようにしてください。"},
          {"{nai}ないようにお願いします。"},
          {"{nai}ないように気をつけて。"},
          {"{nai}ないのが決まりです。"},
          {"{nai}ないのが目的です。"},
          {"{nai}ないのをお願いします。"},
          {"{nai}ないことになっています。"},
          {"{nai}ないことにしましょう。"},
          {"{nai}ないほうがいい。"},
          {"{nai}ないほうがいいです。"},
          {"{nai}ないと約束して。"},
          {"{nai}ない。"},
          {"{nai}ないよ。"},
          {"{nai}ずにいて。"},
          {"{nai}ずにいてください。"},
          {"{nai}ずにおいて。"},
          {"{base}な。"},
          {"{base}な。"},
          {"{base}なよ。"},
          {"{base}なと言っている。"},
          {"{base}のは禁止。"},
          {"{base}のは禁止です。"},
          {"{base}のはやめて。"},
          {"{base}のはやめて。"},
          {"{base}のはやめてください。"},
          {"{base}のはやめましょう。"},
          {"{base}のはやめるように。"},
          {"{base}のはだめ。"},
          {"{base}のはだめです。"},
          {"{base}のはいけません。"},
          {"{base}のはよくない。"},
          {"{base}のはよしてください。"},
          {"{base}のは危険です。"},
          {"{base}のは危ないからだめ。"},
          {"{base}のは避けてください。"},
          {"{base}のは避けて。"},
          {"{base}のは間違いです。"},
          {"{base}のは反対です。"},
          {"{base}のは中止。"},
          {"{base}べきではない。"},
          {"{base}べきではありません。"},
          {"{base}ことは禁止されています。"},
          {"{base}ことのないように。"},
          {"{base}ことは認めない。"},
          {"{base}わけにはいかない。"},
          {"{base}わけにはいきません。"},
          {"{te}はいけない。"},
          {"{te}はいけない。"},
          {"{te}はいけません。"},
          {"{te}はだめ。"},
          {"{te}はだめです。"},
          {"{te}はならない。"},
          {"{te}はなりません。"},
          {"{te}はまずい。"},
          {"{te}もらいたくない。"},
          {"{te}ほしいわけではない。"},
          {"{te}いいわけがない。"},
          {"{masu}ません。"},
          {"{masu}ませんように。"},
          {"{masu}たくない。"},
          {"{masu}なさるな。"},
          {"{masu}そうになったらやめて。"}};
}

std::vector<Manner> Asking() {
  return {{"{ta}？"},
          {"{ta}の？"},
          {"{ta}か。"},
          {"{ta}のですか。"},
          {"{ta}ことはありますか。"},
          {"{ta}ことがある？"},
          {"{ta}のはいつですか。"},
          {"{ta}のはどうしてですか。"},
          {"{ta}のはなぜ？"},
          {"{ta}人は誰ですか。"},
          {"{ta}あと、どうなりましたか。"},
          {"{te}いますか。"},
          {"{te}いるのですか。"},
          {"{te}どうするのですか。"},
          {"{te}何になるの？"},
          {"{te}何が分かりますか。"},
          {"{te}よかったと思いますか。"},
          {"{base}のは難しいですか。"},
          {"{base}のは簡単ですか。"},
          {"{base}にはどうすればいいですか。"},
          {"{base}のはいつですか。"},
          {"{base}のはなぜですか。"},
          {"{base}のは誰の仕事ですか。"},
          {"{base}のは誰ですか。"},
          {"{base}のは好きですか。"},
          {"{base}のは何のためですか。"},
          {"{base}方法を知っていますか。"},
          {"{base}方法は何ですか。"},
          {"{base}と何が起きますか。"},
          {"{base}とどうなるの？"},
          {"{base}意味はありますか。"},
          {"{base}のに何分かかりますか。"},
          {"{base}のに何が要りますか。"},
          {"{base}予定はありますか。"},
          {"{base}ことはよくありますか。"},
          {"{base}ように言ったのは誰？"},
          {"{base}つもりだったのですか。"},
          {"{base}のかな。"},
          {"{base}のでしょうか。"},
          {"{base}かどうか知っていますか。"},
          {"{masu}ましたか。"},
          {"{masu}ましたっけ。"},
          {"{masu}ませんでしたか。"},
          {"{nai}なかったのですか。"},
          {"{nai}なかったのはなぜ？"},
          {"{nai}なかったらどうなりますか。"}};
}

std::vector<Manner> PickStatements() {
  return {{"{place}には{obj}が必要です。"},
          {"{place}が{objo}待っています。"},
          {"{obj}の行き先は{place}です。"},
          {"{obj}の行き先は{place}。"},
          {"{obj}は{place}のものです。"},
          {"{place}に入るべきは{obj}です。"},
          {"{place}に足りないのは{obj}です。"},
          {"{place}に欲しいのは{obj}です。"},
          {"{place}に必要なのは{obj}。"},
          {"{obj}が{place}で必要です。"},
          {"{obj}なら{place}。"},
          {"{obj}なら{place}です。"},
          {"{place}用に{objo}。"},
          {"机の上から{place}へ、{objo}。"},
          {"{obj}を、{place}に。"},
          {"{obj} → {place}。"},
          {"{place}へは{obj}を頼む。"},
          {"欲しいのは{place}の{obj}。"},
          {"{obj}、それを{place}に。"}};
}

std::vector<Manner> PickNegations() {
  return {{"{place}に{obj}は要りません。"},
          {"{place}には{obj}は不要です。"},
          {"{obj}の行き先は{place}ではありません。"},
          {"{obj}は{place}のものではありません。"},
          {"{place}に入るべきは{obj}ではない。"},
          {"{place}に欲しいのは{obj}ではない。"},
          {"{place}に必要なのは{obj}ではありません。"},
          {"{obj}は{place}ではない。"},
          {"{obj}を{place}に？だめ。"},
          {"{obj}は{place}に入ってはいけない。"},
          {"{place}へ{obj}を持ち込まない。"},
          {"{obj}と{place}は別々に。"},
          {"{place}に{obj}があってはいけません。"},
          {"{place}に{obj}はやめて。"},
          {"{obj}を{place}に、は間違い。"},
          {"{obj}、これは{place}にはだめ。"}};
}

std::vector<Manner> ReachStatements() {
  return {{"欲しいのは{obj}の位置です。"}, {"目指すのは{obj}。"},     {"行き先は{obj}の真上です。"},
          {"{obj}、その上へ。"},           {"見たいのは{obj}です。"}, {"グリッパは{obj}の真上へ。"},
          {"次に指すのは{obj}です。"}};
}

std::vector<Manner> ReachNegations() {
  return {{"目指すのは{obj}ではない。"},
          {"行き先は{obj}の上ではありません。"},
          {"見たいのは{obj}ではありません。"},
          {"{obj}の上はだめ。"},
          {"{obj}の上はやめて。"},
          {"グリッパは{obj}から離して。"},
          {"次に指すのは{obj}ではない。"}};
}

std::vector<Manner> RemarksOnParts() {
  return {{"{obj}はきれいですね。"},
          {"{obj}が好きです。"},
          {"{obj}は重そうだね。"},
          {"{obj}は大阪から来ました。"},
          {"ここに{obj}がありますね。"},
          {"これが{obj}か。"},
          {"また{obj}か。"},
          {"{obj}は高いらしいよ。"},
          {"{obj}を見ると昔を思い出します。"},
          {"{obj}の夢を見ました。"},
          {"図面には{obj}が描いてあります。"},
          {"説明書に{obj}の頁があります。"},
          {"お客さんは{obj}が好きだそうです。"},
          {"{obj}ほど光るものはない。"},
          {"{obj}みたいな部品が多いですね。"},
          {"みんな{obj}の話をしています。"},
          {"{obj}は隣の店でも売っています。"},
          {"{obj}、いい形だなあ。"},
          {"{obj}がよく見えます。"},
          {"{obj}の話をしましょうか。"},
          {"{obj}はおもちゃのようだ。"},
          {"たしか{obj}もあったはずです。"},
          {"うちの子は{obj}と呼んでいます。"},
          {"{obj}には苦労しました。"}};
}

std::vector<Manner> RemarksOnBins() {
  return {{"{place}と{obj}、いい組み合わせですね。"},
          {"{place}の隣に{obj}があります。"},
          {"{place}はいっぱいのようです。"},
          {"{place}は{obj}より大きい。"},
          {"誰かが{place}に落書きしました。"},
          {"{obj}と{place}が見えます。"},
          {"{place}にほこりがたまっています。"},
          {"{place}は去年買いました。"},
          {"{obj}は{place}には大きすぎるらしい。"},
          {"{place}が少しきしみます。"},
          {"写真では{obj}が{place}に写っています。"},
          {"{place}の{obj}を見ると去年を思い出します。"},
          {"{place}の話は長くなります。"},
          {"{obj}のことも{place}のことも聞きました。"}};
}

}  // namespace

const FramePieces& JapaneseFrames() {
  static const FramePieces pieces{
      {Picking(), Reaching()},
      OtherWork(),
      {Ordering(), Prohibiting(), Asking()},
      {RemarksOnParts(), RemarksOnBins()},
      {{{PickStatements(), PickNegations()}, {ReachStatements(), ReachNegations()}}},
      {{{{"早く"},
         {"すぐに"},
         {"では、"},
         {"次は"},
         {"そっと"},
         {"丁寧に"},
         {"ゆっくり"},
         {"今すぐ"},
         {"今度は"},
         {"できれば"},
         {"悪いけど、"},
         {"すまないが、"},
         {"恐れ入りますが、"},
         {"忙しいところすみませんが、"},
         {"ロボットさん、"}},
        {{"絶対に"},
         {"決して"},
         {"いいか、"},
         {"悪いけど、"},
         {"今は"},
         {"まだ"},
         {"二度と"},
         {"間違っても"},
         {"すまないが、"},
         {"恐れ入りますが、"},
         {"もう"},
         {"どんなことがあっても"}},
        {{"もう"}, {"本当に"}, {"昨日、"}, {"さっき、"}, {"ところで、"}, {"ちなみに、"}, {"ロボットさん、"}}}}};
  return pieces;
}

}  // namespace genba::envs
