#include "trainer/ranks/passed_output.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/error.h"

namespace genba::trainer {
namespace {

constexpr std::size_t kDescriptorBytes = 2 * sizeof(int);

// A message of one byte with two descriptors beside it.
struct Message {
  char byte = 0;
  alignas(cmsghdr) char beside[CMSG_SPACE(kDescriptorBytes)] = {};
  iovec part{&byte, 1};
  msghdr header{};
  Message() {
    header.msg_iov = &part, header.msg_iovlen = 1;
    header.msg_control = beside, header.msg_controllen = sizeof beside;
  }
};

sockaddr_un Address(const std::string& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.size() >= sizeof address.sun_path) throw SystemError("open", socket, ENAMETOOLONG);
  std::strcpy(address.sun_path, socket.c_str());
  return address;
}

void Send(int to) {
  Message message;
  cmsghdr* descriptors = CMSG_FIRSTHDR(&message.header);
  *descriptors = {CMSG_LEN(kDescriptorBytes), SOL_SOCKET, SCM_RIGHTS};
  const int ours[2] = {STDOUT_FILENO, STDERR_FILENO};
  std::memcpy(CMSG_DATA(descriptors), ours, sizeof ours);
  ::sendmsg(to, &message.header, MSG_NOSIGNAL);
}

bool Receive(int from) {
  Message message;
  if (::recvmsg(from, &message.header, MSG_CMSG_CLOEXEC) != 1) return false;
  const cmsghdr* descriptors = CMSG_FIRSTHDR(&message.header);
  if (descriptors == nullptr || descriptors->cmsg_type != SCM_RIGHTS ||
      descriptors->cmsg_len != CMSG_LEN(kDescriptorBytes))
    return false;
  int theirs[2];
  std::memcpy(theirs, CMSG_DATA(descriptors), sizeof theirs);
  const bool done = ::dup2(theirs[0], STDOUT_FILENO) >= 0 && ::dup2(theirs[1], STDERR_FILENO) >= 0;
  ::close(theirs[0]), ::close(theirs[1]);
  return done;
}

}  // namespace

OutputGiver::OutputGiver(const std::string& socket)
    : listening_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
  const sockaddr_un address = Address(socket);
  if (::bind(listening_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listening_, 1) != 0)
    throw SystemError("open", socket, errno);
}

OutputGiver::~OutputGiver() { ::close(listening_); }

void OutputGiver::GiveToWhoAsks() const {
  const int asking = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
  if (asking < 0) return;
  Send(asking);
  ::close(asking);
}

void TakeOutput(const std::string& socket) {
  const int giver = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = Address(socket);
  const bool done =
      ::connect(giver, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 && Receive(giver);
  const int error = errno;
  ::close(giver);
  if (!done) throw SystemError("take the launcher's output from", socket, error);
}

}  // namespace genba::trainer
