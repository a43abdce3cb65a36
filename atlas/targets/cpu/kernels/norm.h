// Normalisations: by the statistics of a row, of a group of channels, or given ones.
#pragma once

#include <cstddef>

#include "atlas/base/thread_pool.h"

namespace atlas::cpu {

/// On each of `rows` rows of n: y = (x - mean) / sqrt(variance + epsilon) * scale[i] + bias[i]. Null scale or
/// bias are 1 and 0; `mean` and `inverse_deviation`, where not null, receive a value for each row. y may be
/// x.
void layer_norm(const float* x, float* y, size_t rows, size_t n, const float* scale, const float* bias,
                float epsilon, float* mean, float* inverse_deviation, ThreadPool& pool);

/// y = x / sqrt(mean of x^2 + epsilon) * scale[i], row by row. y may be x.
void rms_norm(const float* x, float* y, size_t rows, size_t n, const float* scale, float epsilon,
              ThreadPool& pool);

/// On [batch, channels, inner]: y = x * scale[c] + shift[c]. Inference with batch statistics is this with
/// scale = gamma / sqrt(variance + epsilon) and shift = beta - mean * scale. y may be x.
void channel_affine(const float* x, float* y, size_t batch, size_t channels, size_t inner, const float* scale,
                    const float* shift, ThreadPool& pool);

/// On [batch, channels, inner]: each of `groups` equal groups of channels is normalised by its own mean and
/// variance, then scaled by scale[c] and bias[c] (null: 1 and 0). groups = channels is instance
/// normalisation. y may be x.
void group_norm(const float* x, float* y, size_t batch, size_t channels, size_t inner, size_t groups,
                const float* scale, const float* bias, float epsilon, ThreadPool& pool);

}  // namespace atlas::cpu
