#include "sim/model.h"

#include <mujoco/mjxmacro.h>

#include "core/error.h"
#include "core/hash.h"

namespace genba::sim {

namespace {

template <class T>
std::uint64_t Mix(const T* values, std::size_t count, std::uint64_t hash) {
  return Hash64(std::span<const T>(values, count), hash);
}

}  // namespace

Model::~Model() { mj_deleteModel(model_); }

std::uint64_t Model::Hash() const {
  const mjModel* m = model_;
  std::uint64_t hash = kHash64Start;
#define X(name) hash = Mix(&m->name, 1, hash);
  MJMODEL_SIZES
#undef X
#define X(type, name, n) hash = Mix(&m->opt.name, 1, hash);
#define XVEC(type, name, n) hash = Mix(m->opt.name, n, hash);
  MJOPTION_FIELDS
#undef X
#undef XVEC
#define X(name, n) hash = Mix(&m->stat.name, 1, hash);
#define XVEC(name, n) hash = Mix(m->stat.name, n, hash);
  MJSTATISTIC_FIELDS
#undef X
#undef XVEC
#define X(type, name, nr, nc) hash = Mix(m->name, static_cast<std::size_t>(m->nr) * static_cast<std::size_t>(nc), hash);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wconversion"  // the engine's own macro
  MJMODEL_POINTERS_PREAMBLE(m)
#pragma GCC diagnostic pop
  MJMODEL_POINTERS
#undef X
  return hash;
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
