// arm_rig.h - one arm in a cell of the test's choice, driven by the controller as an environment drives it.
#pragma once
#include <gtest/gtest.h>

#include <array>
#include <memory>

#include "sim/cartesian_control.h"

namespace genba::sim {

class ArmRig : public ::testing::Test {
 protected:
  void Put(const CellSpec& cell) {
    model_ = CellBuilder(cell).Build();
    ids_ = FindCellIds(*model_);
    chain_ = ReadArmChain(*model_, ids_);
    d_ = mj_makeData(m());
    mj_forward(m(), d_);
    ResetController(ids_, chain_, m(), d_, state_);
  }
  void TearDown() override { mj_deleteData(d_); }
  const mjModel* m() const { return model_->get(); }

  void Step(const std::array<double, kActionSize>& action) {
    Command(config_, ids_, chain_, m(), d_, action, state_);
    for (int i = 0; i < 10; ++i) {
      Servo(ids_, i, 10, state_, d_);
      mj_step(m(), d_);
      AfterSubstep();
    }
  }
  virtual void AfterSubstep() {}

  std::shared_ptr<const Model> model_;
  CellIds ids_;
  ArmChain chain_;
  ControllerConfig config_;
  ControllerState state_;
  mjData* d_ = nullptr;
};

}  // namespace genba::sim
