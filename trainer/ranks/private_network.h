// private_network.h - a network namespace of this process's own, in which only its children are: nothing that listens
// there can be reached from outside. Used by the launcher of local ranks, in a process with one thread. Never throws:
// the kernel may refuse, and the caller decides what that means.
#pragma once
#include <string>

namespace genba::trainer {

// "", or what the kernel refused. As a user, a user namespace comes with it, in which the user stays who he is.
std::string EnterPrivateNetwork();

}  // namespace genba::trainer
