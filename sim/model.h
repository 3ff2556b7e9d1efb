// model.h - the compiled, constant world description: mjModel and its identity. Made by CellBuilder from a typed cell,
// never from text; shared between threads; never changed after construction.
// Law: equal cells give equal hashes (of one engine and build), so a stored episode's world is rebuilt and checked.
#pragma once
#include <mujoco/mujoco.h>

#include <memory>
#include <string>

namespace genba::sim {

class Model {
 public:
  explicit Model(mjModel* m) : model_(m) {}  // takes ownership
  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  const mjModel* get() const { return model_; }
  const mjModel* operator->() const { return model_; }
  // Of every size, option, statistic and array, value by value (no padding, no pointers): equal hash, equal physics.
  // Computed at each call, a tenth of a millisecond.
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
};

}  // namespace genba::sim
