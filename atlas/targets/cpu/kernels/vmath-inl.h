// Elementary functions on float vectors, inlined into the kernels that need them; vmath_test bounds their
// error.
#if defined(ATLAS_CPU_VMATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ATLAS_CPU_VMATH_INL_H_
#undef ATLAS_CPU_VMATH_INL_H_
#else
#define ATLAS_CPU_VMATH_INL_H_
#endif

#include <hwy/highway.h>

#include <limits>

#include "atlas/targets/cpu/kernels/extrema-inl.h"

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// c[0] + c[1] x + ... by Horner's rule. Coefficients here are least-maximum fits of the function's
/// remainder on the interval in use, rounded to float.
template <class D, size_t kCount>
HWY_INLINE hn::Vec<D> polynomial(D d, hn::Vec<D> x, const float (&c)[kCount]) {
  auto y = hn::Set(d, c[kCount - 1]);
  for (size_t i = kCount - 1; i-- > 0;) y = hn::MulAdd(y, x, hn::Set(d, c[i]));
  return y;
}

/// p * 2^n for whole n between -150 and 129 and p near 1.
template <class D>
HWY_INLINE hn::Vec<D> scale_by_power(D d, hn::Vec<D> p, hn::Vec<D> n) {
#if HWY_TARGET <= HWY_AVX3
  if constexpr (sizeof(p.raw) == 64) return hn::Vec<D>{_mm512_scalef_ps(p.raw, n.raw)};
#endif
  // In two factors, for neither 2^128 nor a denormal 2^n is a float of its own.
  const hn::RebindToSigned<D> di;
  const auto exponent = hn::ConvertTo(di, n);
  const auto half = hn::ShiftRight<1>(exponent);
  const auto bias = hn::Set(di, 127);
  const auto first = hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(half, bias)));
  const auto second = hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(hn::Sub(exponent, half), bias)));
  return hn::Mul(hn::Mul(p, first), second);
}

/// e^x: 2^n * e^r with |r| <= ln 2 / 2. Overflows to infinity, underflows through the denormals to 0.
template <class D>
HWY_INLINE hn::Vec<D> vexp(D d, hn::Vec<D> x) {
  // The bounds keep n in range; as first operands they let a NaN in x through.
  x = max_keeping_nan(hn::Set(d, -104.0f), min_keeping_nan(hn::Set(d, 89.0f), x));
  const auto n = hn::Round(hn::Mul(x, hn::Set(d, 1.44269504f)));
  auto r = hn::NegMulAdd(n, hn::Set(d, 0.693359375f), x);
  r = hn::NegMulAdd(n, hn::Set(d, -2.12194440e-4f), r);
  static constexpr float c[] = {0.5f, 0.166665182f, 0.041666206f, 0.00836895406f, 0.00139505998f};
  const auto p = hn::Add(hn::MulAdd(hn::Mul(r, r), polynomial(d, r, c), r), hn::Set(d, 1.0f));
  return scale_by_power(d, p, n);
}

/// e^x for x up to 0 and an error of |x| + 3 units in the last place, enough for shares of a sum: 2^n * 2^r.
/// 0 where that is below the normal numbers: masked elements are far below, and the processor takes a hundred
/// times as long for numbers that small.
template <class D>
HWY_INLINE hn::Vec<D> vexp_below_one(D d, hn::Vec<D> x) {
  const auto least = hn::Set(d, -87.3f), log2_e = hn::Set(d, 1.44269504f);
  constexpr bool by_mask = HWY_TARGET <= HWY_AVX3 && hn::MaxLanes(D()) == 16;
  const auto bounded = by_mask ? x : max_keeping_nan(least, x);
  // Added to 1.5 * 2^23, a number is rounded to a whole one, which the lowest bits then hold.
  const auto rounder = hn::Set(d, 12582912.0f);
  const auto rounded = hn::MulAdd(bounded, log2_e, rounder);
  const auto n = hn::Sub(rounded, rounder);
  static constexpr float c[] = {1.0f,          0.693147004f,   0.240222424f,
                                0.0555073358f, 0.00967151299f, 0.00132647273f};
  const auto p = polynomial(d, hn::MulSub(bounded, log2_e, n), c);
#if HWY_TARGET <= HWY_AVX3
  if constexpr (by_mask)
    return hn::Vec<D>{
        _mm512_maskz_scalef_ps(_mm512_cmp_ps_mask(x.raw, least.raw, _CMP_NLT_UQ), p.raw, n.raw)};
#endif
  const hn::RebindToSigned<D> di;
  const auto exponent = hn::Add(hn::BitCast(di, rounded), hn::Set(di, 127));
  const auto power = hn::BitCast(d, hn::ShiftLeft<23>(exponent));
  return hn::IfThenZeroElse(hn::Lt(x, least), hn::Mul(p, power));
}

