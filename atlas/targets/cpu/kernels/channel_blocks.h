// Images between [batch, channels, spatial...] and the blocked layout [batch, channels / 16, spatial..., 16].
#pragma once

#include <cstddef>
#include <vector>

#include "atlas/base/thread_pool.h"
#include "atlas/targets/cpu/kernels/numbers.h"

namespace atlas::cpu {

/// Writes zeros into the lanes beyond the last channel.
void block_channels(size_t batch, size_t channels, size_t positions, const float* plain, float* blocked,
                    ThreadPool& pool);

void unblock_channels(size_t batch, size_t channels, size_t positions, const float* blocked, float* plain,
                      ThreadPool& pool);

/// One number for each lane of the blocks of `channels`: those of `values`, then zeros; zeros where that is
/// null.
std::vector<float> lanes_of(const float* values, size_t channels);

/// Writes the `channels` of one image behind the first `at` of another with as many positions, of the same
/// type; lanes before `at` are left as they are.
void append_channels(size_t channels, size_t positions, Numbers<const std::byte> from, size_t at,
                     Numbers<std::byte> to, ThreadPool& pool);

/// to[position * channels + channel] = from[channel * from_stride + position].
void interleave_channels(const float* from, size_t from_stride, size_t channels, size_t positions, float* to);

}  // namespace atlas::cpu
