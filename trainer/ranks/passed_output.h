// passed_output.h - standard output and error handed from one process to another, through a socket in a folder that only
// their user can enter: the very same descriptors, so that a terminal stays one and a file keeps its end. mpirun would
// put pipes in between. Used by the launcher of local ranks; one thread. Failure: Error(kEnvironment) naming the socket.
#pragma once
#include <string>

namespace genba::trainer {

class OutputGiver {
 public:
  explicit OutputGiver(const std::string& socket);
  ~OutputGiver();
  OutputGiver(const OutputGiver&) = delete;
  OutputGiver& operator=(const OutputGiver&) = delete;
  void GiveToWhoAsks() const;  // does not wait

 private:
  int listening_ = -1;
};

// Waits for the giver; from here on this process writes there.
void TakeOutput(const std::string& socket);

}  // namespace genba::trainer
