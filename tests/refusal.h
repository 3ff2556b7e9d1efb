// refusal.h - what a refusal says: the sentence of the Error that call throws; empty when it throws none. Used by tests.
#pragma once
#include <string>

#include "core/error.h"

namespace genba {

template <class Call>
std::string RefusalOf(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace genba
