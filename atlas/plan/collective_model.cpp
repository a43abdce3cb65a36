// Bytes that leave each chip over its links (Thakur, Rabenseifner, Gropp, 2005: a ring moves (n-1)/n of the
// data per phase), and the cost of cutting them into pieces that overlap.
#include "atlas/plan/collective_model.h"

#include <algorithm>
#include <cmath>

#include "atlas/base/error.h"

namespace atlas {
namespace {

enum : std::size_t { kLaunch, kBandwidth, kPiece, kHop };

constexpr ModelConstant kParameters[] = {
    {"launch_us", 8, 0.5, 60, "until all chips have met"},
    {"bandwidth", 0.8, 0.2, 1, "of the links' bandwidth in one direction, reached"},
    {"piece_us", 5, 0.1, 200, "of handing on one piece; the number of pieces is the best one"},
    {"hop", 1, 0.1, 10, "latency of one step, in units of the link's"},
};

double phases(CollectiveKind kind) {
  return kind == CollectiveKind::AllReduce ? 2 : 1;
}

}  // namespace

const Family kCollectiveFamily{"collective", kParameters};

Estimate predict_collective(const Chip& chip, std::span<const double> p, const Collective& op) {
  const double n = op.ranks > 0 ? op.ranks : chip.chips;
  const double together = op.per_node > 0 ? std::min(op.per_node, n) : n;
  require(chip.chips > 1 || together < n,
          "{}: expected a node of several chips for a collective, got one chip", chip.name);
  require(together == n || chip.network_bytes_per_s > 0,
          "{}: expected a node with a link named 'network' for a collective among nodes, got none",
          chip.name);
  const double sent = op.kind == CollectiveKind::Send ? op.bytes : phases(op.kind) * op.bytes * (n - 1) / n;
  // What leaves a node goes through the network links of all its chips that take part.
  const double through_network = chip.network_bytes_per_s * together;
  const double bandwidth = together == n  ? chip.link_bytes_per_s
                           : together > 1 ? std::min(chip.link_bytes_per_s, through_network)
                                          : through_network;
  const double stream = sent / (bandwidth * p[kBandwidth]);
  // k pieces take stream x (1 + 1/k) + k x piece: least at k = sqrt(stream / piece).
  const double pieces = 2 * std::sqrt(stream * p[kPiece] * 1e-6);
  const double steps = phases(op.kind) * (chip.topology == "ring" || chip.topology == "mesh" ? n - 1 : 1);
  const double hop = together == n ? chip.link_latency_s : chip.network_latency_s;
  const double start = p[kLaunch] * 1e-6 + steps * hop * p[kHop];
  Estimate out;
  out.seconds = start + stream + pieces;
  out.limit = start > stream + pieces ? Limit::Launch : stream > pieces ? Limit::Link : Limit::Latency;
  out.operations =
      op.kind == CollectiveKind::AllReduce || op.kind == CollectiveKind::ReduceScatter ? op.bytes / 2 : 0;
  out.bytes = sent;
  return out;
}

}  // namespace atlas
