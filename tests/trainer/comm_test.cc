// Ranks without ranks: the sum's order, the only rank, and whose variables say what. Several ranks: ranks_test.cc.
#include "trainer/ranks/comm.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <map>

#include "core/error.h"
#include "core/interrupt.h"
#include "trainer/ranks/mpi_comm.h"
#include "trainer/ranks/mpi_network.h"
#include "trainer/ranks/rank_place.h"

namespace genba::trainer {
namespace {

at::Tensor Rows(const std::vector<float>& values) {
  const at::Tensor rows = at::zeros({static_cast<std::int64_t>(values.size()), 1}, at::kFloat);
  for (std::size_t i = 0; i < values.size(); ++i) rows.mutable_data_ptr<float>()[i] = values[i];
  return rows;
}

float Summed(const std::vector<float>& values) {
  const at::Tensor rows = Rows(values);
  SumInPairs(rows);
  return rows.const_data_ptr<float>()[0];
}

TEST(SumInPairs, AddsNeighboursFirst) {
  const float big = 1e8f;                   // where 1 is lost
  EXPECT_EQ(Summed({big, -big, 1, 1}), 2);  // (big - big) + (1 + 1)
  EXPECT_EQ(Summed({big, 1, -big, 1}), 0);  // (big + 1) + (-big + 1): from left to right it would be 1
  EXPECT_EQ(Summed({big, 1, 1, -big, 3}), 3);
  EXPECT_EQ(Summed({5}), 5);
}

// Two ranks with two micro-shards each, four with one, and one with four make the same bits.
TEST(SumInPairs, IsTheSameHoweverItIsSharedOut) {
  const std::vector<float> shards{0.1f, 3e7f, -2.7f, 1e-3f};
  EXPECT_EQ(Summed(shards), Summed({Summed({shards[0], shards[1]}), Summed({shards[2], shards[3]})}));
}

TEST(SelfComm, IsEverybody) {
  const std::unique_ptr<Comm> comm = MakeComm({});
  const at::Tensor mine = at::full({3}, 2.0), all = at::zeros({3}, at::kDouble);
  comm->AllGather(mine.to(at::kDouble), all, "gather");
  EXPECT_TRUE(all.equal(mine.to(at::kDouble)));
  comm->Sum(all, "sum");
  EXPECT_TRUE(all.equal(mine.to(at::kDouble)));
  EXPECT_EQ(comm->size(), 1);
  RequestInterrupt(15);
  EXPECT_EQ(comm->StopSignal(), 15);
  ClearInterrupt();
}

using Variables = std::map<std::string, std::string>;

RankPlace Find(const Variables& variables, int expected = 0) {
  const auto read = [&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  };
  return FindRankPlace(read, expected);
}

std::string Refused(const Variables& variables, int expected = 0) {
  try {
    Find(variables, expected);
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), 2);
    return error.what();
  }
  return "";
}

TEST(RankPlace, IsWhatTheLauncherSays) {
  EXPECT_EQ(Find({}).size, 1);
  const RankPlace mpirun = Find({{"OMPI_COMM_WORLD_RANK", "2"}, {"OMPI_COMM_WORLD_SIZE", "3"}}, 3);
  EXPECT_EQ(mpirun.rank, 2);
  EXPECT_EQ(mpirun.size, 3);
  EXPECT_EQ(Find({{"SLURM_PROCID", "1"}, {"SLURM_STEP_NUM_TASKS", "2"}, {"PMIX_RANK", "1"}}).launcher, "srun");
  EXPECT_EQ(Find({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "8"}}).size, 1);  // a batch script, not yet a step
  EXPECT_EQ(Find({{"RANK", "3"}}).size, 1);                                 // anybody's
  EXPECT_EQ(Find({{"RANK", "0"}, {"WORLD_SIZE", "1"}, {"MASTER_ADDR", "x"}}).size, 1);
}

