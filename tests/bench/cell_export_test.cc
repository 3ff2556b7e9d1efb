// What others are measured with is what Genba plays: they could do no other work and look fast.
#include "tests/bench/cell_export.h"

#include <gtest/gtest.h>
#include <mujoco/mujoco.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/json.h"
#include "sim/cartesian_control.h"
#include "trainer/temporary_folder.h"

namespace genba::bench {
namespace {

constexpr ExportSize kSize{.scenes = 8, .worlds = 4, .steps = 12};
constexpr double kNear = 1e-5;  // [m, rad] the text of a scene has six or seven digits of a number

template <class T>
std::vector<T> Numbers(const std::filesystem::path& file) {
  const std::string bytes = ReadFile(file);
  std::vector<T> numbers(bytes.size() / sizeof(T));
  std::memcpy(numbers.data(), bytes.data(), bytes.size());
  return numbers;
}

struct Exported {
  Exported(const std::string& task, const std::string& name) : folder("genba-cell-" + name) {
    ExportCell(task, kSize, folder.path());
  }
  nlohmann::json cell() const { return ParseJson(ReadFile(folder.path() / "cell.json"), "cell.json"); }
  trainer::TemporaryFolder folder;
};

using ModelPtr = std::unique_ptr<mjModel, void (*)(mjModel*)>;
using DataPtr = std::unique_ptr<mjData, void (*)(mjData*)>;

ModelPtr CompileText(const std::string& mjcf) {
  std::array<char, 500> error{};
  mjSpec* spec = mj_parseXMLString(mjcf.c_str(), nullptr, error.data(), static_cast<int>(error.size()));
  EXPECT_NE(spec, nullptr) << error.data();
  ModelPtr model(mj_compile(spec, nullptr), mj_deleteModel);
  mj_deleteSpec(spec);
  return model;
}

// Positions only: what lies on an edge tilts by micrometres when another of its contact points is found first.
double MostApart(const mjModel* m, const double* a, const double* b) {
  double most = 0;
  for (int joint = 0; joint < m->njnt; ++joint) {
    const int first = m->jnt_qposadr[joint];
    for (int i = first; i < first + (m->jnt_type[joint] == mjJNT_FREE ? 3 : 1); ++i)
      most = std::max(most, std::abs(a[i] - b[i]));
  }
  return most;
}

// The first world's trace, played by MuJoCo alone: how far qpos is from it after each step, when the controls are those
// of `late` steps later.
std::vector<double> Apart(const Exported& exported, std::size_t late) {
  const nlohmann::json cell = exported.cell();
  const auto controllers = Numbers<double>(exported.folder.path() / "controller.f64");
  const auto states = Numbers<double>(exported.folder.path() / "state.f64");
  const ModelPtr m = CompileText(cell["scenes"][0]["mjcf"]);
  const DataPtr d(mj_makeData(m.get()), mj_deleteData);
  const auto size = static_cast<std::size_t>(mj_stateSize(m.get(), mjSTATE_INTEGRATION));
  EXPECT_EQ(states.size(), static_cast<std::size_t>(kSize.worlds * (kSize.steps + 1)) * size);
  const sim::CellIds ids = sim::FindCellIds(sim::Model(mj_copyModel(nullptr, m.get())));
  const auto row = [&](std::size_t step) { return &states[step * kSize.worlds * size]; };
  std::vector<double> apart;
  for (std::size_t step = 0; step + late < static_cast<std::size_t>(kSize.steps); ++step) {
    sim::ControllerState state;
    std::memcpy(static_cast<void*>(&state),
                &controllers[(step + 1 + late) * kSize.worlds * (sizeof state / sizeof(double))], sizeof state);
    mj_setState(m.get(), d.get(), row(step), mjSTATE_INTEGRATION);
    const int substeps = cell["spec"]["substeps"];
    for (int i = 0; i < substeps; ++i) {
      sim::Servo(ids, i, substeps, state, d.get());
      mj_step(m.get(), d.get());
    }
    apart.push_back(MostApart(m.get(), d->qpos, row(step + 1) + 1));
  }
  return apart;
}

TEST(CellExport, MuJoCoAloneComesFromEachStateToTheNext) {
  const Exported exported("pick_bin", "states");
  for (const double apart : Apart(exported, 0)) EXPECT_LT(apart, kNear);
  EXPECT_GT(Apart(exported, 1)[2], 10 * kNear) << "other controls must show";
}

TEST(CellExport, EqualArgumentsGiveEqualFiles) {
  const Exported a("reach", "a"), b("reach", "b"), other("pick_bin", "other");
  for (const char* name : {"cell.json", "actions.f32", "state.f64", "obs.f32", "terms.f32", "cause.i32"}) {
    EXPECT_EQ(ReadFile(a.folder.path() / name), ReadFile(b.folder.path() / name)) << name;
  }
  EXPECT_NE(ReadFile(a.folder.path() / "state.f64"), ReadFile(other.folder.path() / "state.f64"));
}

TEST(CellExport, ASceneSaysWhatItsTaskAsksFor) {
  const nlohmann::json cell = Exported("pick_bin", "scenes").cell();
  ASSERT_EQ(cell["scenes"].size(), static_cast<std::size_t>(kSize.scenes));
  for (const nlohmann::json& scene : cell["scenes"]) {
    const auto wanted = scene["wanted"].get<std::vector<int>>();
    EXPECT_GE(std::count(wanted.begin(), wanted.begin() + static_cast<int>(scene["parts"].size()), 1), scene["count"]);
    EXPECT_LT(scene["bin"].get<std::size_t>(), scene["bins"].size());
    EXPECT_GT(scene["horizon"].get<int>(), 0);
  }
}

TEST(CellExport, ActionsAreHeldAndDifferBetweenWorlds) {
  std::vector<float> a, b, c, d;
  RandomAction(0, 0, a);
  RandomAction(0, kHoldActions - 1, b);
  RandomAction(0, kHoldActions, c);
  RandomAction(1, 0, d);
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
  EXPECT_NE(a, d);
}

}  // namespace
}  // namespace genba::bench
