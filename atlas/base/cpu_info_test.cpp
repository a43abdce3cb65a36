#include "atlas/base/cpu_info.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <fstream>
#include <thread>

namespace atlas {
namespace {

namespace fs = std::filesystem;

class CgroupTree : public testing::Test {
 protected:
  CgroupTree() { fs::create_directories(root); }
  ~CgroupTree() override { fs::remove_all(root); }

  void write(const fs::path& file, const std::string& text) {
    fs::create_directories((root / file).parent_path());
    std::ofstream(root / file) << text;
  }

  const fs::path root =
      fs::temp_directory_path() /
      ("cgroup_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
};

TEST_F(CgroupTree, V2TakesTheStrictestLevel) {
  write("cpu.max", "max 100000\n");
  write("jobs/cpu.max", "150000 100000\n");
  write("jobs/mine/cpu.max", "400000 100000\n");
  write("jobs/memory.max", "1048576\n");
  write("jobs/mine/memory.max", "max\n");
  const CgroupLimits limits = read_cgroup_limits("0::/jobs/mine\n", root);
  EXPECT_DOUBLE_EQ(limits.cpus, 1.5);
  EXPECT_EQ(limits.memory_bytes, 1048576u);
}

TEST_F(CgroupTree, V1ReadsQuotaAndMemory) {
  write("cpu/group/cpu.cfs_quota_us", "300000\n");
  write("cpu/group/cpu.cfs_period_us", "100000\n");
  write("cpu/cpu.cfs_quota_us", "-1\n");
  write("cpu/cpu.cfs_period_us", "100000\n");
  write("memory/memory.limit_in_bytes", "9223372036854771712\n");
  write("memory/group/memory.limit_in_bytes", "2097152\n");
  const CgroupLimits limits = read_cgroup_limits("4:memory:/group\n1:cpu,cpuacct:/group\n", root);
  EXPECT_DOUBLE_EQ(limits.cpus, 3);
  EXPECT_EQ(limits.memory_bytes, 2097152u);
}

TEST_F(CgroupTree, NoLimitAndNonsenseAreNoLimit) {
  write("cpu.max", "max 100000\n");
  write("memory.max", "max\n");
  EXPECT_EQ(read_cgroup_limits("0::/\n", root).cpus, 0);
  write("cpu.max", "10 0\n");
  write("memory.max", "lots\n");
  const CgroupLimits limits = read_cgroup_limits("0::/\nnot a line\n::\n", root);
  EXPECT_EQ(limits.cpus, 0);
  EXPECT_EQ(limits.memory_bytes, 0u);
}

TEST(CpuInfo, DescribesThisMachine) {
  const CpuInfo info = read_cpu_info();
  EXPECT_GE(info.available_cpus, 1u);
  EXPECT_LE(info.available_cpus, info.online_cpus);
  EXPECT_GT(info.memory_bytes, 0u);
  EXPECT_LE(info.memory_limit_bytes, info.memory_bytes);
  for (const CpuCache& cache : info.caches) EXPECT_GT(cache.level, 0);
}

TEST(CpuInfo, AffinityBoundsTheCpus) {
  std::thread([] {  // the mask is the thread's own: the test's is left alone
    cpu_set_t mask;
    ASSERT_EQ(sched_getaffinity(0, sizeof mask, &mask), 0);
    int first = 0;
    while (!CPU_ISSET(first, &mask)) ++first;
    CPU_ZERO(&mask);
    CPU_SET(first, &mask);
    ASSERT_EQ(sched_setaffinity(0, sizeof mask, &mask), 0);
    EXPECT_EQ(available_cpus(), 1u);
  })
      .join();
}

}  // namespace
}  // namespace atlas
