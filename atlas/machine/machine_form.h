// The form of a description: every member once, for the reader, the schema and the JSON of one alike.
#pragma once

#include "atlas/machine/machine.h"

namespace atlas {

// `Visitor` has a function for each kind of member: word, choice, figure, sourced, rates, words, count, part
// (a map) and parts (a list of maps). A member is optional unless `kNeeded` is given.
inline constexpr bool kNeeded = true;

inline constexpr std::string_view kSharing[] = {"chip", "core"};
inline constexpr std::string_view kTopologies[] = {"all-to-all", "ring", "mesh", "none"};
inline constexpr std::string_view kEngines[] = {"matrix", "vector"};

template <typename Visitor>
void visit(Visitor& v, Clock& clock) {
  v.figure("peak", clock.peak, Dimension::Frequency, "at which the dense rates hold");
  v.figure("boost", clock.boost, Dimension::Frequency, "the highest");
  v.figure("sustained", clock.sustained, Dimension::Frequency, "under a long load of the matrix engine");
  v.figure("sustained_vector", clock.sustained_vector, Dimension::Frequency,
           "under a long load of the vector engine, where the power does not allow the peak clock");
}

template <typename Visitor>
void visit(Visitor& v, Engine& engine) {
  v.choice("name", engine.name, kEngines, "what it computes", kNeeded);
  v.figure("count", engine.count, Dimension::Count, "units on the chip");
  v.figure("macs", engine.macs, Dimension::Count, "multiply-adds of one unit per clock");
  v.choice("macs_in", engine.macs_in, kNumberFormats, "the number format of macs");
  v.rates("dense", engine.dense, Dimension::Ops, "operations per second of all units at the peak clock",
          kNeeded);
  v.rates("sparse", engine.sparse, Dimension::Ops, "the same with half of the weights zero");
  v.rates("energy", engine.energy, Dimension::EnergyPerOp, "of one operation");
}

template <typename Visitor>
void visit(Visitor& v, Compute& compute) {
  v.figure("cores", compute.cores, Dimension::Count, "what work is handed to: SM, CU, core, tile", kNeeded);
  v.part("clock", compute.clock, "clocks");
  v.parts("engines", compute.engines, "arithmetic, by kind", kNeeded);
}

template <typename Visitor>
void visit(Visitor& v, Memory& memory) {
  v.word("name", memory.name, "dram, l3, l2, l1, scratch, registers", kNeeded);
  v.word("kind", memory.kind, "HBM3, GDDR6, SRAM, ...");
  v.choice("shared", memory.shared, kSharing, "chip: one for all cores; core: one per core", kNeeded);
  v.figure("capacity", memory.capacity, Dimension::Bytes, "of one", kNeeded);
  v.figure("bandwidth", memory.bandwidth, Dimension::Bandwidth, "of all together");
  v.figure("latency", memory.latency, Dimension::Time, "of a load");
  v.figure("energy", memory.energy, Dimension::EnergyPerBit, "of a bit read or written");
}

template <typename Visitor>
void visit(Visitor& v, Link& link) {
  v.word("name", link.name, "nvlink, pcie, ethernet, ...", kNeeded);
  v.choice("topology", link.topology, kTopologies, "how the chips of a node are joined");
  v.figure("bandwidth", link.bandwidth, Dimension::Bandwidth,
           "of one chip, in one direction, all links together", kNeeded);
  v.figure("latency", link.latency, Dimension::Time, "of a message, from memory to memory");
}

template <typename Visitor>
void visit(Visitor& v, Launch& launch) {
  v.figure("kernel", launch.kernel, Dimension::Time, "between one kernel and the next queued behind it");
  v.figure("barrier", launch.barrier, Dimension::Time, "of all cores");
}

template <typename Visitor>
void visit(Visitor& v, Power& power) {
  v.figure("idle", power.idle, Dimension::Power, "with nothing to do");
  v.figure("tdp", power.tdp, Dimension::Power, "that cooling and supply are built for");
}

template <typename Visitor>
void visit(Visitor& v, NodePart& part) {
  v.word("machine", part.chip, "the name of a chip", kNeeded);
  v.count("count", part.count, 1, 1024, "how many", kNeeded);
}

template <typename Visitor>
void visit(Visitor& v, Machine& machine) {
  v.word("title", machine.title, "the name people say", kNeeded);
  v.word("vendor", machine.vendor, "who makes it", kNeeded);
  v.word("family", machine.family,
         "machines of one family are siblings: what was measured on one carries over", kNeeded);
  v.words("aliases", machine.aliases, "names in tables of measurements");
  v.figure("year", machine.year, Dimension::Year, "of launch");
  v.part("compute", machine.compute, "arithmetic of a chip");
  v.parts("memories", machine.memories, "farthest from the arithmetic first");
  v.parts("links", machine.links, "to other chips and the host");
  v.part("launch", machine.launch, "overheads");
  v.part("power", machine.power, "of the chip with its memory");
  v.figure("area", machine.area, Dimension::Area, "of all dies with arithmetic");
  v.sourced("process", machine.process, "of manufacture");
  v.figure("price", machine.price, Dimension::Money, "of one");
  v.part("chips", machine.chips, "of a node: which, and how many");
}

}  // namespace atlas
