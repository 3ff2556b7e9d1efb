// The canonical text of an order: --instructions files, plans, the viewer.
#include "envs/order.h"

#include "core/error.h"
#include "tests/fuzz/target.h"

namespace genba::fuzz {

std::vector<std::string> Seeds() {
  return {"pick(all red bolt -> left bin)", "reach(one green nut)", "pick(two gear except blue -> middle bin)"};
}

void Feed(std::string_view input) {
  const envs::Order order = envs::OrderFromText(std::string(input), "fuzz");
  GENBA_CHECK(envs::OrderFromText(envs::ToText(order), "fuzz") == order, "an order's text reads back");
}

}  // namespace genba::fuzz
