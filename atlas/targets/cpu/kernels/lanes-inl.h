// Reductions of four vectors at once to four numbers: fewer steps than four reductions.
#if defined(ATLAS_CPU_LANES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ATLAS_CPU_LANES_INL_H_
#undef ATLAS_CPU_LANES_INL_H_
#else
#define ATLAS_CPU_LANES_INL_H_
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace atlas::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

struct LaneSum {
  template <class V>
  HWY_INLINE V operator()(V a, V b) const {
    return hn::Add(a, b);
  }
};

struct GreatestLane {
  template <class V>
  HWY_INLINE V operator()(V a, V b) const {
    return hn::Max(a, b);
  }
};

/// Joins the four-lane blocks of a vector.
template <class Join, class D>
HWY_INLINE hn::Vec<hn::FixedTag<float, 4>> join_blocks(D, hn::Vec<D> v) {
  if constexpr (hn::MaxLanes(D()) == 4) {
    return v;
  } else {
    const hn::Half<D> half;
    return join_blocks<Join>(half, Join()(hn::LowerHalf(half, v), hn::UpperHalf(half, v)));
  }
}

template <class Join, class D>
HWY_INLINE hn::Vec<hn::FixedTag<float, 4>> join_lanes(D d, hn::Vec<D> v0, hn::Vec<D> v1, hn::Vec<D> v2,
                                                      hn::Vec<D> v3) {
  const hn::Repartition<uint64_t, D> pairs;
  const auto a = Join()(hn::InterleaveLower(d, v0, v1), hn::InterleaveUpper(d, v0, v1));
  const auto b = Join()(hn::InterleaveLower(d, v2, v3), hn::InterleaveUpper(d, v2, v3));
  const auto low = hn::InterleaveLower(pairs, hn::BitCast(pairs, a), hn::BitCast(pairs, b));
  const auto high = hn::InterleaveUpper(pairs, hn::BitCast(pairs, a), hn::BitCast(pairs, b));
  return join_blocks<Join>(d, Join()(hn::BitCast(d, low), hn::BitCast(d, high)));
}

/// Lane i: the sum of the lanes of vector i.
template <class D>
HWY_INLINE hn::Vec<hn::FixedTag<float, 4>> sums_of_lanes(D d, hn::Vec<D> v0, hn::Vec<D> v1, hn::Vec<D> v2,
                                                         hn::Vec<D> v3) {
  return join_lanes<LaneSum>(d, v0, v1, v2, v3);
}

/// Lane i: the greatest lane of vector i, which may be any where one is NaN.
template <class D>
HWY_INLINE hn::Vec<hn::FixedTag<float, 4>> greatest_lanes(D d, hn::Vec<D> v0, hn::Vec<D> v1, hn::Vec<D> v2,
                                                          hn::Vec<D> v3) {
  return join_lanes<GreatestLane>(d, v0, v1, v2, v3);
}

}  // namespace HWY_NAMESPACE
}  // namespace atlas::cpu
HWY_AFTER_NAMESPACE();
#endif
