// A chip as the operator models see it: plain numbers, with what its description leaves out filled in.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "atlas/machine/catalogue.h"

namespace atlas {

/// Rates in operations per second of the whole chip, at the clock that it holds under load.
struct Chip {
  std::string name;
  std::string family;
  double cores = 1;
  double dram_bytes_per_s = 0;
  double dram_bytes = 0;
  double l2_bytes = 0;  // the largest cache shared by all cores
  double l2_bytes_per_s = 0;
  double l1_bytes = 0;            // of one core
  double exponentials_per_s = 0;  // of the special units, all cores
  double idle_w = 0;
  double tdp_w = 0;  // 0 where it is not known
  double joules_per_operation = 0;
  double dram_joules_per_bit = 0;
  std::map<std::string, double, std::less<>> matrix;  // by number format
  std::map<std::string, double, std::less<>> vector;

  // Links of the node that the chip stands in; 1 chip and no link for a chip by itself.
  int chips = 1;
  double link_bytes_per_s = 0;  // of one chip in one direction
  double link_latency_s = 0;
  std::string topology;
  double network_bytes_per_s = 0;  // of one chip to other nodes, in one direction; 0: there is none
  double network_latency_s = 0;

  /// The rate of products in a format: of the matrix engine, else of a wider format that it has (f8 as f16),
  /// else of the vector engine. Throws Unsupported where the chip has nothing that computes it.
  double product_rate(std::string_view format) const;
  /// The rate of element-wise work; that of f32 where the format has none of its own.
  double vector_rate(std::string_view format) const;
};

/// Joules of what takes so long: idling, operations and bytes from memory, capped by the TDP.
double energy_of(const Chip& chip, double seconds, double operations, double bytes);

/// Of a node, one of its chips with the node's links.
/// What descriptions leave out is derived: an L2 reads 64 bytes per core and clock; a chip without a shared
/// cache has one of 1/8 of the sum of its cores' memories; vector rates are 1/16 of the matrix engine's;
/// an operation of the fastest engine takes 0.6 of what the TDP leaves above idling at the peak rate.
Chip chip_of(const Machine& machine, const Catalogue& catalogue);

}  // namespace atlas
