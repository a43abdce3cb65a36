#include "atlas/machine/machine_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atlas/base/error.h"
#include "atlas/machine/machine_json.h"

namespace atlas {
namespace {

using testing::HasSubstr;

constexpr const char* kSmall = R"(title: A small chip
vendor: Us
family: small
sources: {sheet: our data sheet}
compute:
  cores: 4 (sheet)
  clock:
    peak: 1000 MHz (sheet)
    boost: 1200 MHz (estimate)
    sustained: 900 MHz (estimate, warm)
  engines:
    - name: matrix
      count: 4 (sheet)
      macs: 256 (sheet)
      macs_in: f16
      dense: {f16: 2.048 TFLOP/s (sheet)}
      sparse: {f16: 4.096 TFLOP/s (sheet)}
memories:
  - {name: dram, shared: chip, capacity: 8 GB (sheet), bandwidth: 100 GB/s (sheet)}
  - {name: l1, shared: core, capacity: 64 KiB (sheet), bandwidth: 1 TB/s (estimate)}
power: {idle: 1 W (sheet), tdp: 10 W (sheet)}
)";

// The description with one piece of it exchanged.
std::string changed(const std::string& from, const std::string& to) {
  std::string text = kSmall;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string message_of(const std::string& text) {
  try {
    parse_machine(text, "m/small.yaml");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(MachineReader, ReadsFiguresWithSources) {
  const Machine machine = parse_machine(kSmall, "m/small.yaml");
  EXPECT_EQ(machine.name, "small");
  EXPECT_EQ(machine.compute.cores.value, 4);
  EXPECT_EQ(machine.compute.cores.source, "our data sheet");
  EXPECT_FALSE(machine.compute.cores.estimate);
  EXPECT_TRUE(machine.compute.clock.sustained.estimate);
  EXPECT_EQ(machine.compute.clock.sustained.source, "warm");
  EXPECT_EQ(machine.compute.engine("matrix")->rate("f16").value, 2.048e12);
  EXPECT_FALSE(machine.compute.engine("matrix")->rate("f8").known());
  EXPECT_EQ(machine.compute.engine("vector"), nullptr);
  EXPECT_EQ(machine.memory("l1")->capacity.value, 65536);
  EXPECT_FALSE(machine.price.known());
}

TEST(MachineReader, NamesFileLineAndExpectation) {
  EXPECT_THAT(message_of(changed("8 GB (sheet)", "8 GB")),
              HasSubstr("m/small.yaml:19: memories[0].capacity: expected a figure and its source, as in "));
  EXPECT_THAT(message_of(changed("8 GB (sheet)", "8 GB (hearsay)")), HasSubstr("a key of 'sources'"));
  EXPECT_THAT(message_of(changed("100 GB/s", "100 GB")),
              HasSubstr("memories[0].bandwidth: expected a bandwidth such as 3.35 TB/s (units: B/s,"));
  EXPECT_THAT(message_of(changed("cores:", "coers:")), HasSubstr("compute: expected a member 'cores'"));
  EXPECT_THAT(message_of(changed("tdp:", "tpd:")), HasSubstr("(the key here is 'tpd')"));
  EXPECT_THAT(message_of(changed("{f16: 2", "{half: 2")), HasSubstr("(the key here is 'half')"));
  EXPECT_THAT(message_of(changed("shared: chip", "shared: rack")),
              HasSubstr("expected one of chip, core, got 'rack'"));
  EXPECT_THAT(message_of("title: [\n"), HasSubstr("m/small.yaml:2: expected YAML"));
}

TEST(MachineReader, RefusesMachinesThatCannotBe) {
  EXPECT_THAT(message_of(changed("100 GB/s", "0 GB/s")),
              HasSubstr("m/small.yaml:19: memories[0].bandwidth: expected more than zero"));
  EXPECT_THAT(message_of(changed("100 GB/s", "-5 GB/s")), HasSubstr("expected more than zero"));
  EXPECT_THAT(message_of(changed("64 KiB", "4 GB")),
              HasSubstr("memories[1].capacity: expected l1 to hold less than dram behind it, 8 GB"));
  EXPECT_THAT(message_of(changed("1 TB/s", "1 GB/s")),
              HasSubstr("expected l1 to be at least as fast as dram behind it, 100 GB/s"));
  EXPECT_THAT(message_of(changed("900 MHz", "1300 MHz")), HasSubstr("expected at most clock.boost"));
  EXPECT_THAT(message_of(changed("1 W (sheet)", "20 W (sheet)")), HasSubstr("expected at most power.tdp"));
  EXPECT_THAT(message_of(changed("{name: l1", "{name: dram")), HasSubstr("not 'dram' twice"));
}

// 4 units x 256 multiply-adds x 2 x 1 GHz = 2.048 TFLOP/s: the sparse rate in the dense one's place shows.
TEST(MachineReader, RefusesASparseRateWrittenAsADenseOne) {
  EXPECT_THAT(message_of(changed("dense: {f16: 2.048", "dense: {f16: 4.096")),
              HasSubstr("count x macs x 2 x clock.peak = 2.048 TFLOP/s, not 4.096 TFLOP/s"));
  EXPECT_THAT(message_of(changed("sparse: {f16: 4.096", "sparse: {f16: 1")),
              HasSubstr("at least the dense one"));
}

TEST(MachineReader, SchemaHasEveryMemberOfTheForm) {
  const std::string schema = machine_schema().text();
  for (const char* member : {"title", "compute", "engines", "memories", "bandwidth", "links", "launch",
                             "idle", "area", "process", "price", "chips", "sources"})
    EXPECT_THAT(schema, HasSubstr(std::string("\"") + member + "\": {"));
  EXPECT_THAT(machine_json(parse_machine(kSmall, "small.yaml")).text(), HasSubstr("\"text\": \"100 GB/s\""));
}

}  // namespace
}  // namespace atlas
