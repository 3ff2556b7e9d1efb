#include "trainer/ranks/mpi_network.h"

#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "core/error.h"

namespace genba::trainer {
namespace {

constexpr const char *kMpiInterface = "OMPI_MCA_btl_tcp_if_include", *kUcxDevices = "UCX_NET_DEVICES";

std::string ExistingInterfaces() {
  std::string names;
  struct if_nameindex* all = ::if_nameindex();
  for (const struct if_nameindex* one = all; one != nullptr && one->if_index != 0; ++one)
    names += (names.empty() ? "" : ", ") + std::string(one->if_name);
  ::if_freenameindex(all);
  return names;
}

// Numbers of this process's open files.
std::vector<int> Descriptors() {
  std::vector<int> descriptors;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
    descriptors.push_back(std::atoi(entry.path().filename().c_str()));
  return descriptors;
}

int Option(int socket, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  return ::getsockopt(socket, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

bool IsLoopback(int socket) {
  sockaddr_storage at{};
  socklen_t size = sizeof at;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&at), &size) != 0) return false;
  if (at.ss_family == AF_INET6) return IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<sockaddr_in6*>(&at)->sin6_addr);
  return (ntohl(reinterpret_cast<sockaddr_in*>(&at)->sin_addr.s_addr) >> 24) == IN_LOOPBACKNET;
}

bool OthersCanReach(int socket) {
  const int domain = Option(socket, SO_DOMAIN);
  return (domain == AF_INET || domain == AF_INET6) && Option(socket, SO_ACCEPTCONN) == 1 && !IsLoopback(socket);
}

}  // namespace

MpiNetwork ChooseMpiNetwork(const std::function<const char*(const char*)>& read, const std::string& wanted,
                            bool several_hosts) {
  const char* said = read(kMpiInterface);
  if (said != nullptr && !wanted.empty() && wanted != said)
    throw BadInput({"--interface", "", std::string(said) + ", as " + kMpiInterface + " says", wanted});
  if (several_hosts && wanted.empty() && said == nullptr && read(kUcxDevices) == nullptr)
    throw BadInput({"--interface", "",
                    "the network interface on which the hosts talk (or mpirun --mca btl_tcp_if_include)", "none"});
  if (wanted.empty() && several_hosts) return {};  // the launcher has said it all
  MpiNetwork network{wanted, {{"OMPI_MCA_pml", "ob1"}, {"OMPI_MCA_btl", "self,vader"}}};
  if (wanted.empty()) return network;
  if (::if_nametoindex(wanted.c_str()) == 0)
    throw Error(ErrorKind::kEnvironment,
                "--interface: expected one of this host (" + ExistingInterfaces() + "), got " + wanted);
  network.variables["OMPI_MCA_btl"] = "self,vader,tcp";
  network.variables[kMpiInterface] = wanted;
  return network;
}

void PutIntoEnvironment(const MpiNetwork& network) {
  for (const auto& [name, value] : network.variables) ::setenv(name.c_str(), value.c_str(), 0);
}

int KeepListenersOn(const std::string& interface) {
  int count = 0;
  for (const int descriptor : Descriptors()) {
    if (!OthersCanReach(descriptor)) continue;
    if (::setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, interface.c_str(),
                     static_cast<socklen_t>(interface.size())) != 0)
      throw SystemError("listen only", "on interface " + interface, errno);
    ++count;
  }
  return count;
}

}  // namespace genba::trainer
