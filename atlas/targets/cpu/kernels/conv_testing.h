// What the tests of convolutions share.
#pragma once

#include <vector>

#include "atlas/targets/cpu/kernels/conv_shape.h"

namespace atlas::cpu {

/// The definition, in double.
inline std::vector<double> convolve(const ConvShape& s, const float* weights, const float* input) {
  const Spatial out = s.output();
  std::vector<double> result;
  for (size_t n = 0; n < s.batch; ++n)
    for (size_t m = 0; m < s.out_channels; ++m)
      for (size_t z = 0; z < out[0]; ++z)
        for (size_t y = 0; y < out[1]; ++y)
          for (size_t x = 0; x < out[2]; ++x) {
            double sum = 0;
            for (size_t c = 0; c < s.group_in(); ++c)
              for (size_t i = 0; i < s.kernel[0]; ++i)
                for (size_t j = 0; j < s.kernel[1]; ++j)
                  for (size_t k = 0; k < s.kernel[2]; ++k) {
                    // Coordinates before the input wrap round to huge ones and are outside too.
                    const size_t iz = z * s.stride[0] + i * s.dilation[0] - s.pad_begin[0];
                    const size_t iy = y * s.stride[1] + j * s.dilation[1] - s.pad_begin[1];
                    const size_t ix = x * s.stride[2] + k * s.dilation[2] - s.pad_begin[2];
                    if (iz >= s.input[0] || iy >= s.input[1] || ix >= s.input[2]) continue;
                    const size_t channel = n * s.in_channels + m / s.group_out() * s.group_in() + c;
                    const size_t weight =
                        (((m * s.group_in() + c) * s.kernel[0] + i) * s.kernel[1] + j) * s.kernel[2] + k;
                    sum += double(weights[weight]) *
                           input[((channel * s.input[0] + iz) * s.input[1] + iy) * s.input[2] + ix];
                  }
            result.push_back(sum);
          }
  return result;
}

}  // namespace atlas::cpu
