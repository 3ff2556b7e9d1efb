// device.h - where the tensors of a learner live: what the setting "cpu" or "cuda:0" names on this machine. Called by learners,
// once, before they make a tensor. Pure but for asking the driver; any thread.
// Failure: Error(kBadInput) naming the setting and what this build can do; Error(kEnvironment) where the machine lacks it.
#pragma once
#include <c10/core/Device.h>

#include <string>

namespace genba::policies {

c10::Device DeviceNamed(const std::string& name, const std::string& setting);

}  // namespace genba::policies
