// Plans and cells ⇄ JSON, as stored with every episode. Every field is named once, in a Visit; a new one is one line.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/error.h"
#include "core/json.h"
#include "envs/scene.h"
#include "envs/task.h"

namespace genba::envs {

namespace {

using Json = nlohmann::json;

constexpr JsonLimits kLimits{.depth = 8, .bytes = 1 << 20, .values = 1 << 14};
constexpr std::size_t kMaxTextBytes = 4096;  // of an instruction

template <class Enum>
constexpr int kNumChoices = 0;
template <>
constexpr int kNumChoices<sim::PartShape> = sim::kNumPartShapes;
template <>
constexpr int kNumChoices<sim::PartColour> = sim::kNumPartColours;
template <>
constexpr int kNumChoices<Language> = 2;
template <>
constexpr int kNumChoices<Split> = static_cast<int>(kSplits.size());
template <>
constexpr int kNumChoices<Answer> = kNumAnswers;

// One fixture of the stored list, whatever its kind.
struct StoredFixture {
  std::string kind;
  std::array<double, 3> p{};
  double yaw = 0;
  std::vector<double> size{};
  std::optional<double> friction{};      // table
  std::optional<sim::PartColour> tag{};  // bin
};

struct StoredArm {
  std::string robot = "ur5e", tool = "parallel_gripper";
  std::array<double, 3> base{};
  double yaw = 0;
  double pad_friction = 0;  // of the tool
};

struct StoredCell {
  double timestep = 0;
  std::vector<StoredArm> arms;
  std::vector<StoredFixture> fixtures;
  std::vector<sim::PartSpec> parts;
};

template <class Io, class T>
requires std::is_same_v<std::remove_const_t<T>, StoredArm>
void Visit(Io& io, T& arm) {
  io("robot", arm.robot);
  io("tool", arm.tool);
  io("base", arm.base);
  io("yaw", arm.yaw);
  io("pad_friction", arm.pad_friction);
}

template <class Io, class T>
requires std::is_same_v<std::remove_const_t<T>, StoredFixture>
void Visit(Io& io, T& fixture) {
  io("kind", fixture.kind);
  io("p", fixture.p);
  io("yaw", fixture.yaw);
  io("size", fixture.size);
  io("friction", fixture.friction);
  io("tag", fixture.tag);
}

template <class Io, class T>
requires std::is_same_v<std::remove_const_t<T>, sim::PartSpec>
void Visit(Io& io, T& part) {
  io("present", part.present);
  io("shape", part.shape);
  io("colour", part.colour);
  io("size", part.size);
  io("density_scale", part.density_scale);
  io("friction", part.friction);
  io("p", part.position);
  io("yaw", part.yaw);
}

template <class Io, class T>
requires std::is_same_v<std::remove_const_t<T>, StoredCell>
void Visit(Io& io, T& cell) {
  io("timestep", cell.timestep);
  io("arms", cell.arms);
  io("fixtures", cell.fixtures);
  io("parts", cell.parts);
}

template <class Io, class T>
requires std::is_same_v<std::remove_const_t<T>, ScenePart>
void Visit(Io& io, T& part) {
  io("colour", part.colour);
  io("shape", part.shape);
}

template <class Io, class T>
requires std::is_same_v<std::remove_const_t<T>, EpisodePlan>
void Visit(Io& io, T& plan) {
  io("seed", plan.seed);
  io("episode", plan.episode);
  io("parts", plan.parts);
  io("order", plan.order);
  io("old_order", plan.old_order);
  io("language", plan.language);
  io("split", plan.split);
  io("text", plan.text);
  io("template", plan.template_id);
  io("disturbances", plan.disturbances);
  io("chance", plan.chance);
  io("expect", plan.expect);
  io("family", plan.family);
}

class Writer {
 public:
  template <class T>
  static Json ToValue(const T& value) {
    if constexpr (std::is_enum_v<T>) {
      return Name(value);
    } else if constexpr (std::is_same_v<T, Order>) {
      return ToText(value);
    } else if constexpr (std::is_same_v<T, Disturbances>) {
      return envs::ToJson(value);
    } else if constexpr (std::is_same_v<T, Eigen::Vector2d>) {
      return {value.x(), value.y()};
    } else if constexpr (std::is_constructible_v<Json, const T&>) {
      return value;
    } else {
      Writer writer;
      Visit(writer, value);
      return std::move(writer.object_);
    }
  }
  template <class T>
  static Json ToValue(const std::vector<T>& values) {
    Json list = Json::array();
    for (const T& value : values) list.push_back(ToValue(value));
    return list;
  }

  template <class T>
  void operator()(const char* key, const T& value) {
    object_[key] = ToValue(value);
  }
  template <class T>
  void operator()(const char* key, const std::optional<T>& value) {  // nothing: no key
    if (value) object_[key] = ToValue(*value);
  }

 private:
  Json object_ = Json::object();
};

// Takes every key of an object exactly once; what is left over is refused by name.
class Reader {
 public:
  Reader(const Json& object, std::string at, std::string file)
      : object_(object), at_(std::move(at)), file_(std::move(file)) {
    if (!object.is_object()) throw BadInput({file_, at_, "an object", Shown(object)});
  }

