// threads.h - how many threads are worth starting here. Any thread; never fails. Decides speed only, never a result.
#pragma once

namespace genba {

// Cores this process may run on: its affinity (taskset, cpuset), and the container's quota where there is one. At
// least 1.
int UsableCores();

}  // namespace genba
