// Hardware as data: one chip, or one node of several, with the source of every figure.
#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "atlas/machine/quantity.h"

namespace atlas {

/// A number of a description, in the base unit of its dimension. Absent where `value` is NaN.
struct Figure {
  double value = std::numeric_limits<double>::quiet_NaN();
  std::string source;     // whole text of the source; of an estimate, its reason, "" where none is given
  bool estimate = false;  // nobody published it

  bool known() const { return !std::isnan(value); }
  double value_or(double otherwise) const { return known() ? value : otherwise; }
};

/// A word of a description with its source, such as the process.
struct SourcedText {
  std::string text;
  std::string source;
  bool estimate = false;
};

/// Operations per second in one number format: "f32", "f16", "i8", ...
struct Rate {
  std::string format;
  Figure rate;
};

/// Number formats that rates may be given for.
inline constexpr std::string_view kNumberFormats[] = {"f64", "f32", "tf32", "f16", "bf16", "f8",
                                                      "f6",  "f4",  "i16",  "i8",  "i4"};

/// Arithmetic of one kind: all units of the chip together.
struct Engine {
  std::string name;  // "matrix": products of small matrices; "vector": everything else
  Figure count;      // units on the chip
  Figure macs;       // multiply-adds of one unit per clock, in the format `macs_in`
  std::string macs_in;
  std::vector<Rate> dense;   // at Clock::peak
  std::vector<Rate> sparse;  // with half of the weights zero, as some data sheets quote
  std::vector<Rate> energy;  // joules per operation

  /// Absent where there is none.
  Figure rate(std::string_view format) const;
};

struct Clock {
  Figure peak;              // the clock at which the dense rates hold
  Figure boost;             // the highest there is
  Figure sustained;         // under a long load of the matrix engine
  Figure sustained_vector;  // under one of the vector engine; absent where the power allows the peak clock
};

struct Compute {
  Figure cores;  // what work is handed to: SM, CU, core, tile
  Clock clock;
  std::vector<Engine> engines;

  const Engine* engine(std::string_view name) const;
};

/// A level of memory. Levels stand in order, the largest and farthest from the arithmetic first.
struct Memory {
  std::string name;    // dram, l3, l2, l1, scratch, registers
  std::string kind;    // HBM3, GDDR6, SRAM, ...
  std::string shared;  // chip: one for all cores; core: one per core
  Figure capacity;     // of one
  Figure bandwidth;    // of all together
  Figure latency;
  Figure energy;  // per bit read or written
};

struct Link {
  std::string name;      // nvlink, pcie, ...
  std::string topology;  // of a node: all-to-all, ring, mesh, none
  Figure bandwidth;      // of one chip, in one direction, all its links of this kind together
  Figure latency;        // of a message, from memory to memory
};

struct Launch {
  Figure kernel;   // from the end of one kernel to the start of the next that was queued behind it
  Figure barrier;  // of all cores
};

struct Power {
  Figure idle;
  Figure tdp;
};

/// The chips of a node.
struct NodePart {
  std::string chip;  // a machine's name
  int count = 0;
};

struct Machine {
  std::string name;  // as in the file's name
  std::string title;
  std::string vendor;
  std::string family;                // machines of one family are siblings: constants carry over
  std::vector<std::string> aliases;  // names in tables of measurements
  Compute compute;                   // of a chip
  std::vector<Memory> memories;
  std::vector<Link> links;
  Launch launch;
  Power power;
  Figure area;
  SourcedText process;
  Figure price;
  Figure year;
  NodePart chips;  // of a node; count 0 says that this is a chip
  std::string path;

  bool is_node() const { return chips.count > 0; }
  const Memory* memory(std::string_view level) const;
};

}  // namespace atlas
