// engine_log.h - keeps the engine from printing, from writing MUJOCO_LOG.TXT into the working directory and from
// exit(). Called by everything in sim that is about to use the engine; any thread, any number of times. Inside BatchSim
// the engine's own per-thread handler comes first; what reaches ours is outside any world: a broken program.
#pragma once
namespace genba::sim {

void QuietEngine();

}  // namespace genba::sim