TEST(RankPlace, KnowsWhetherThereAreSeveralHosts) {
  const Variables two{{"OMPI_COMM_WORLD_RANK", "2"}, {"OMPI_COMM_WORLD_SIZE", "3"}};
  const auto with = [](Variables variables, const std::string& name, const std::string& value) {
    variables[name] = value;
    return Find(variables).several_hosts;
  };
  EXPECT_FALSE(Find(two).several_hosts);
  EXPECT_FALSE(with(two, "OMPI_COMM_WORLD_LOCAL_SIZE", "3"));
  EXPECT_TRUE(with(two, "OMPI_COMM_WORLD_LOCAL_SIZE", "2"));
  const Variables step{{"SLURM_PROCID", "1"}, {"SLURM_STEP_NUM_TASKS", "2"}, {"PMIX_RANK", "1"}};
  EXPECT_FALSE(with(step, "SLURM_STEP_NUM_NODES", "1"));
  EXPECT_TRUE(with(step, "SLURM_STEP_NUM_NODES", "2"));
}

MpiNetwork Choose(const Variables& variables, const std::string& wanted, bool several_hosts) {
  const auto read = [&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  };
  return ChooseMpiNetwork(read, wanted, several_hosts);
}

TEST(MpiNetwork, IsTheNamedOneOrTheMemoryOfOneHost) {
  EXPECT_EQ(Choose({}, "", false).variables.at("OMPI_MCA_btl"), "self,vader");
  const MpiNetwork named = Choose({}, "lo", true);
  EXPECT_EQ(named.interface, "lo");
  EXPECT_EQ(named.variables.at("OMPI_MCA_btl_tcp_if_include"), "lo");
  EXPECT_TRUE(Choose({{"OMPI_MCA_btl_tcp_if_include", "eth1"}}, "", true).variables.empty());
  EXPECT_TRUE(Choose({{"UCX_NET_DEVICES", "mlx5_0:1"}}, "", true).variables.empty());
}

TEST(MpiNetwork, HasToBeNamedOnSeveralHostsAndToBeThere) {
  const auto exit_code = [](const Variables& variables, const std::string& wanted) {
    try {
      Choose(variables, wanted, true);
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("--interface"), std::string::npos) << error.what();
      return error.exit_code();
    }
    return 0;
  };
  EXPECT_EQ(exit_code({}, ""), 2);
  EXPECT_EQ(exit_code({{"OMPI_MCA_btl_tcp_if_include", "eth1"}}, "lo"), 2);
  EXPECT_EQ(exit_code({}, "none-such"), 3);
  EXPECT_EQ(exit_code({}, "lo"), 0);
}

TEST(RankPlace, HalfSetAndContradictingVariablesAreNamed) {
  const auto names = [](const Variables& variables, const std::string& name, int expected = 0) {
    const std::string sentence = Refused(variables, expected);
    EXPECT_NE(sentence.find(name), std::string::npos) << sentence;
  };
  names({{"OMPI_COMM_WORLD_RANK", "0"}}, "OMPI_COMM_WORLD_SIZE");
  names({{"OMPI_COMM_WORLD_SIZE", "2"}}, "OMPI_COMM_WORLD_RANK");
  names({{"OMPI_COMM_WORLD_RANK", "2"}, {"OMPI_COMM_WORLD_SIZE", "2"}}, "OMPI_COMM_WORLD_RANK");
  names({{"OMPI_COMM_WORLD_RANK", "x"}, {"OMPI_COMM_WORLD_SIZE", "2"}}, "OMPI_COMM_WORLD_RANK");
  names({{"OMPI_COMM_WORLD_RANK", "1"}, {"OMPI_COMM_WORLD_SIZE", "2"}}, "--ranks", 4);
  names({{"SLURM_PROCID", "0"}, {"SLURM_STEP_NUM_TASKS", "2"}}, "--mpi=pmix");
  names({{"SLURM_PROCID", "0"}, {"SLURM_STEP_NUM_TASKS", "2"}, {"PMIX_RANK", "1"}}, "PMIX_RANK");
  names({{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "host"}}, "torchrun");
  names({{"RANK", "0"}, {"MASTER_ADDR", "host"}}, "WORLD_SIZE");
}

}  // namespace
}  // namespace genba::trainer