/// Natural logarithm; NaN below 0, -infinity at 0.
template <class D>
HWY_INLINE hn::Vec<D> vlog(D d, hn::Vec<D> x) {
  const hn::RebindToSigned<D> di;
  const auto denormal = hn::Lt(x, hn::Set(d, std::numeric_limits<float>::min()));
  const auto scaled = hn::IfThenElse(denormal, hn::Mul(x, hn::Set(d, 8388608.0f)), x);
  // x = 2^e (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)): adding the distance from sqrt(1/2) to 1 to the bits
  // carries into the exponent just where 1 + f would reach sqrt(2).
  const auto bits = hn::Add(hn::BitCast(di, scaled), hn::Set(di, 0x3f800000 - 0x3f3504f3));
  auto e = hn::ConvertTo(d, hn::Sub(hn::ShiftRight<23>(bits), hn::Set(di, 127)));
  e = hn::Sub(e, hn::IfThenElseZero(denormal, hn::Set(d, 23.0f)));
  const auto mantissa = hn::Add(hn::And(bits, hn::Set(di, 0x7fffff)), hn::Set(di, 0x3f3504f3));
  const auto f = hn::Sub(hn::BitCast(d, mantissa), hn::Set(d, 1.0f));
  static constexpr float c[] = {0.333333313f, -0.250008225f, 0.200012267f, -0.166233525f,
                                0.142017484f, -0.131602198f, 0.127616733f, -0.076345183f};
  const auto f2 = hn::Mul(f, f);
  auto tail = hn::Mul(hn::Mul(f2, f), polynomial(d, f, c));
  tail = hn::MulAdd(e, hn::Set(d, -2.12194440e-4f), tail);
  tail = hn::NegMulAdd(hn::Set(d, 0.5f), f2, tail);
  auto y = hn::MulAdd(e, hn::Set(d, 0.693359375f), hn::Add(f, tail));
  const auto infinity = hn::Set(d, std::numeric_limits<float>::infinity());
  y = hn::IfThenElse(hn::Lt(x, infinity), y, x);  // infinity and NaN stay
  y = hn::IfThenElse(hn::Eq(x, hn::Zero(d)), hn::Neg(infinity), y);
  return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), hn::Set(d, std::numeric_limits<float>::quiet_NaN()), y);
}

/// 1 / (1 + e^-x).
template <class D>
HWY_INLINE hn::Vec<D> vsigmoid(D d, hn::Vec<D> x) {
  const auto one = hn::Set(d, 1.0f);
  return hn::Div(one, hn::Add(one, vexp(d, hn::Neg(x))));
}

/// The same for results that are multiplied by x and become bfloat16: within 2^-11 of it, in half the time.
/// Of a NaN it gives any number.
template <class D>
HWY_INLINE hn::Vec<D> vsigmoid_near(D d, hn::Vec<D> x) {
  // e^-x is 2^n * 2^f. Added to 1.5 * 2^23, a number is rounded to a whole one, which the lowest bits hold.
  const auto most = hn::Set(d, 126.0f), rounder = hn::Set(d, 12582912.0f), one = hn::Set(d, 1.0f);
  const auto t = hn::Max(hn::Neg(most), hn::Min(most, hn::Mul(x, hn::Set(d, -1.44269504f))));
  const auto rounded = hn::Add(t, rounder);
  static constexpr float c[] = {0.999928057f, 0.693260968f, 0.242611125f, 0.0551716685f};
  const auto p = polynomial(d, hn::Sub(t, hn::Sub(rounded, rounder)), c);
  const hn::RebindToUnsigned<D> bits;
  const auto power = hn::Add(hn::BitCast(bits, p), hn::ShiftLeft<23>(hn::BitCast(bits, rounded)));
  const auto sum = hn::Add(one, hn::BitCast(d, power));
  const auto y = hn::ApproximateReciprocal(sum);
#if HWY_ARCH_ARM  // its estimate has 8 bits only
  return hn::Mul(y, hn::NegMulAdd(sum, y, hn::Set(d, 2.0f)));
#else
  return y;
#endif
}

/// An odd polynomial near 0, 1 - 2 / (e^2|x| + 1) beyond.
template <class D>
HWY_INLINE hn::Vec<D> vtanh(D d, hn::Vec<D> x) {
  const auto one = hn::Set(d, 1.0f);
  const auto a = hn::Abs(x);
  const auto x2 = hn::Mul(x, x);
  static constexpr float c[] = {-0.333332807f, 0.133314416f, -0.0537395962f, 0.0206386875f, -0.00570452213f};
  const auto near = hn::MulAdd(hn::Mul(x2, x), polynomial(d, x2, c), x);
  const auto far = hn::Sub(one, hn::Div(hn::Set(d, 2.0f), hn::Add(vexp(d, hn::Add(a, a)), one)));
  return hn::IfThenElse(hn::Lt(a, hn::Set(d, 0.625f)), near, hn::CopySign(far, x));
}

