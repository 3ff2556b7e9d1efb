// mpi_network.h - where ranks may talk: in the memory of one host, or, on several, on the one network interface that was
// named. MPI reads it from variables, which are set before it starts; afterwards what this process listens on is tied to
// that interface, because OpenMPI listens on all whatever it is told. mpirun's and orted's own listeners are not ours.
// Used by MpiComm; one thread. No torch, no MPI. Failure: Error(kBadInput) naming the option or variable; Error(kEnvironment)
// naming the interface and what there is.
#pragma once
#include <functional>
#include <map>
#include <string>

namespace genba::trainer {

struct MpiNetwork {
  std::string interface;                         // "": none was named
  std::map<std::string, std::string> variables;  // for MPI; what the environment has already goes first
};

// read("NAME") is a variable's text, or null. wanted: of --interface. On several hosts one has to be named, there or by
// the launcher (mpirun --mca btl_tcp_if_include NAME, or UCX_NET_DEVICES for those who have such a network).
MpiNetwork ChooseMpiNetwork(const std::function<const char*(const char*)>& read, const std::string& wanted,
                            bool several_hosts);

void PutIntoEnvironment(const MpiNetwork& network);

// Of this process's listening TCP sockets that others could reach, how many are now tied to the interface.
int KeepListenersOn(const std::string& interface);

}  // namespace genba::trainer