  template <class T>
  void operator()(const char* key, T& value) {
    Take(JsonField(object_, key, file_), at_ + key, value);
    known_.emplace_back(key);
  }
  template <class T>
  void operator()(const char* key, std::optional<T>& value) {
    known_.emplace_back(key);
    if (!object_.contains(key)) return;
    Take(object_[key], at_ + key, value.emplace());
  }

  template <class T>
  static void ReadAll(const Json& json, const std::string& at, const std::string& file, T& value) {
    Reader reader(json, at, file);
    Visit(reader, value);
    for (const auto& [key, unused] : json.items()) {
      if (std::find(reader.known_.begin(), reader.known_.end(), key) == reader.known_.end())
        throw BadInput({file, at + key.substr(0, 60), "no such key", Shown(unused)});
    }
  }

 private:
  template <class T>
  void Take(const Json& json, const std::string& key, T& value) const {
    if constexpr (std::is_same_v<T, bool>) {
      if (!json.is_boolean()) throw BadInput({file_, key, "true or false", Shown(json)});
      value = json.get<bool>();
    } else if constexpr (std::is_same_v<T, double>) {
      value = NumberOf(json, key, file_, -1e9, 1e9);
    } else if constexpr (std::is_same_v<T, std::uint64_t>) {
      value = UintOf(json, key, file_, UINT64_MAX);
    } else if constexpr (std::is_same_v<T, std::string>) {
      value = TextOf(json, key, file_, kMaxTextBytes);
    } else if constexpr (std::is_same_v<T, Order>) {
      value = OrderFromText(TextOf(json, key, file_, kMaxTextBytes), file_ + ": " + key);
    } else if constexpr (std::is_same_v<T, Disturbances>) {
      value = DisturbancesFromJson(json, file_);
    } else if constexpr (std::is_same_v<T, Eigen::Vector2d>) {
      std::array<double, 2> pair{};
      Take(json, key, pair);
      value = {pair[0], pair[1]};
    } else if constexpr (std::is_enum_v<T>) {
      value = Choice<T>(TextOf(json, key, file_, kMaxTextBytes), key);
    } else {
      ReadAll(json, key + ".", file_, value);
    }
  }
  template <class T, std::size_t kSize>
  void Take(const Json& json, const std::string& key, std::array<T, kSize>& values) const {
    if (!json.is_array() || json.size() != kSize)
      throw BadInput({file_, key, std::to_string(kSize) + " numbers", Shown(json)});
    for (std::size_t i = 0; i < kSize; ++i) Take(json[i], key + "[" + std::to_string(i) + "]", values[i]);
  }
  template <class T>
  void Take(const Json& json, const std::string& key, std::vector<T>& values) const {
    constexpr std::size_t kMaxItems = 64;  // no list of a cell or plan is as long
    if (!json.is_array() || json.size() > kMaxItems)
      throw BadInput({file_, key, "a list of at most " + std::to_string(kMaxItems), Shown(json)});
    values.resize(json.size());
    for (std::size_t i = 0; i < values.size(); ++i) Take(json[i], key + "[" + std::to_string(i) + "]", values[i]);
  }
  template <class Enum>
  Enum Choice(const std::string& text, const std::string& key) const {
    std::string choices;
    for (int i = 0; i < kNumChoices<Enum>; ++i) {
      const char* name = Name(static_cast<Enum>(i));
      if (text == name) return static_cast<Enum>(i);
      choices += (i == 0 ? "" : " | ") + std::string(name);
    }
    throw BadInput({file_, key, choices, Shown(text)});
  }