#if HWY_TARGET <= HWY_AVX3
/// erf by one of 16 polynomials, of t = |x| - i * 33 / 128 for the nearest whole i: Chebyshev's interpolation
/// of degree 5, odd for i = 0, 1 for i = 15. A register holds a coefficient of all 16.
template <class D>
HWY_INLINE hn::Vec<D> erf_of_pieces(D d, hn::Vec<D> x) {
  HWY_ALIGN static constexpr float c[6][16] = {
      {0, 0.284591436f, 0.534123003f, 0.725959837f, 0.855271816f, 0.931698084f, 0.971302092f, 0.9892959f,
       0.996463776f, 0.998967111f, 0.999733686f, 0.999939442f, 0.999987841f, 0.999997854f, 0.999999642f, 1},
      {1.12837911f, 1.05581713f, 0.86494714f, 0.620379865f, 0.389576793f, 0.214188263f, 0.103101633f,
       0.0434512869f, 0.0160327125f, 0.00517939078f, 0.00146493257f, 0.000362763851f, 7.86498422e-05f,
       1.49292955e-05f, 2.48112451e-06f, 0},
      {0, -0.272196442f, -0.445980728f, -0.479821354f, -0.401752234f, -0.276105464f, -0.159488082f,
       -0.0784170479f, -0.0330673456f, -0.0120173255f, -0.00377639569f, -0.00102857384f, -0.000243242233f,
       -5.00105598e-05f, -8.94846289e-06f, 0},
      {-0.376122236f, -0.305150419f, -0.135008797f, 0.0406119898f, 0.146341577f, 0.165878654f, 0.130103365f,
       0.0798618495f, 0.0401241668f, 0.0168636236f, 0.00600287039f, 0.00182396872f, 0.000475564593f,
       0.00010679596f, 2.07132107e-05f, 0},
      {0, 0.129043415f, 0.182243153f, 0.143641591f, 0.0586496107f, -0.0143331271f, -0.0470251627f,
       -0.0457550064f, -0.0303752795f, -0.0156355184f, -0.00654078228f, -0.00227582292f, -0.000667503569f,
       -0.000166451398f, -3.54959338e-05f, 0},
      {0.112170786f, 0.0776819587f, 0.00285325246f, -0.0562635586f, -0.0676141307f, -0.0420351624f,
       -0.00982103776f, 0.00902853627f, 0.0129300822f, 0.00937583111f, 0.00489984918f, 0.00201440323f,
       0.000676026917f, 0.000188878621f, 4.44627622e-05f, 0},
  };
  // erf rounds to 1 from 3.92 on. With 2^23 added, the last bits are the nearest whole number.
  const auto a = min_keeping_nan(hn::Set(d, 3.99f), hn::Abs(x));
  const auto shift = hn::Set(d, 8388608.0f);
  const auto piece = hn::MulAdd(a, hn::Set(d, 128.0f / 33), shift);
  const auto t = hn::NegMulAdd(hn::Sub(piece, shift), hn::Set(d, 33.0f / 128), a);
  const __m512i index = _mm512_castps_si512(piece.raw);
  const auto of_piece = [&](size_t i) HWY_ATTR {
    return hn::Vec<D>{_mm512_permutexvar_ps(index, _mm512_load_ps(c[i]))};
  };
  auto y = of_piece(5);
  for (size_t i = 5; i-- > 0;) y = hn::MulAdd(y, t, of_piece(i));
  return hn::CopySign(y, x);
}
#endif

/// An odd polynomial near 0, 1 - e^-q(|x|) beyond, where q fits -log erfc.
template <class D>
HWY_INLINE hn::Vec<D> verf(D d, hn::Vec<D> x) {
#if HWY_TARGET <= HWY_AVX3
  if constexpr (sizeof(x.raw) == 64) return erf_of_pieces(d, x);
#endif
  const auto a = min_keeping_nan(hn::Set(d, 4.0f), hn::Abs(x));  // erf rounds to 1 from 3.92 on
  const auto x2 = hn::Mul(a, a);
  static constexpr float c[] = {1.12837923f,   -0.376126319f,    0.112836637f,  -0.0268577058f,
                                0.0051969518f, -0.000809770252f, 8.1850907e-05f};
  const auto near = hn::Mul(a, polynomial(d, x2, c));
  static constexpr float q[] = {-0.000182460499f, 1.12955201f,    0.633272409f,     0.108361557f,
                                -0.0251718126f,   0.00419085706f, -0.000438530231f, 2.14455922e-05f};
  const auto far = hn::Sub(hn::Set(d, 1.0f), vexp(d, hn::Neg(polynomial(d, a, q))));
  return hn::CopySign(hn::IfThenElse(hn::Lt(a, hn::Set(d, 0.95f)), near, far), x);
}

/// log(1 + e^x) without overflow: max(x, 0) + log(1 + e^-|x|).
template <class D>
HWY_INLINE hn::Vec<D> vsoftplus(D d, hn::Vec<D> x) {
  const auto t = vexp(d, hn::Neg(hn::Abs(x)));
  const auto one = hn::Set(d, 1.0f);
  // log(1 + t) for small t by the quotient log(u) t / (u - 1), which cancels the rounding of u = 1 + t.
  const auto u = hn::Add(one, t);
  const auto rounded = hn::Sub(u, one);
  const auto log1p =
      hn::IfThenElse(hn::Eq(rounded, hn::Zero(d)), t, hn::Div(hn::Mul(vlog(d, u), t), rounded));
  return hn::Add(max_keeping_nan(hn::Zero(d), x), log1p);
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();
#endif
