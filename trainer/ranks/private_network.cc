#include "trainer/ranks/private_network.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace genba::trainer {
namespace {

bool WriteFile(const char* file, const std::string& text) {
  const int descriptor = ::open(file, O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool done = ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(descriptor);
  return done;
}

std::string SameId(unsigned id) { return std::to_string(id) + " " + std::to_string(id) + " 1"; }

bool Unshare() {
  const unsigned user = ::geteuid(), group = ::getegid();
  if (::unshare(CLONE_NEWNET) == 0) return true;
  return ::unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 && WriteFile("/proc/self/setgroups", "deny") &&
         WriteFile("/proc/self/uid_map", SameId(user)) && WriteFile("/proc/self/gid_map", SameId(group));
}

// As `ip link set lo up`.
bool RaiseLoopback() {
  const int any = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (any < 0) return false;
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  bool done = ::ioctl(any, SIOCGIFFLAGS, &request) == 0;
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  done = done && ::ioctl(any, SIOCSIFFLAGS, &request) == 0;
  ::close(any);
  return done;
}

}  // namespace

std::string EnterPrivateNetwork() {
  if (!Unshare()) return std::string("no network namespace: ") + std::strerror(errno);
  if (!RaiseLoopback()) return std::string("no loopback in the network namespace: ") + std::strerror(errno);
  return "";
}

}  // namespace genba::trainer
