// Whole tensors repeated, cut or folded: Tile, Trilu, DepthToSpace, SpaceToDepth.
#include <algorithm>
#include <array>
#include <cstring>

#include "atlas/targets/cpu/kernel_table.h"
#include "atlas/targets/cpu/kernels/strided_copy.h"
#include "atlas/targets/cpu/kernels/transpose.h"
#include "atlas/tensor/elements.h"

namespace atlas::cpu {
namespace {

std::size_t width(const Tensor& tensor) {
  return static_cast<std::size_t>(bits(tensor.dtype())) / 8;
}

// A copy of [repeat, extent, repeat, extent, ...] whose source stands still along the repeats.
class TileKernel : public Kernel {
 public:
  explicit TileKernel(const NodeView&) {}
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    const std::vector<std::int64_t> repeats = to_ints(context.input(1));
    context.check(repeats.size() == x.rank(), "expected {} repeats, got {}", x.rank(), repeats.size());
    const std::vector<std::int64_t> strides = row_major_strides(x.shape());
    Shape shape;
    Shape walk;
    std::vector<std::int64_t> from;
    for (std::size_t i = 0; i < x.rank(); ++i) {
      context.check(repeats[i] >= 0, "expected repeats of 0 or more, got {}", repeats[i]);
      std::int64_t extent = 0;
      context.check(!__builtin_mul_overflow(x.dim(i), repeats[i], &extent), "{} repeats are too many",
                    repeats[i]);
      shape.push_back(extent);
      walk.insert(walk.end(), {repeats[i], x.dim(i)});
      from.insert(from.end(), {0, strides[i]});
    }
    Tensor& out = context.output(0, x.dtype(), shape);
    if (out.element_count() == 0) return;
    strided_copy(walk, static_cast<const std::byte*>(x.raw()), from,
                 static_cast<std::byte*>(out.raw_mutable()), row_major_strides(walk), width(x),
                 context.pool());
  }
};

class TriluKernel : public Kernel {
 public:
  explicit TriluKernel(const NodeView& node) : upper_(node.integer("upper", 1) != 0) {}
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    context.check(x.rank() >= 2, "expected matrices, got {}", shown(x));
    std::int64_t diagonal = 0;
    if (context.has_input(1)) {
      context.check(context.input(1).element_count() == 1, "expected one number as k, got {}",
                    shown(context.input(1)));
      diagonal = to_ints(context.input(1))[0];
    }
    Tensor& out = context.output(0, x.dtype(), x.shape());
    if (out.element_count() == 0) return;
    const std::int64_t rows = x.shape().end()[-2];
    const std::int64_t columns = x.shape().back();
    diagonal = std::clamp(diagonal, -rows, columns);
    const std::size_t size = width(x);
    const auto* from = static_cast<const std::byte*>(x.raw());
    auto* to = static_cast<std::byte*>(out.raw_mutable());
    const std::size_t lines = x.element_count() / static_cast<std::size_t>(columns);
    for (std::size_t line = 0; line < lines; ++line) {
      // Kept are the columns [begin, end).
      const std::int64_t at = static_cast<std::int64_t>(line) % rows + diagonal;
      const std::int64_t begin = upper_ ? std::clamp<std::int64_t>(at, 0, columns) : 0;
      const std::int64_t end = upper_ ? columns : std::clamp<std::int64_t>(at + 1, 0, columns);
      const auto bytes = [&](std::int64_t count) { return static_cast<std::size_t>(count) * size; };
      const std::size_t start = line * bytes(columns);
      std::memset(to + start, 0, bytes(begin));
      std::memcpy(to + start + bytes(begin), from + start + bytes(begin), bytes(end - begin));
      std::memset(to + start + bytes(end), 0, bytes(columns - end));
    }
  }

 private:
  bool upper_;
};

std::size_t block_size(const KernelContext& context, std::int64_t stated) {
  context.check(context.input(0).rank() == 4, "expected an input [N,C,H,W], got {}", shown(context.input(0)));
  context.check(stated >= 1 && stated <= 1 << 20, "expected a blocksize of 1 or more, got {}", stated);
  return static_cast<std::size_t>(stated);
}

class DepthToSpaceKernel : public Kernel {
 public:
  explicit DepthToSpaceKernel(const NodeView& node)
      : block_(node.integer("blocksize")), depth_first_(node.string("mode", "DCR") == "DCR") {}
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    const std::size_t b = block_size(context, block_);
    context.check(x.dim(1) % (block_ * block_) == 0, "extent {} does not divide into {} parts", x.dim(1),
                  block_ * block_);
    const std::int64_t channels = x.dim(1) / (block_ * block_);
    Tensor& out = context.output(0, x.dtype(), {x.dim(0), channels, x.dim(2) * block_, x.dim(3) * block_});
    if (out.element_count() == 0) return;
    const auto n = static_cast<std::size_t>(x.dim(0));
    const auto c = static_cast<std::size_t>(channels);
    const auto h = static_cast<std::size_t>(x.dim(2));
    const auto w = static_cast<std::size_t>(x.dim(3));
    if (depth_first_) {
      transpose(x.raw(), out.raw_mutable(), std::array{n, b, b, c, h, w},
                std::array<std::size_t, 6>{0, 3, 4, 1, 5, 2}, width(x), context.pool());
    } else {
      transpose(x.raw(), out.raw_mutable(), std::array{n, c, b, b, h, w},
                std::array<std::size_t, 6>{0, 1, 4, 2, 5, 3}, width(x), context.pool());
    }
  }

 private:
  std::int64_t block_;
  bool depth_first_;
};

class SpaceToDepthKernel : public Kernel {
 public:
  explicit SpaceToDepthKernel(const NodeView& node) : block_(node.integer("blocksize")) {}
  void run(KernelContext& context) const override {
    const Tensor& x = context.input(0);
    const std::size_t b = block_size(context, block_);
    context.check(x.dim(2) % block_ == 0 && x.dim(3) % block_ == 0,
                  "image {} does not divide into blocks of {}", shown(x), block_);
    const std::int64_t height = x.dim(2) / block_;
    const std::int64_t columns = x.dim(3) / block_;
    Tensor& out = context.output(0, x.dtype(), {x.dim(0), x.dim(1) * block_ * block_, height, columns});
    if (out.element_count() == 0) return;
    const auto n = static_cast<std::size_t>(x.dim(0));
    const auto c = static_cast<std::size_t>(x.dim(1));
    const auto h = static_cast<std::size_t>(height);
    const auto w = static_cast<std::size_t>(columns);
    transpose(x.raw(), out.raw_mutable(), std::array{n, c, h, b, w, b},
              std::array<std::size_t, 6>{0, 3, 5, 1, 2, 4}, width(x), context.pool());
  }

 private:
  std::int64_t block_;
};

template <typename K>
std::unique_ptr<Kernel> make(const NodeView& node) {
  return bits(node.dtype(0)) >= 8 ? std::make_unique<K>(node) : nullptr;
}

}  // namespace

std::vector<KernelDef> rearrangement_kernels() {
  return {
      {"", "DepthToSpace", make<DepthToSpaceKernel>},
      {"", "SpaceToDepth", make<SpaceToDepthKernel>},
      {"", "Tile", make<TileKernel>},
      {"", "Trilu", make<TriluKernel>},
  };
}

}  // namespace atlas::cpu