  const Json& object_;
  std::string at_, file_;
  std::vector<std::string> known_;
};

StoredFixture Stored(const sim::TableSpec& table) {
  return {.kind = "table",
          .p = {table.centre.x(), table.centre.y(), 0},
          .size = {table.half.x(), table.half.y(), table.height},
          .friction = table.friction};
}

StoredFixture Stored(const sim::BinSpec& bin) {
  return {.kind = "bin",
          .p = {bin.centre.x(), bin.centre.y(), 0},
          .yaw = bin.yaw,
          .size = {bin.half_inner.x(), bin.half_inner.y(), bin.height, bin.wall},
          .tag = bin.tag};
}

sim::TableSpec Table(const StoredFixture& stored) {
  return {{stored.p[0], stored.p[1]}, {stored.size[0], stored.size[1]}, stored.size[2], *stored.friction};
}

sim::BinSpec Bin(const StoredFixture& stored) {
  return {{stored.p[0], stored.p[1]},
          stored.yaw,
          {stored.size[0], stored.size[1]},
          stored.size[2],
          stored.size[3],
          *stored.tag};
}

// What today's builder can make of the stored form: one arm of one kind at the origin, one table, bins that stand on
// it.
sim::CellSpec Built(const StoredCell& stored, const std::string& file) {
  const auto expect = [&](bool holds, const std::string& key, const std::string& expected, const std::string& got) {
    if (!holds) throw BadInput({file, key, expected, got});
  };
  expect(stored.arms.size() == 1, "arms", "one", std::to_string(stored.arms.size()));
  const StoredArm& arm = stored.arms[0];
  expect(arm.robot == "ur5e", "arms[0].robot", "ur5e", Shown(arm.robot));
  expect(arm.tool == "parallel_gripper", "arms[0].tool", "parallel_gripper", Shown(arm.tool));
  expect(arm.base == StoredArm{}.base && arm.yaw == 0, "arms[0].base", "the origin, not turned", "another place");
  sim::CellSpec cell{
      .timestep = stored.timestep, .pad_friction = arm.pad_friction, .table = {}, .bins = {}, .parts = stored.parts};
  int num_tables = 0;
  for (std::size_t i = 0; i < stored.fixtures.size(); ++i) {
    const StoredFixture& fixture = stored.fixtures[i];
    const std::string key = "fixtures[" + std::to_string(i) + "]";
    const bool table = fixture.kind == "table";
    expect(table || fixture.kind == "bin", key + ".kind", "table | bin", Shown(fixture.kind));
    expect(fixture.size.size() == (table ? 3u : 4u), key + ".size", table ? "3 numbers" : "4 numbers",
           std::to_string(fixture.size.size()));
    expect(fixture.p[2] == 0 && (!table || fixture.yaw == 0), key, "standing on the table, a table not turned",
           "another pose");
    expect(fixture.friction.has_value() == table && fixture.tag.has_value() != table, key,
           "friction for a table, tag for a bin", "others");
    num_tables += table;
    if (table) {
      cell.table = Table(fixture);
    } else {
      cell.bins.push_back(Bin(fixture));
    }
  }
  expect(num_tables == 1, "fixtures", "one table", std::to_string(num_tables));
  sim::CheckCell(cell, file);
  return cell;
}

}  // namespace

std::string CellToJson(const sim::CellSpec& cell) {
  StoredCell stored{.timestep = cell.timestep,
                    .arms = {{.pad_friction = cell.pad_friction}},
                    .fixtures = {Stored(cell.table)},
                    .parts = cell.parts};
  for (const sim::BinSpec& bin : cell.bins) stored.fixtures.push_back(Stored(bin));
  return Writer::ToValue(stored).dump();
}

sim::CellSpec CellFromJson(const std::string& text, const std::string& file) {
  StoredCell stored;
  Reader::ReadAll(ParseJson(text, file, kLimits), "", file, stored);
  return Built(stored, file);
}

nlohmann::json ToJson(const EpisodePlan& plan) { return Writer::ToValue(plan); }

EpisodePlan EpisodePlanFromJson(const nlohmann::json& in, const std::string& file) {
  EpisodePlan plan;
  Reader::ReadAll(in, "", file, plan);
  return plan;
}

EpisodePlan EpisodePlanFromText(const std::string& text, const std::string& file) {
  return EpisodePlanFromJson(ParseJson(text, file, kLimits), file);
}

void CheckScene(const std::string& task_name, const EpisodePlan& plan, const sim::CellSpec& cell,
                const std::string& file) {
  const auto expect = [&](bool holds, const std::string& key, const std::string& expected, const std::string& got) {
    if (!holds) throw BadInput({file, key, expected, got});
  };
  const std::unique_ptr<Task> task = MakeTask(task_name);
  sim::CheckCell(cell, file);
  expect(cell.timestep == task->spec().timestep, "cell.timestep", std::to_string(task->spec().timestep) + " (task)",
         std::to_string(cell.timestep));
  expect(cell.parts.size() == kMaxParts, "cell.parts", std::to_string(kMaxParts), std::to_string(cell.parts.size()));
  const std::size_t num_bins = task->limits().has_bins ? kNumPlaces : 0;
  expect(cell.bins.size() == num_bins, "cell.bins", std::to_string(num_bins), std::to_string(cell.bins.size()));
  const auto same = [](const ScenePart& a, const ScenePart& b) { return a.colour == b.colour && a.shape == b.shape; };
  const std::vector<ScenePart> visible = VisibleParts(cell);
  expect(!visible.empty(), "cell.parts", "at least one that is present", "none");
  expect(std::equal(plan.parts.begin(), plan.parts.end(), visible.begin(), visible.end(), same), "plan.parts",
         "the parts of the cell", "others");
  for (const auto& [key, order] : {std::pair{"plan.order", plan.order}, {"plan.old_order", plan.old_order}}) {
    expect(order.verb == task->verb(), key, std::string("an order to ") + Name(task->verb()), ToText(order));
    expect(WellPosed(order, plan.parts), key, "an order that means one thing in this cell", ToText(order));
  }
  DelaySteps(task->spec(), "action_delay", plan.disturbances.action_delay);  // these refuse what cannot be played
  DelaySteps(task->spec(), "observation_delay", plan.disturbances.observation_delay);
  LostColumns(task->spec(), plan.disturbances.lost);
  expect(plan.chance >= 0 && plan.chance <= 1, "plan.chance", "0 … 1", std::to_string(plan.chance));
  expect(plan.family.size() <= 64, "plan.family", "at most 64 bytes", std::to_string(plan.family.size()) + " bytes");
}

}  // namespace genba::envs
