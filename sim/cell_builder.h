// cell_builder.h - a workplace as a value (CellSpec) and its compilation to a Model through mjSpec: robot,
// tool, table, bins, parts, lights, cameras "overview" and "wrist". World frame: robot base at the origin, z
// = 0 is the table top, x away from the robot over the table, y to its left. Primitive geometry only, no
// files. Pure; any thread. Laws: equal num_bins and num_part_slots give equal model sizes and ids whatever
// else differs; equal cells give equal models (Hash). Failure: values out of range → Error(kBadInput) naming them.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/spec.h"
#include "sim/fixtures/bin.h"
#include "sim/fixtures/table.h"
#include "sim/model.h"
#include "sim/parts/part.h"

namespace genba::sim {

inline constexpr int kMaxPartSlots = 8;
inline constexpr int kMaxBins = 6;

// Which model an equal CellSpec gives: raised with every change of what Build makes of one. Stored with every data set.
inline constexpr int kBuilderVersion = 2;

struct CellSpec {
  double timestep = EnvSpec{}.timestep;  // [s]; a task's scenes carry its own
  double pad_friction = 1.0;             // sliding, of the gripper's pads against whatever they hold
  TableSpec table;
  std::vector<BinSpec> bins;    // body "bin<i>"; at most kMaxBins
  std::vector<PartSpec> parts;  // body "part<i>"; at most kMaxPartSlots; absent ones keep their slot
};

// Error(kBadInput) naming file and the first value that is out of range or not finite.
void CheckCell(const CellSpec& cell, const std::string& file);

class CellBuilder {
 public:
  explicit CellBuilder(CellSpec spec = {}) : spec_(std::move(spec)) {}
  CellBuilder& SetTable(const TableSpec& table);
  CellBuilder& AddBin(const BinSpec& bin);
  CellBuilder& AddPart(const PartSpec& part);  // the next slot
  const CellSpec& spec() const { return spec_; }

  // A third of a millisecond. The model's default state (qpos0) is the arm at home, gripper open, parts at rest on the
  // table. With sleep, parts that are at rest cost nothing until they are touched, and absent parts never do.
  // mjcf: where to put the model as MJCF text, for other people's tools (nothing here reads it); another millisecond.
  std::shared_ptr<const Model> Build(bool sleep = true, std::string* mjcf = nullptr) const;

 private:
  CellSpec spec_;
};

}  // namespace genba::sim
