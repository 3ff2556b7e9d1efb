#include "sim/model.h"

#include <mujoco/mjxmacro.h>

#include <array>
#include <vector>

#include "core/error.h"
#include "core/hash.h"
#include "sim/engine_log.h"

namespace genba::sim {

namespace {

constexpr std::size_t kMaxXmlBytes = 1 << 20;
constexpr mjtSize kMaxBodies = 500;

// Stored scenes come from files, and files are hostile (design law 6): MJCF can open other files, load plugins and ask
// for unbounded memory. Our own scenes need none of that.
void Preflight(const std::string& xml) {
  if (xml.size() > kMaxXmlBytes)
    throw BadInput({"scene", "length", "at most 1 MiB", std::to_string(xml.size()) + " bytes"});
  for (const char* word : {"<include", "<plugin", "<extension", "<composite", "<flexcomp", "<replicate",
                           "file=", "<!DOCTYPE", "<!ENTITY"}) {
    if (xml.find(word) != std::string::npos)
      throw BadInput({"scene", "", "primitive geometry only", std::string("'") + word + "'"});
  }
}

}  // namespace

std::shared_ptr<const Model> Model::FromXml(const std::string& xml) {
  QuietEngine();
  Preflight(xml);
  std::array<char, 1024> error{};
  mjSpec* spec = mj_parseXMLString(xml.c_str(), nullptr, error.data(), static_cast<int>(error.size()));
  if (spec == nullptr) throw BadInput({"scene", "", "MJCF", error.data()});
  mjModel* model = mj_compile(spec, nullptr);
  const std::string message = model == nullptr ? mjs_getError(spec) : "";
  mj_deleteSpec(spec);
  if (model == nullptr) throw BadInput({"scene", "", "a model that compiles", message});
  if (model->nbody > kMaxBodies) {
    mj_deleteModel(model);
    throw BadInput({"scene", "bodies", "at most " + std::to_string(kMaxBodies), "more"});
  }
  return std::make_shared<const Model>(model, xml);
}

Model::Model(mjModel* m, std::string xml) : model_(m), xml_(std::move(xml)) {}

Model::~Model() { mj_deleteModel(model_); }

std::uint64_t Model::Hash() const {
  std::vector<char> bytes(static_cast<std::size_t>(mj_sizeModel(model_)));
  mj_saveModel(model_, nullptr, bytes.data(), static_cast<mjtSize>(bytes.size()));
  return Hash64(std::string_view(bytes.data(), bytes.size()));
}

int Model::Id(mjtObj type, const std::string& name) const {
  const int id = mj_name2id(model_, type, name.c_str());
  if (id < 0) throw BadInput({"scene", mju_type2Str(type), "an element named '" + name + "'", "none"});
  return id;
}

int Model::body(const std::string& name) const { return Id(mjOBJ_BODY, name); }
int Model::joint(const std::string& name) const { return Id(mjOBJ_JOINT, name); }
int Model::geom(const std::string& name) const { return Id(mjOBJ_GEOM, name); }
int Model::site(const std::string& name) const { return Id(mjOBJ_SITE, name); }
int Model::actuator(const std::string& name) const { return Id(mjOBJ_ACTUATOR, name); }
int Model::camera(const std::string& name) const { return Id(mjOBJ_CAMERA, name); }

std::string Model::SizeDifference(const Model& a, const Model& b) {
#define X(name)                                                                                        \
  if (a->name != b->name) {                                                                            \
    return std::string(#name) + " " + std::to_string(a->name) + " against " + std::to_string(b->name); \
  }
  MJMODEL_SIZES
#undef X
  return "";
}

}  // namespace genba::sim
