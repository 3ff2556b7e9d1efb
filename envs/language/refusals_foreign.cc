// The meaning of an order in a tongue or script that the cell does not speak: a few small tables. One part is named by
// colour and shape; numbers and exceptions are left to the languages that are understood.
#include "envs/language/refusal_grammar.h"

namespace genba::envs {

namespace {

using Use::kCalibration, Use::kEvaluation;

struct Gendered {  // a colour as it stands with nouns of two or three genders
  std::array<const char*, 3> forms;
};
struct Noun {
  const char* phrase;  // the object as the verb wants it, with {c} for the colour
  int gender = 0;
};
struct Tongue {
  const char* name;
  std::array<Gendered, kNumColours> colours;
  std::array<Noun, kNumShapes> shapes;
  std::array<const char*, kNumPlaces> places;  // as the verb wants them
  PatternList pick, reach;
};

const std::vector<Tongue>& WrongScripts() {
  static const std::vector<Tongue> tongues{
      {"romaji",
       {{{{"akai"}}, {{"aoi"}}, {{"midori no"}}, {{"kiiroi"}}, {{"murasaki no"}}, {{"shiroi"}}}},
       {{{"{c} boruto"}, {"{c} natto"}, {"{c} haguruma"}}},
       {"hidari no hako", "mannaka no hako", "migi no hako"},
       {{"{o} wo {p} ni irete."},
        {"{o} wo {p} ni irete kudasai."},
        {"{p} ni {o} wo oite."},
        {"{o} wo {p} ni utsushite moraemasu ka?"},
        {"{o} wo totte, {p} e onegai shimasu.", kEvaluation},
        {"{p} no naka ni {o} wo oitoite.", kCalibration}},
       {{"{o} no ue ni idou shite."},
        {"{o} no maue e ugoite kudasai."},
        {"{o} ni chikazuite kudasai."},
        {"{o} wo shimeshite."},
        {"tsugi wa {o} made itte kure.", kEvaluation},
        {"hando wo {o} no ue ni motteitte.", kCalibration},
        {"{o} no tokoro made susunde.", kEvaluation},
        {"{o} ga mitai desu.", kCalibration}}},
      {"german",
       {{{{"roten", "rote", "rote"}},
         {{"blauen", "blaue", "blaue"}},
         {{"grünen", "grüne", "grüne"}},
         {{"gelben", "gelbe", "gelbe"}},
         {{"violetten", "violette", "violette"}},
         {{"weißen", "weiße", "weiße"}}}},
       {{{"den {c} Bolzen", 0}, {"die {c} Mutter", 1}, {"das {c} Zahnrad", 2}}},
       {"die linke Kiste", "die mittlere Kiste", "die rechte Kiste"},
       {{"Leg {o} in {p}."},
        {"Bitte lege {o} in {p}."},
        {"Könntest du {o} in {p} legen?"},
        {"Nimm {o} und ab damit in {p}."},
        {"Ich möchte {o} in {p} gelegt haben.", kEvaluation},
        {"Ab in {p} mit dem, was ich meine: {o}.", kCalibration}},
       {{"Zeig mir {o}."},
        {"Fahr über {o}."},
        {"Bitte bring den Greifer über {o}."},
        {"Könntest du über {o} fahren?"},
        {"Der Greifer soll über {o}.", kEvaluation},
        {"Steuer mal {o} an, bitte.", kCalibration},
        {"Ich will {o} sehen.", kEvaluation},
        {"Deute auf {o}.", kCalibration}}},
      {"chinese",
       {{{{"红色的"}}, {{"蓝色的"}}, {{"绿色的"}}, {{"黄色的"}}, {{"紫色的"}}, {{"白色的"}}}},
       {{{"{c}螺栓"}, {"{c}螺母"}, {"{c}齿轮"}}},
       {"左边的箱子", "中间的箱子", "右边的箱子"},
       {{"把{o}放进{p}。"},
        {"请把{o}放到{p}里。"},
        {"拿起{o}，放进{p}。"},
        {"能不能把{o}放进{p}？"},
        {"{o}应该放在{p}里。", kEvaluation},
        {"麻烦把{o}搬到{p}里去。", kCalibration}},
       {{"移动到{o}上方。"},
        {"请移到{o}的正上方。"},
        {"指一下{o}。"},
        {"把夹爪移到{o}上面。"},
        {"夹爪应该在{o}上方。", kEvaluation},
        {"靠近一下{o}好吗？", kCalibration},
        {"去{o}那里。", kEvaluation},
        {"请对准{o}。", kCalibration}}},
      {"korean",
       {{{{"빨간"}}, {{"파란"}}, {{"초록색"}}, {{"노란"}}, {{"보라색"}}, {{"하얀"}}}},
       {{{"{c} 볼트를"}, {"{c} 너트를"}, {"{c} 기어를"}}},
       {"왼쪽 상자", "가운데 상자", "오른쪽 상자"},
       {{"{o} {p}에 넣어 주세요."},
        {"{o} {p}에 넣어."},
        {"{p}에 {o} 놓아 주세요."},
        {"{o} 집어서 {p}에 넣어 줄래요?"},
        {"{o} {p}로 옮겨 주시겠어요?", kEvaluation},
        {"{o} {p} 안에 두세요.", kCalibration}},
       {{"{o} 가리켜 주세요."},
        {"그리퍼로 {o} 가리켜."},
        {"{o} 보여 주세요."},
        {"위에서 {o} 가리켜 줄래요?"},
        {"{o} 향해 움직여 주시겠어요?", kEvaluation},
        {"그리퍼를 움직여 {o} 겨누세요.", kCalibration},
        {"{o} 찾아서 멈추세요.", kEvaluation},
        {"{o} 보고 싶어요.", kCalibration}}},
      {"russian",
       {{{{"красный", "красную"}},
         {{"синий", "синюю"}},
         {{"зелёный", "зелёную"}},
         {{"жёлтый", "жёлтую"}},
         {{"фиолетовый", "фиолетовую"}},
         {{"белый", "белую"}}}},
       {{{"{c} болт", 0}, {"{c} гайку", 1}, {"{c} шестерню", 1}}},
       {"левый ящик", "средний ящик", "правый ящик"},
       {{"Положи {o} в {p}."},
        {"Пожалуйста, положи {o} в {p}."},
        {"Возьми {o} и положи в {p}."},
        {"Не мог бы ты положить {o} в {p}?"},
        {"Нужно убрать {o} в {p}.", kEvaluation},
        {"Перенеси {o} в {p}.", kCalibration}},
       {{"Покажи {o}."},
        {"Наведи захват на {o}."},
        {"Пожалуйста, укажи на {o}."},
        {"Не мог бы ты навести захват на {o}?"},
        {"Нужно навести захват на {o}.", kEvaluation},
        {"Подведи захват так, чтобы достать {o}.", kCalibration},
        {"Хочу увидеть {o}.", kEvaluation},
        {"Найди {o}.", kCalibration}}}};
  return tongues;
}

const std::vector<Tongue>& WrongLanguages() {
  static const std::vector<Tongue> tongues{
      {"french",
       {{{{"rouge", "rouge"}},
         {{"bleu", "bleue"}},
         {{"vert", "verte"}},
         {{"jaune", "jaune"}},
         {{"violet", "violette"}},
         {{"blanc", "blanche"}}}},
       {{{"le boulon {c}", 0}, {"l'écrou {c}", 0}, {"la roue dentée {c}", 1}}},
       {"le bac de gauche", "le bac du milieu", "le bac de droite"},
       {{"Mets {o} dans {p}."},
        {"Mets {o} dans {p}, s'il te plaît."},
        {"Pourrais-tu mettre {o} dans {p} ?"},
        {"Je voudrais {o} dans {p}."},
        {"Il faut placer {o} dans {p}."}},
       {{"Montre-moi {o}."},
        {"Survole {o}."},
        {"Désigne {o}, s'il te plaît."},
        {"Pourrais-tu survoler {o} ?"},
        {"Vise {o} avec la pince."}}},
      {"spanish",
       {{{{"rojo", "roja"}},
         {{"azul", "azul"}},
         {{"verde", "verde"}},
         {{"amarillo", "amarilla"}},
         {{"morado", "morada"}},
         {{"blanco", "blanca"}}}},
       {{{"el tornillo {c}", 0}, {"la tuerca {c}", 1}, {"el engranaje {c}", 0}}},
       {"la caja de la izquierda", "la caja del medio", "la caja de la derecha"},
       {{"Pon {o} en {p}."},
        {"Por favor, pon {o} en {p}."},
        {"¿Podrías poner {o} en {p}?"},
        {"Quiero {o} en {p}."},
        {"Hay que meter {o} en {p}."}},
       {{"Muéstrame {o}."},
        {"Señala {o}."},
        {"Por favor, apunta hacia {o}."},
        {"¿Podrías señalar {o}?"},
        {"Lleva la pinza hasta {o}."}}},
      {"vietnamese",
       {{{{"màu đỏ"}}, {{"màu xanh dương"}}, {{"màu xanh lá"}}, {{"màu vàng"}}, {{"màu tím"}}, {{"màu trắng"}}}},
       {{{"con bu lông {c}"}, {"cái đai ốc {c}"}, {"cái bánh răng {c}"}}},
       {"hộp bên trái", "hộp ở giữa", "hộp bên phải"},
       {{"Đặt {o} vào {p}."},
        {"Hãy bỏ {o} vào {p}."},
        {"Làm ơn cho {o} vào {p}."},
        {"Bạn có thể đặt {o} vào {p} không?"},
        {"Lấy {o} rồi bỏ vào {p}."}},
       {{"Di chuyển đến phía trên {o}."},
        {"Chỉ cho tôi {o}."},
        {"Làm ơn chỉ vào {o}."},
        {"Bạn có thể di chuyển đến {o} không?"},
        {"Đưa tay gắp lên trên {o}."}}}};
  return tongues;
}

// One of those for a use; its number is its name.
std::size_t DrawIndex(const PatternList& patterns, Use use, Rng& rng) {
  std::vector<std::size_t> choices;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    if (patterns[i].use == use) choices.push_back(i);
  }
  return rng.Pick(choices);
}

std::string Ending(std::string text, Rng& rng) {  // people who type leave it out
  for (const std::string mark : {".", "。"}) {
    if (text.ends_with(mark) && rng.Chance(0.4)) text.erase(text.size() - mark.size());
  }
  return text;
}

Refusal SayIn(const std::vector<Tongue>& tongues, Use use, const RefusalDraw& draw) {
  const Tongue& tongue = draw.rng.Pick(tongues);
  const Order& order = draw.scene.order;
  const PatternList& patterns = order.verb == Verb::kPick ? tongue.pick : tongue.reach;
  const std::size_t index = DrawIndex(patterns, use, draw.rng);
  const ScenePart part = OneMeant(draw);
  const Noun& noun = tongue.shapes[static_cast<std::size_t>(part.shape)];
  const Gendered& colour = tongue.colours[static_cast<std::size_t>(part.colour)];
  const std::string object = Replaced(noun.phrase, "{c}", colour.forms.at(static_cast<std::size_t>(noun.gender)));
  std::string text = Replaced(patterns[index].text, "{o}", object);
  if (order.verb == Verb::kPick) text = Replaced(text, "{p}", tongue.places[static_cast<std::size_t>(order.place) - 1]);
  const std::string id = std::string(tongue.name) + "." + Mark(use) + std::string(Name(order.verb)).substr(0, 1);
  return draw.Said(Ending(text, draw.rng), id + std::to_string(index + 1));
}

}  // namespace

std::optional<Refusal> SayWrongScript(const RefusalDraw& draw) { return SayIn(WrongScripts(), draw.use(), draw); }
std::optional<Refusal> SayWrongLanguage(const RefusalDraw& draw) {
  return SayIn(WrongLanguages(), Use::kTraining, draw);
}

}  // namespace genba::envs
