#include "sim/cell_builder.h"

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "core/error.h"
#include "sim/engine_log.h"
#include "sim/robots/ur5e.h"
#include "sim/tools/parallel_gripper.h"

namespace genba::sim {

namespace {

struct SpecDeleter {
  void operator()(mjSpec* spec) const { mj_deleteSpec(spec); }
};
using SpecPtr = std::unique_ptr<mjSpec, SpecDeleter>;

// The recipe of notes/mujoco.md §4: elliptic cones with a high ratio hold grasped parts without creep; the warm-started
// Newton solver needs few iterations. The discrete integrator solves contacts with the step that is made: with the
// implicit ones the solver held parts to fingers that the servos' damping then moved otherwise, 5 mm in a carry.
// Auto-reset would hide a diverged world (design law 4).
//
// memory: of contacts, constraints and the solver's stack, per world that sleeps. The engine's own choice is 16 MiB; over
// whole episodes of pick_bin, pushes included, at most 0.18 MiB were used (52 contacts, 158 constraints). Full is a fault.
constexpr int kArenaBytes = 1 << 19;

void SetOptions(mjSpec* spec, double timestep) {
  spec->memory = kArenaBytes;
  spec->compiler.degree = 0;
  spec->compiler.usethread = 0;
  spec->option.timestep = timestep;
  spec->option.integrator = mjINT_DISCRETE;
  spec->option.cone = mjCONE_ELLIPTIC;
  spec->option.impratio = 10;
  spec->option.solver = mjSOL_NEWTON;
  spec->option.iterations = 10;
  spec->option.disableflags |= mjDSBL_AUTORESET;
  spec->option.enableflags |= mjENBL_SLEEP;
}

void AddMaterial(mjSpec* spec, const char* name, float specular, float shininess, float reflectance) {
  mjsMaterial* material = mjs_addMaterial(spec, nullptr);
  mjs_setName(material->element, name);
  material->specular = specular;
  material->shininess = shininess;
  material->reflectance = reflectance;
}

void AddSky(mjSpec* spec) {
  mjsTexture* sky = mjs_addTexture(spec, nullptr);
  mjs_setName(sky->element, "sky");
  sky->type = mjTEXTURE_SKYBOX;
  sky->builtin = mjBUILTIN_GRADIENT;
  const std::array<double, 3> top{0.86, 0.90, 0.94}, bottom{0.48, 0.53, 0.60};
  for (int i = 0; i < 3; ++i) {
    sky->rgb1[i] = top[static_cast<std::size_t>(i)];
    sky->rgb2[i] = bottom[static_cast<std::size_t>(i)];
  }
  sky->width = 4;
  sky->height = 4;
}

void AddLight(mjsBody* world, const std::array<double, 3>& position, const std::array<double, 3>& direction,
              float diffuse, bool shadow) {
  mjsLight* light = mjs_addLight(world, nullptr);
  for (int i = 0; i < 3; ++i) {
    light->pos[i] = position[static_cast<std::size_t>(i)];
    light->dir[i] = direction[static_cast<std::size_t>(i)];
    light->diffuse[i] = diffuse;
    light->specular[i] = 0.2f;
    light->ambient[i] = 0;
  }
  light->type = mjLIGHT_DIRECTIONAL;
  light->castshadow = shadow ? 1 : 0;
}

void AddLooks(mjSpec* spec, const TableSpec& table) {
  AddMaterial(spec, "metal", 0.6f, 0.6f, 0);
  AddMaterial(spec, "plastic", 0.3f, 0.3f, 0);
  AddMaterial(spec, "rubber", 0.1f, 0.1f, 0);
  AddMaterial(spec, "bench", 0.1f, 0.2f, 0);
  AddMaterial(spec, "part", 0.5f, 0.5f, 0);
  AddSky(spec);
  spec->visual.headlight.ambient[0] = spec->visual.headlight.ambient[1] = spec->visual.headlight.ambient[2] = 0.35f;
  spec->visual.headlight.diffuse[0] = spec->visual.headlight.diffuse[1] = spec->visual.headlight.diffuse[2] = 0.25f;
  // The engine would take its sense of size from the floor, 11 m: shadows would be spread over all of it, blurred and
  // dear.
  spec->stat.extent = 1.2;
  spec->stat.center[0] = table.centre.x(), spec->stat.center[1] = table.centre.y(), spec->stat.center[2] = 0.1;
  spec->visual.map.shadowclip = 1.2f;
  spec->visual.quality.shadowsize = 1024;  // 3 mm of table a texel
  spec->visual.quality.offsamples = 0;
  spec->visual.quality.numslices = 20, spec->visual.quality.numstacks = 10, spec->visual.quality.numquads = 2;
  spec->visual.global.offwidth = 1920;
  spec->visual.global.offheight = 1080;

  mjsBody* world = mjs_findBody(spec, "world");
  AddLight(world, {0.2, -0.8, 2.0}, {0.1, 0.4, -1}, 0.55f, true);
  AddLight(world, {0.8, 1.0, 2.0}, {-0.2, -0.5, -1}, 0.25f, false);
  AddBox(world, "floor", {0.4, 0, -table.height - 0.01}, {4, 4, 0.01},
         {{0.62f, 0.64f, 0.66f, 1}, Collision::kFixture, "bench"});

  mjsCamera* overview = mjs_addCamera(world, nullptr);
  mjs_setName(overview->element, "overview");
  // Where the operator stands: behind the robot and a step to its right, so that its left is left in the picture.
  const Eigen::Vector3d eye(-0.62, -0.62, 1.05), look_at(0.42, 0.0, 0.05);
  const Eigen::Vector3d z = (eye - look_at).normalized(), x = Eigen::Vector3d::UnitZ().cross(z).normalized();
  Eigen::Matrix3d R_WC;
  R_WC << x, z.cross(x), z;
  const Eigen::Quaterniond q(R_WC);
  for (int i = 0; i < 3; ++i) overview->pos[i] = eye[i];
  overview->quat[0] = q.w(), overview->quat[1] = q.x(), overview->quat[2] = q.y(), overview->quat[3] = q.z();
  overview->fovy = 42;
}

SpecPtr Describe(const CellSpec& cell) {
  QuietEngine();
  CheckCell(cell, "cell");
  SpecPtr spec(mj_makeSpec());
  mjs_setString(spec->modelname, "genba_cell");
  SetOptions(spec.get(), cell.timestep);
  AddGeomClasses(spec.get());
  AddLooks(spec.get(), cell.table);
  AddTable(spec.get(), cell.table);
  for (std::size_t i = 0; i < cell.bins.size(); ++i) AddBin(spec.get(), cell.bins[i], static_cast<int>(i));
  AddParallelGripper(spec.get(), AddUr5e(spec.get()), cell.pad_friction);
  for (std::size_t i = 0; i < cell.parts.size(); ++i) AddPart(spec.get(), cell.parts[i], static_cast<int>(i));
  return spec;
}

mjModel* Compile(mjSpec* spec) {
  mjModel* compiled = mj_compile(spec, nullptr);
  GENBA_CHECK(compiled != nullptr, mjs_getError(spec));
  return compiled;
}

// The same model, sooner: the engine makes an mjData while it compiles, and where something begins asleep, a forward pass
// to put it to sleep there. So what begins asleep is told afterwards.
std::shared_ptr<const Model> CompileAwake(mjSpec* spec) {
  std::vector<mjsBody*> sleepers;
  for (mjsElement* e = mjs_firstElement(spec, mjOBJ_BODY); e != nullptr; e = mjs_nextElement(spec, e)) {
    if (mjs_asBody(e)->sleep == mjSLEEP_INIT) sleepers.push_back(mjs_asBody(e));
  }
  for (mjsBody* body : sleepers) body->sleep = mjSLEEP_AUTO;
  mjModel* m = Compile(spec);
  for (const mjsBody* body : sleepers) m->tree_sleep_policy[m->body_treeid[mjs_getId(body->element)]] = mjSLEEP_INIT;
  return std::make_shared<const Model>(m);
}

// The spec is compiled already: its writer wants that.
std::string MjcfOf(const mjSpec* spec) {
  std::array<char, 512> error{};
  std::string xml(1 << 15, '\0');
  for (;;) {
    const int rc =
        mj_saveXMLString(spec, xml.data(), static_cast<int>(xml.size()), error.data(), static_cast<int>(error.size()));
    if (rc == 0) return std::string(xml.c_str());
    GENBA_CHECK(rc > 0, error.data());
    xml.resize(static_cast<std::size_t>(rc) + 1);  // rc: the size it needs
  }
}

}  // namespace

void CheckCell(const CellSpec& cell, const std::string& file) {
  constexpr double kFar = 5, kTurns = 10;  // [m], [rad]
  const auto check = [&](const std::string& key, double value, double low, double high) {
    if (value >= low && value <= high) return;  // false for NaN
    throw BadInput({file, key, std::to_string(low) + " … " + std::to_string(high), std::to_string(value)});
  };
  const auto check_place = [&](const std::string& key, const Eigen::Vector2d& p) {
    check(key + ".x", p.x(), -kFar, kFar);
    check(key + ".y", p.y(), -kFar, kFar);
  };
  check("timestep", cell.timestep, 1e-4, 0.02);
  check("pad_friction", cell.pad_friction, 0.05, 5);
  check_place("table.centre", cell.table.centre);
  check("table.half.x", cell.table.half.x(), 0.1, kFar);
  check("table.half.y", cell.table.half.y(), 0.1, kFar);
  check("table.height", cell.table.height, 0.1, 2);
  check("table.friction", cell.table.friction, 0.01, 5);
  check("parts", static_cast<double>(cell.parts.size()), 0, kMaxPartSlots);
  for (std::size_t i = 0; i < cell.parts.size(); ++i) {
    const PartSpec& part = cell.parts[i];
    const std::string key = "parts[" + std::to_string(i) + "]";
    check(key + ".size", part.size, kPartSizeMin, kPartSizeMax);
    check(key + ".density_scale", part.density_scale, 0.1, 10);
    check(key + ".friction", part.friction, 0.01, 5);
    check(key + ".yaw", part.yaw, -kTurns, kTurns);
    check_place(key + ".position", part.position);
  }
  check("bins", static_cast<double>(cell.bins.size()), 0, kMaxBins);
  for (std::size_t i = 0; i < cell.bins.size(); ++i) {
    const BinSpec& bin = cell.bins[i];
    const std::string key = "bins[" + std::to_string(i) + "]";
    check_place(key + ".centre", bin.centre);
    check(key + ".yaw", bin.yaw, -kTurns, kTurns);
    check(key + ".half_inner.x", bin.half_inner.x(), 0.01, 1);
    check(key + ".half_inner.y", bin.half_inner.y(), 0.01, 1);
    check(key + ".height", bin.height, 2 * kBinFloor, 0.5);
    check(key + ".wall", bin.wall, 0.001, 0.05);
  }
}

CellBuilder& CellBuilder::SetTable(const TableSpec& table) {
  spec_.table = table;
  return *this;
}
CellBuilder& CellBuilder::AddBin(const BinSpec& bin) {
  spec_.bins.push_back(bin);
  return *this;
}
CellBuilder& CellBuilder::AddPart(const PartSpec& part) {
  spec_.parts.push_back(part);
  return *this;
}

std::shared_ptr<const Model> CellBuilder::Build(bool sleep, std::string* mjcf) const {
  const SpecPtr spec = Describe(spec_);
  if (!sleep) spec->option.enableflags &= ~mjENBL_SLEEP;
  if (mjcf == nullptr) return CompileAwake(spec.get());
  auto model = std::make_shared<const Model>(Compile(spec.get()));
  *mjcf = MjcfOf(spec.get());
  return model;
}

}  // namespace genba::sim
