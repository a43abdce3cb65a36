// Products with weights of few bits, in blocks with scales.
#include <optional>

#include "atlas/targets/cpu/kernel_table.h"
#include "atlas/targets/cpu/kernels/nbits.h"
#include "atlas/targets/cpu/node_epilogue.h"

namespace atlas::cpu {
namespace {

/// com.microsoft::MatMulNBits in f32, its columns in the order of the model.
class MatMulNBitsKernel : public Kernel {
 public:
  MatMulNBitsKernel(const NodeView& node, const NbitsShape& shape) : shape_(shape) {
    bool fits = true;
    for (const std::size_t i : {kCodes, kScales, kZeros}) {
      if (!node.has_input(i)) continue;
      const std::optional<Shape> given = node.constant_shape(i);
      fits = fits && given && element_count(*given) == expected(i);
    }
    if (!fits) return;  // what is wrong is said by the run
    ThreadPool alone(1);
    const auto find = [&] {
      return matrix(*node.constant(kCodes), *node.constant(kScales), node.constant(kZeros));
    };
    packed_.emplace(shape_, find, alone, node.packer());
  }

  bool reads(std::size_t i) const override {
    return !packed_ || (i != kCodes && i != kScales && i != kZeros);
  }

  void run(KernelContext& context) const override {
    const Tensor& a = context.input(0);
    if (a.rank() == 0 || a.shape().back() != static_cast<std::int64_t>(shape_.k))
      context.check(false, "expected rows of {} numbers, got {}", shape_.k, shown(a));
    const float* bias = read_bias(context, kBias, shape_.n);
    Shape shape = a.shape();
    shape.back() = static_cast<std::int64_t>(shape_.n);
    std::optional<PackedNbits> packed_now;
    if (!packed_) packed_now = pack(context);
    const PackedNbits& weights = packed_ ? *packed_ : *packed_now;
    Tensor& out = context.output(0, DType::F32, std::move(shape));
    multiply_nbits(out.element_count() / shape_.n, a.values<float>().data(), weights, bias,
                   out.values_mutable<float>().data(), context.pool());
  }

 private:
  static constexpr std::size_t kCodes = 1, kScales = 2, kZeros = 3, kBias = 5;

  std::size_t expected(std::size_t input) const {
    if (input == kCodes) return shape_.code_bytes();
    if (input == kScales || shape_.zeros == NbitsZeros::Reals) return shape_.scale_count();
    return shape_.n * shape_.zero_bytes();
  }

  NbitsMatrix matrix(const Tensor& codes, const Tensor& scales, const Tensor* zeros) const {
    NbitsMatrix out{codes.values<std::uint8_t>().data(), scales.values<float>().data()};
    if (shape_.zeros == NbitsZeros::Bytes) out.zero_bytes = zeros->values<std::uint8_t>().data();
    if (shape_.zeros == NbitsZeros::Reals) out.zero_reals = zeros->values<float>().data();
    return out;
  }

  PackedNbits pack(const KernelContext& context) const {
    const auto given = [&](std::size_t i, const char* what) {
      const Tensor& tensor = context.input(i);
      context.check(tensor.element_count() == expected(i), "expected {} {}, got {}", expected(i), what,
                    shown(tensor));
      return &tensor;
    };
    const Tensor* codes = given(kCodes, "bytes of weights");
    const Tensor* scales = given(kScales, "scales");
    const Tensor* zeros = nullptr;
    if (shape_.zeros != NbitsZeros::Middle)
      zeros = given(kZeros, shape_.zeros == NbitsZeros::Bytes ? "bytes of zero points" : "zero points");
    const auto find = [&] { return matrix(*codes, *scales, zeros); };
    return PackedNbits(shape_, find, context.pool(), plain_packer());
  }

  NbitsShape shape_;
  std::optional<PackedNbits> packed_;
};

// Attributes that nobody can do are left to the operator's definition, which says what is wrong.
std::optional<NbitsShape> shape_of(const NodeView& node) {
  const std::int64_t n = node.integer("N"), k = node.integer("K"), bits = node.integer("bits");
  const std::int64_t block = node.integer("block_size");
  const bool is_known = n > 0 && k > 0 && n <= INT32_MAX && k <= INT32_MAX &&
                        (bits == 2 || bits == 4 || bits == 8) && block >= 16 && block <= INT32_MAX &&
                        (block & (block - 1)) == 0;
  if (!is_known) return std::nullopt;
  NbitsShape shape{static_cast<std::size_t>(n), static_cast<std::size_t>(k), static_cast<std::size_t>(bits),
                   static_cast<std::size_t>(block)};
  if (node.has_input(3)) shape.zeros = node.dtype(3) == DType::U8 ? NbitsZeros::Bytes : NbitsZeros::Reals;
  return shape;
}

std::unique_ptr<Kernel> make_matmul_nbits(const NodeView& node) {
  const auto is_f32 = [&](std::size_t i) { return !node.has_input(i) || node.dtype(i) == DType::F32; };
  const bool takes = is_f32(0) && node.dtype(1) == DType::U8 && is_f32(2) &&
                     (is_f32(3) || node.dtype(3) == DType::U8) && !node.has_input(4) && is_f32(5);
  const std::optional<NbitsShape> shape = takes ? shape_of(node) : std::nullopt;
  return shape ? std::make_unique<MatMulNBitsKernel>(node, *shape) : nullptr;
}

}  // namespace

std::vector<KernelDef> nbits_kernels() {
  return {{"com.microsoft", "MatMulNBits", make_matmul_nbits}};
}

}  // namespace atlas::cpu
