// probe_tables.h - what `genba probe` says of its results, for machines and for people. Pure but for standard output.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "trainer/baselines.h"
#include "trainer/leave_one_out.h"
#include "trainer/probe_pair.h"

namespace genba::cli {

nlohmann::json ToJson(const trainer::ProbeResult& result);
nlohmann::json ToJson(const trainer::BaselineResult& result);
nlohmann::json ToJson(const trainer::PairResult& result);
nlohmann::json ToJson(const trainer::LeaveOneOutResult& result);

void Print(const trainer::ProbeResult& result);
void Print(const trainer::BaselineResult& result, const std::string& backbone);
void Print(const trainer::PairResult& result, const std::string& first, const std::string& second);
void Print(const trainer::LeaveOneOutResult& result);

}  // namespace genba::cli
