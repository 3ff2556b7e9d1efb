// model.h - the compiled, constant world description: mjModel, its source text and its identity.
// Made by CellBuilder or from MJCF text; shared between threads; never changed after construction.
// Law: FromXml(model.xml()) is the same model bit for bit (Hash() equal), so a stored scene replays exactly.
#pragma once
#include <mujoco/mujoco.h>

#include <memory>
#include <string>

namespace genba::sim {

class Model {
 public:
  // Compiles MJCF text of our own making. Foreign text passes Preflight limits first (size, depth, no files,
  // no plugins). Error(kBadInput) with the compiler's message.
  static std::shared_ptr<const Model> FromXml(const std::string& xml);
  // Takes ownership of m; xml is its source.
  Model(mjModel* m, std::string xml);
  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  const mjModel* get() const { return model_; }
  const mjModel* operator->() const { return model_; }
  const std::string& xml() const { return xml_; }
  // Of every array of the model: equal hash, equal physics. Computed at each call, a tenth of a millisecond.
  std::uint64_t Hash() const;

  // Ids by name; Error(kBadInput) naming the missing element.
  int body(const std::string& name) const;
  int joint(const std::string& name) const;
  int geom(const std::string& name) const;
  int site(const std::string& name) const;
  int actuator(const std::string& name) const;
  int camera(const std::string& name) const;

  // Empty when a batch can hold both; otherwise the first size that differs ("ngeom 41 against 40").
  static std::string SizeDifference(const Model& a, const Model& b);

 private:
  int Id(mjtObj type, const std::string& name) const;

  mjModel* model_;
  std::string xml_;
};

}  // namespace genba::sim
